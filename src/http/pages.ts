import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { FastifyInstance } from 'fastify';

/** Static files at the root of the package. */
const FOLDER = new URL('../../../pages/', import.meta.url);

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Allows no other origins, no inline code and no markup from strings: names and errors of jobs are untrusted. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** The headers of every page. */
export const PAGE_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

const HEADERS = { ...PAGE_HEADERS, 'content-security-policy': POLICY, 'cache-control': 'no-cache' };

export function pageFile(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8');
}

/** Serves the start page and the page of the queues, without a key. The pages themselves use the API with a key. */
export function servePages(app: FastifyInstance): void {
  serve('/', 'index.html');
  serve('/queues', 'queues.html');
  for (const name of readdirSync(FOLDER)) {
    if (name.endsWith('.html') || !TYPES[extname(name)]) continue;
    serve(`/pages/${name}`, name);
  }

  function serve(url: string, name: string): void {
    const content = pageFile(name);
    const type = TYPES[extname(name)] ?? 'application/octet-stream';
    app.get(url, { config: { scope: 'open' }, schema: { hide: true } }, async (_request, reply) =>
      reply.headers(HEADERS).type(type).send(content),
    );
  }
}
