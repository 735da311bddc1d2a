import { hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';

/** Static files at the root of the package. */
const FOLDER = new URL('../../../pages/', import.meta.url);
/** The program of the console, which bundle.js makes of pages/console. */
const CONSOLE = new URL('../../pages/console.js', import.meta.url);

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The views of the console (pages/console/views.tsx): each has an address of its own. */
const VIEWS = [
  'queues',
  'queue',
  'job',
  'workers',
  'worker',
  'media',
  'content',
  'search',
  'usage',
  'report',
] as const;

/**
 * Allows no other origins, no inline code and no markup from strings: names and errors of jobs are untrusted.
 *
 * @param images an origin whose images may be shown
 */
const policy = (images = ''): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' ${images}`.trim(),
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

export function pageFile(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8');
}

/**
 * Serves the start page and the console, without a key. The console itself uses the API with a key.
 *
 * @param preview the URL of a file, with `{identifier}` in it, where the console shows pictures
 */
export function servePages(app: FastifyInstance, preview?: string): void {
  serve('/', 'index.html', pageFile('index.html'));
  // All links of the page begin with `../`, so that it works below the path of another server too.
  const page = pageFile('console.html').replace('content=""', () => `content="${attribute(preview ?? '')}"`);
  const images = preview === undefined ? '' : new URL(preview).origin;
  for (const view of VIEWS) serve(`/console/${view}`, 'console.html', page, policy(images));
  redirect('/console', 'console/queues');
  redirect('/console/', 'queues');
  // Its address until version 0.1.
  redirect('/queues', 'console/queues');
  serve('/pages/console.js', 'console.js', readFileSync(CONSOLE, 'utf8'));
  for (const name of readdirSync(FOLDER)) {
    if (name.endsWith('.html') || !TYPES[extname(name)]) continue;
    serve(`/pages/${name}`, name, pageFile(name));
  }

  function serve(url: string, name: string, content: string, csp = policy()): void {
    const etag = `"${hash('sha256', content, 'base64url')}"`;
    const headers = {
      ...PAGE_HEADERS,
      'content-security-policy': csp,
      'cache-control': 'no-cache',
      vary: 'accept-encoding',
      etag,
    };
    const type = TYPES[extname(name)] ?? 'application/octet-stream';
    let zipped: Buffer | undefined;
    app.get(url, { config: { scope: 'open' }, schema: { hide: true } }, async (request, reply) => {
      reply.headers(headers);
      if (request.headers['if-none-match'] === etag) return reply.code(304).send();
      reply.type(type);
      if (!/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) return reply.send(content);
      zipped ??= gzipSync(content);
      return reply.header('content-encoding', 'gzip').send(zipped);
    });
  }

  function redirect(from: string, to: string): void {
    app.get(from, { config: { scope: 'open' }, schema: { hide: true } }, async (_request, reply) =>
      reply.redirect(to),
    );
  }
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
