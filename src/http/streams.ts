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
  /** How many may be open at once. */
  max: number;
  /** So many rows went out. */
  onRows: (operationId: string, rows: number) => void;
}

interface Place {
  /** Whose stream it is: a key, or an address without one. */
  holder: string;
  connection: Connection;
}

/** A reader that took nothing for so long must leave its place to another where there is none. */
const STALLED_MS = 10_000;

/** The streams that are being sent: each holds a page in memory for as long as its reader likes. */
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

  /** Takes a place until the answer or its connection is over. Throws 503 `overloaded` where there is none. */
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

  /** A stream of the holder of most streams, where the one who asks has less than its share. */
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

/** Before the handler of a route that answers with a stream: lets no more begin than there are places. */
export const enterStream: preHandlerHookHandler = (request, reply, done) => {
  request.server.streams.enter(request, reply);
  done();
};
