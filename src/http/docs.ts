import type { FastifyInstance } from 'fastify';
import { policy } from './pages.js';
import { serveText } from './static-text.js';

/** Serves the OpenAPI document without a key. The page that shows it at /docs is among the pages. */
export function serveDocument(app: FastifyInstance): void {
  const headers = { 'content-security-policy': policy() };
  serveText(app, '/docs/json', {
    type: 'application/json; charset=utf-8',
    headers,
    content: () => JSON.stringify(app.swagger()),
  });
  serveText(app, '/docs/yaml', {
    type: 'application/x-yaml',
    headers,
    content: () => app.swagger({ yaml: true }),
  });
}
