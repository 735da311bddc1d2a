import { once } from 'node:events';
import type { IncomingMessage, Server, ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.js';
import { clock } from './clock.js';
import { Connection } from './connection.js';
import { InTurns } from './in-turns.js';
import { NewConnections } from './new-connections.js';
import { createServer } from './node-http.js';
import { quietClose } from './quiet-close.js';
import { SMALL_BODY_BYTES } from './read-body.js';
import type { CutReason, Handle, Registry } from './registry.js';

declare module 'fastify' {
  interface FastifyInstance {
    connections: Connections;
  }
}

interface Options {
  /** Longest time in which a client reads nothing of its answer. */
  stallSeconds: number;
  /** Bytes of requests that all connections together may hold in memory. */
  maxReceivedBytes: number;
  /** Bytes of answers that the clients of all connections together may leave unread. */
  maxUnreadBytes: number;
  onCut: (reason: CutReason) => void;
}

const SWEEP_MS = 1000;

/** A body without progress in two sweeps has stalled. */
const STALLED_MS = 2 * SWEEP_MS;

/** Smaller answers fit the buffers of the system and are not counted. */
const SMALL_ANSWER_BYTES = 16 * 1024;

/** In one turn of the event loop Node reads up to 2 MiB from each socket. */
const BODIES_PER_TURN = 1;

/** Pipelined requests that are answered at once would otherwise follow each other in one turn, on all connections. */
const PIPELINED_PER_TURN = 32;

/** All connections of a server. It handles the requests of each in order, and cuts connections to save memory. */
export class Connections implements Registry<Connection> {
  readonly #options: Options;
  readonly #bySocket = new Map<Socket, Connection>();
  #received = 0;
  #unread = 0;
  readonly #new = new NewConnections();
  readonly #watchClose = quietClose((socket) => {
    const connection = this.#bySocket.get(socket);
    if (!connection) return;
    this.#bySocket.delete(socket);
    this.#new.drop(connection);
    connection.release();
  });
  /** Bodies that are resumed in turns, so that many large ones do not delay everybody else. */
  readonly bodies = new InTurns<IncomingMessage>(BODIES_PER_TURN, (body) => body.resume());
  readonly #pipelined = new InTurns<Connection>(PIPELINED_PER_TURN, (connection) => connection.beginNext());
  now = clock.now();
  handle: Handle = () => {};
  #serverOptions: ServerOptions = {};

  constructor(options: Options) {
    this.#options = options;
  }

  /** Creates the server. A request is handled after the answers before it on the connection are flushed. */
  serve(handle: Handle, options: ServerOptions): Server {
    this.handle = handle;
    this.#serverOptions = options;
    const take: Handle = (request, response) => {
      const connection = this.#bySocket.get(request.socket);
      if (connection?.isNew) {
        connection.isNew = false;
        this.#new.begin(connection);
      }
      connection?.take(request, response);
    };
    const server = createServer(options, take);
    // Node would drop headers after the 2,000th: the length of a body, a second Host. Their size is limited anyway.
    server.maxHeadersCount = 0;
    // Without these, Node itself sends 100 for requests that will be refused, and 417 without a body.
    server.on('checkContinue', take);
    server.on('checkExpectation', take);
    server.on('connection', (socket: Socket) => {
      const connection = new Connection(socket, this);
      this.#bySocket.set(socket, connection);
      this.#new.add(connection);
      this.#watchClose(socket);
    });
    server.on('timeout', (socket: Socket) => this.#bySocket.get(socket)?.timeOut());
    server.once('listening', () => {
      const sweep = setInterval(() => this.#sweep(), SWEEP_MS).unref();
      server.once('close', () => clearInterval(sweep));
    });
    return server;
  }

  /** localhost is two addresses: also listens on the other one, if this machine has it. */
  async listenOnBoth(main: Server): Promise<void> {
    const address = main.address();
    if (address === null || typeof address === 'string') return;
    const other = this.serve(this.handle, this.#serverOptions);
    for (const answer of main.listeners('clientError')) {
      other.on('clientError', (...error) => Reflect.apply(answer, other, error));
    }
    main.once('close', () => other.close());
    other.listen({ host: address.family === 'IPv6' ? '127.0.0.1' : '::1', port: address.port });
    await once(other, 'listening').catch(() => {});
  }

  of(request: IncomingMessage): Connection | undefined {
    return this.#bySocket.get(request.socket);
  }

  at(socket: Socket): Connection | undefined {
    return this.#bySocket.get(socket);
  }

  /** Node treats connections without any request as busy. Closing the server would wait for their timeout. */
  closeUnused(): void {
    for (const socket of this.#bySocket.keys()) if (socket.bytesRead === 0) socket.destroy();
  }

  /** Bytes that count against the budgets. */
  get load(): { received: number; unread: number } {
    return { received: this.#received, unread: this.#unread };
  }

  /**
   * A connection may take as much memory as it leaves for all others. So large bodies never take all of it from smaller
   * ones, however many there are.
   */
  hasRoomFor({ received }: Connection): boolean {
    return received <= Math.max(SMALL_BODY_BYTES, this.#options.maxReceivedBytes - this.#received);
  }

  countReceived(bytes: number, by: Connection): void {
    this.#received += bytes;
    while (bytes > 0 && !this.hasRoomFor(by)) {
      const stalled = this.#mostStalled((one) => one !== by && one.isReceiving && one.received > 0);
      if (!stalled || this.now - stalled.progressAt < STALLED_MS) return;
      this.cut(stalled, 'received');
    }
  }

  countUnread(bytes: number, by: Connection): void {
    this.#unread += bytes;
    while (bytes > 0 && this.#unread > this.#options.maxUnreadBytes) {
      const stalled = this.#mostStalled((one) => one !== by && one.isUnread && one.unread > 0);
      if (!stalled) return;
      this.cut(stalled, 'unread');
    }
  }

  cut(connection: Connection, reason: CutReason): void {
    this.#options.onCut(reason);
    connection.cut();
  }

  beginInTurn(connection: Connection): void {
    this.#pipelined.add(connection);
  }

  #mostStalled(isCandidate: (connection: Connection) => boolean): Connection | undefined {
    let most: Connection | undefined;
    for (const one of this.#bySocket.values()) {
      if ((!most || one.progressAt < most.progressAt) && isCandidate(one)) most = one;
    }
    return most;
  }

  #sweep(): void {
    this.now = clock.now();
    const stallMs = this.#options.stallSeconds * 1000;
    for (const connection of this.#bySocket.values()) connection.sweep(stallMs);
  }
}

/** The connections of one server, with the limits of the configuration. */
export function connectionsOf(config: Config, onCut: (reason: CutReason) => void): Connections {
  return new Connections({
    stallSeconds: config.ANSWER_STALL_SECONDS,
    maxReceivedBytes: config.RECEIVED_BUDGET_MIB * MIB,
    maxUnreadBytes: config.UNREAD_BUDGET_MIB * MIB,
    onCut,
  });
}

const MIB = 1024 * 1024;

/** Counts the answers of an app on its connections. */
export function watchConnections(app: FastifyInstance, connections: Connections): void {
  app.decorate('connections', connections);
  app.addHook('preClose', async () => connections.closeUnused());
  app.addHook('onSend', (request, _reply, payload, done) => {
    if (!isLarge(payload)) {
      done();
      return;
    }
    // Node keeps both a text and its bytes until they are read, but bytes only once.
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    connections.of(request.raw)?.setUnread(bytes.length);
    done(null, bytes);
  });
}

function isLarge(payload: unknown): payload is string | Buffer {
  return (typeof payload === 'string' || payload instanceof Buffer) && payload.length > SMALL_ANSWER_BYTES;
}
