import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config.js';
import { Connection, type CutReason, type Registry } from './connection.js';

declare module 'fastify' {
  interface FastifyInstance {
    connections: Connections;
  }
}

interface Options {
  /** How long the client of an answer may take nothing of it. */
  stallSeconds: number;
  /** Bytes of all connections together: of requests that have come, and of answers that were not read. */
  mostReceived: number;
  mostUnread: number;
  onCut: (reason: CutReason) => void;
}

const SWEEP_MS = 1000;

/** A body that made no progress in two sweeps is stalled. */
const STALLED_MS = 2 * SWEEP_MS;

/** What the buffers of the system hold of an answer is not counted. */
const SMALL_ANSWER = 16 * 1024;

/** What sweeps take for the time, in milliseconds: tests set it forward. */
export const clock = { now: (): number => performance.now() };

/** All connections of a server: whose turn it is on each of them, and which are cut where memory is short. */
export class Connections implements Registry {
  readonly #options: Options;
  readonly #bySocket = new Map<Socket, Connection>();
  #received = 0;
  #unread = 0;
  readonly #toRead: IncomingMessage[] = [];
  now = clock.now();
  handle: Registry['handle'] = () => {};
  #serverOptions: ServerOptions = {};

  constructor(options: Options) {
    this.#options = options;
  }

  /** Makes the server. On each connection a request is handled when the answers before it are flushed. */
  serve(handle: Registry['handle'], options: ServerOptions): Server {
    this.handle = handle;
    this.#serverOptions = options;
    const take: Registry['handle'] = (request, response) =>
      this.#bySocket.get(request.socket)?.take(request, response);
    const server = createServer(options, take);
    // Node would ask for the body of a request that is refused, and answer an expectation without a body.
    server.on('checkContinue', take);
    server.on('checkExpectation', take);
    server.on('connection', (socket: Socket) => {
      const connection = new Connection(socket, this);
      this.#bySocket.set(socket, connection);
      socket.once('close', () => {
        this.#bySocket.delete(socket);
        connection.release();
      });
    });
    server.on('timeout', (socket: Socket) => this.#bySocket.get(socket)?.timeOut());
    server.once('listening', () => {
      const sweep = setInterval(() => this.#sweep(), SWEEP_MS).unref();
      server.once('close', () => clearInterval(sweep));
    });
    return server;
  }

  /** For localhost, which is two addresses: listens on the other one too, where this machine has it. */
  async listenOnBoth(main: Server): Promise<void> {
    const address = main.address();
    if (address === null || typeof address === 'string') return;
    const other = this.serve(this.handle, this.#serverOptions);
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

  /** Node counts connections that were never used as busy: its close would wait until their time is over. */
  closeUnused(): void {
    for (const socket of this.#bySocket.keys()) if (socket.bytesRead === 0) socket.destroy();
  }

  /** What the budgets count, in bytes. */
  get load(): { received: number; unread: number } {
    return { received: this.#received, unread: this.#unread };
  }

  get hasRoom(): boolean {
    return this.#received <= this.#options.mostReceived;
  }

  countReceived(bytes: number, by: Connection): void {
    this.#received += bytes;
    while (bytes > 0 && !this.hasRoom) {
      const stalled = this.#mostStalled((one) => one !== by && one.isReceiving && one.received > 0);
      if (!stalled || this.now - stalled.progressAt < STALLED_MS) return;
      this.cut(stalled, 'received');
    }
  }

  countUnread(bytes: number, by: Connection): void {
    this.#unread += bytes;
    while (bytes > 0 && this.#unread > this.#options.mostUnread) {
      const stalled = this.#mostStalled((one) => one !== by && one.isUnread && one.unread > 0);
      if (!stalled) return;
      this.cut(stalled, 'unread');
    }
  }

  cut(connection: Connection, reason: CutReason): void {
    this.#options.onCut(reason);
    connection.cut();
  }

  /**
   * Reads on from a body after others. Node reads 2 MiB of each socket in a turn of the event loop, and accepts one
   * connection in it: many large bodies would keep everybody else waiting.
   */
  readInTurn(body: IncomingMessage): void {
    this.#toRead.push(body);
    if (this.#toRead.length === 1) setImmediate(this.#readNext);
  }

  readonly #readNext = (): void => {
    this.#toRead.shift()?.resume();
    if (this.#toRead.length > 0) setImmediate(this.#readNext);
  };

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

/** The connections of one server, with the bounds that the configuration sets. */
export function connectionsOf(config: Config, onCut: (reason: CutReason) => void): Connections {
  return new Connections({
    stallSeconds: config.ANSWER_STALL_SECONDS,
    mostReceived: config.RECEIVED_BUDGET_MIB * MIB,
    mostUnread: config.UNREAD_BUDGET_MIB * MIB,
    onCut,
  });
}

const MIB = 1024 * 1024;

/** Tells the connections of an app what is sent on them. */
export function watchConnections(app: FastifyInstance, connections: Connections): void {
  app.decorate('connections', connections);
  app.addHook('preClose', async () => connections.closeUnused());
  app.addHook('onSend', (request, _reply, payload, done) => {
    const size = typeof payload === 'string' || payload instanceof Buffer ? payload.length : 0;
    if (size > SMALL_ANSWER) connections.of(request.raw)?.setUnread(size);
    done();
  });
}

/** True while more of a request's body is to come than will be here in a moment. */
export function isArriving({ complete, headers }: IncomingMessage): boolean {
  if (complete) return false;
  const { expect, 'transfer-encoding': encoding, 'content-length': length = '0' } = headers;
  return encoding !== undefined || Number(length) > MOMENT_BYTES || (expect !== undefined && length !== '0');
}

const MOMENT_BYTES = 64 * 1024;
