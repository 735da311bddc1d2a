import type { Socket } from 'node:net';
import type { FastifyReply, FastifyRequest, preHandlerHookHandler } from 'fastify';
import { unavailable } from '../problems.js';

declare module 'fastify' {
  interface FastifyInstance {
    streams: Streams;
  }
}

interface StreamOptions {
  /** How many may be open at once. */
  most: number;
  /** So many rows went out. */
  onRows: (operationId: string, rows: number) => void;
}

/** The streams that are being sent: each holds a page in memory for as long as its reader likes. */
export class Streams {
  readonly #most: number;
  /** By connection: node forgets answers that are still queued when their connection breaks. */
  readonly #bySocket = new Map<Socket, Set<FastifyReply>>();
  #open = 0;
  readonly sent: StreamOptions['onRows'];

  constructor({ most, onRows }: StreamOptions) {
    this.#most = most;
    this.sent = onRows;
  }

  get open(): number {
    return this.#open;
  }

  /** Takes a place until the answer or its connection is over. Throws 503 `overloaded` where there is none. */
  enter(request: FastifyRequest, reply: FastifyReply): void {
    const { socket } = request.raw;
    if (this.#open >= this.#most) throw unavailable('overloaded', 'Too many streams are open.');
    if (socket.destroyed) return;
    const here = this.#bySocket.get(socket) ?? this.#watch(socket);
    here.add(reply);
    this.#open++;
    reply.raw.once('close', () => {
      if (here.delete(reply)) this.#open--;
    });
  }

  #watch(socket: Socket): Set<FastifyReply> {
    const here = new Set<FastifyReply>();
    this.#bySocket.set(socket, here);
    socket.once('close', () => {
      this.#bySocket.delete(socket);
      this.#open -= here.size;
      here.clear();
    });
    return here;
  }
}

/** Before the handler of a route that answers with a stream: lets no more begin than there are places. */
export const enterStream: preHandlerHookHandler = (request, reply, done) => {
  request.server.streams.enter(request, reply);
  done();
};
