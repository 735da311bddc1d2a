import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { PAGE_HEADERS, pageFile } from './pages.js';

/** Everything comes from the service itself; the page's own inline styles are the one exception. */
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

/** For everybody: the page at /docs, and the document itself at /docs/json and /docs/yaml. */
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
        // Without the bar that opens other documents.
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
