import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance } from 'fastify';
import { PAGE_HEADERS } from './pages.js';

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

/** The page brings dark colours, and wants to be told when. */
const FOLLOW_COLOR_SCHEME = `
const dark = matchMedia('(prefers-color-scheme: dark)');
const follow = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
dark.addEventListener('change', follow);
follow();
`;

/** No banner of another project, and the ground in the dark too. */
const STYLES = `
.swagger-ui .topbar { display: none; }
html.dark-mode, html.dark-mode body { background: #1c2022; }
`;

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
        docExpansion: 'list',
      },
      theme: {
        title: 'pict-repo',
        js: [{ filename: 'color-scheme.js', content: FOLLOW_COLOR_SCHEME }],
        css: [{ filename: 'pict-repo.css', content: STYLES }],
      },
    });
  });
}
