import Fastify from 'fastify';

// What HTTP alone costs with the service's framework: a route that parses JSON and does nothing.
const app = Fastify();
app.post('/v1/queues/:queue/jobs', async () => ({ ok: true }));
process.on('SIGINT', () => {});
process.on('SIGTERM', () => process.exit(0));
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
