import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest, preHandlerHookHandler } from 'fastify';
import { unavailable } from '../problems.js';
import type { Connection } from './connection.js';

declare module 'fastify' {
  interface FastifyInstance {
    streams: Streams;
  }
}

interface StreamOptions {
  /** Streams that may be open at once. */
  max: number;
  /** Called after rows were sent. */
  onRows: (operationId: string, rows: number) => void;
}

interface Place {
  /** Who reads the stream: a key, or an address without a key. */
  holder: string;
  connection: Connection;
}

/** A reader that has read nothing for this time loses its place if another one needs it. */
const STALLED_MS = 10_000;

/** The open streams. Their number is limited because each holds a page in memory until its reader continues. */
export class Streams {
  readonly #max: number;
  readonly #places = new Set<Place>();
  readonly sent: StreamOptions['onRows'];

  constructor({ max, onRows }: StreamOptions) {
    this.#max = max;
    this.sent = onRows;
  }

  get open(): number {
    return this.#places.size;
  }

  /** Takes a place until the answer or its connection ends. Throws 503 `overloaded` if there is none. */
  enter(request: FastifyRequest, reply: FastifyReply): void {
    const { connections } = request.server;
    const connection = connections.of(request.raw);
    if (!connection || connection.socket.destroyed) return;
    const holder = request.key ? `key ${request.key.name}` : normalizeIP(request.ip);
    if (this.#places.size >= this.#max) {
      const victim = this.#stalled(connections.now) ?? this.#beyondShare(holder);
      if (!victim) throw unavailable('overloaded', 'Too many streams are open.');
      this.#places.delete(victim);
      connections.cut(victim.connection, 'stream_place');
    }
    const place = { holder, connection };
    this.#places.add(place);
    connection.isStream = true;
    reply.raw.once('close', () => this.#places.delete(place));
  }

  #stalled(now: number): Place | undefined {
    const place = mostStalled([...this.#places].filter(({ connection }) => connection.isUnread));
    return place && now - place.connection.progressAt >= STALLED_MS ? place : undefined;
  }

  /** A stream of the holder with the most streams, if the asking holder has less than its share. */
  #beyondShare(asking: string): Place | undefined {
    const byHolder = new Map<string, Place[]>([[asking, []]]);
    for (const place of this.#places) {
      byHolder.set(place.holder, [...(byHolder.get(place.holder) ?? []), place]);
    }
    const share = this.#max / byHolder.size;
    const [largest = []] = [...byHolder.values()].sort((a, b) => b.length - a.length);
    const own = byHolder.get(asking)?.length ?? 0;
    return own + 1 <= share && largest.length > share ? mostStalled(largest) : undefined;
  }
}

function mostStalled([first, ...others]: Place[]): Place | undefined {
  let most = first;
  for (const one of others) {
    if (most && one.connection.progressAt < most.connection.progressAt) most = one;
  }
  return most;
}

/** The preHandler of routes that answer with a stream. */
export const enterStream: preHandlerHookHandler = (request, reply, done) => {
  request.server.streams.enter(request, reply);
  done();
};
