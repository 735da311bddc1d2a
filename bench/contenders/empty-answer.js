import Fastify from 'fastify';

// What HTTP alone costs with the service's framework: a route that sends as many bytes, and knows them already.
const app = Fastify();
const answer = process.env.ANSWER ?? '';
const string = { type: 'string' };
const querystring = { type: 'object', properties: { alias: string, variant: string }, required: ['alias'] };
app.get('/v1/media', { schema: { querystring } }, async (_request, reply) =>
  reply.type('application/json; charset=utf-8').send(answer),
);
process.on('SIGINT', () => {});
process.on('SIGTERM', () => process.exit(0));
await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
