import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { serveText } from './static-text.js';

/** Static files at the root of the package. */
const FOLDER = new URL('../../../pages/', import.meta.url);
/** The programs of pages, which bundle.js makes of pages/console and pages/docs. */
const PROGRAMS = new URL('../../pages/', import.meta.url);

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
  'jobs',
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
export const policy = (images = ''): string =>
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

function pageFile(name: string): string {
  return readFileSync(new URL(name, FOLDER), 'utf8');
}

/**
 * Serves the start page, the console and the page of the API, without a key. They use the API with a key.
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
  serve('/docs', 'docs.html', pageFile('docs.html'));
  redirect('/docs/', '../docs');
  for (const name of ['console.js', 'docs.js']) {
    serve(`/pages/${name}`, name, readFileSync(new URL(name, PROGRAMS), 'utf8'));
  }
  for (const name of readdirSync(FOLDER)) {
    if (name.endsWith('.html') || !TYPES[extname(name)]) continue;
    serve(`/pages/${name}`, name, pageFile(name));
  }

  function serve(url: string, name: string, content: string, csp = policy()): void {
    serveText(app, url, {
      type: TYPES[extname(name)] ?? 'application/octet-stream',
      headers: { 'content-security-policy': csp },
      content: () => content,
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
