import { hash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';

/** The headers of every page. */
const PAGE_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

interface StaticText {
  type: string;
  headers: Record<string, string>;
  /** Called at the first request. */
  content: () => string;
}

/** Serves a text that never changes, without a key. It is compressed, and a client that has it already gets 304. */
export function serveText(app: FastifyInstance, url: string, { type, headers, content }: StaticText): void {
  let made: { text: string; headers: Record<string, string> } | undefined;
  let zipped: Buffer | undefined;
  app.get(url, { config: { scope: 'open' }, schema: { hide: true } }, async (request, reply) => {
    made ??= make();
    reply.headers(made.headers);
    if (request.headers['if-none-match'] === made.headers['etag']) return reply.code(304).send();
    reply.type(type);
    if (!/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) return reply.send(made.text);
    zipped ??= gzipSync(made.text);
    return reply.header('content-encoding', 'gzip').send(zipped);
  });

  function make() {
    const text = content();
    const etag = `"${hash('sha256', text, 'base64url')}"`;
    const common = { ...PAGE_HEADERS, 'cache-control': 'no-cache', vary: 'accept-encoding', etag };
    return { text, headers: { ...common, ...headers } };
  }
}
