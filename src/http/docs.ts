import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { PAGE_HEADERS, pageFile } from './pages.js';

/** Everything is loaded from the service itself. Only the page's own inline styles are an exception. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Serves the page at /docs, and the document at /docs/json and /docs/yaml, without a key. */
export async function serveDocs(app: FastifyInstance): Promise<void> {
  await app.register(async (docs) => {
    docs.addHook('onRoute', (route) => {
      route.config = { ...route.config, scope: 'open' };
    });
    docs.addHook('onRequest', (_request, reply, done) => {
      reply.headers(PAGE_HEADERS);
      done();
    });
    await docs.register(swaggerUi, {
      routePrefix: '/docs',
      staticCSP: POLICY,
      uiConfig: {
        validatorUrl: null,
        deepLinking: true,
        displayRequestDuration: true,
        tryItOutEnabled: true,
        displayOperationId: true,
        docExpansion: 'list',
        // Has no bar for opening other documents.
        layout: 'BaseLayout',
        defaultModelsExpandDepth: 0,
      },
      theme: {
        title: 'API · pict-repo',
        css: ['theme.css', 'docs.css'].map(file),
        js: [file('docs.js')],
        favicon: [{ ...file('icon.svg'), rel: 'icon', sizes: 'any', type: 'image/svg+xml' }],
      },
    });
  });
}

function file(filename: string): { filename: string; content: string } {
  return { filename, content: pageFile(filename) };
}
