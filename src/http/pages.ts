import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';

/** Served as they stand there: no build step. */
const FOLDER = fileURLToPath(new URL('../../../pages', import.meta.url));
const FILES = ['queues.css', 'queues.js', 'api.js', 'rows.js', 'dead.js'];
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** For all pages of ours: no other site may frame them, and none hears where a visitor came from. */
export const PAGE_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The live page of the queues at /queues: for everybody, as the API that it calls wants the keys. */
export function servePages(app: FastifyInstance): void {
  const hidden = { config: { scope: 'open' }, schema: { hide: true } } as const;
  app.get('/', hidden, async (_request, reply) => reply.redirect('/queues'));
  serve('/queues', 'queues.html');
  for (const file of FILES) serve(`/queues/${file}`, file);

  function serve(url: string, file: string): void {
    const content = readFileSync(join(FOLDER, file));
    const headers = {
      ...PAGE_HEADERS,
      'content-security-policy': POLICY,
      'cache-control': 'no-cache',
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    };
    app.get(url, hidden, async (_request, reply) => reply.headers(headers).send(content));
  }
}
