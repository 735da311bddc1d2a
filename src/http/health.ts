import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { Health } from '../health.js';
import { Problem } from '../problems.js';
import { component } from '../schema.js';
import { describe } from './problem-details.js';
import { Checks, responses } from './responses.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Asked by machines all the time: logged at the level debug. */
    quiet?: boolean;
    /** Answered to anybody under any Host, and while closing too: orchestrators ask by address. */
    probe?: boolean;
  }
}

const Liveness = component('Liveness', Type.Object({ status: Type.Literal('alive') }));
const Readiness = component('Readiness', Type.Object({ status: Type.Literal('ready'), checks: Checks }));

/** What even these may refuse: what is no HTTP, and a body. */
const REFUSALS = [
  'invalid_request',
  'malformed_request',
  'request_timeout',
  'unsupported_media_type',
  'headers_too_large',
  'internal_error',
] as const;

const NO_STORE = { 'cache-control': 'no-store' };

/** The routes /livez and /readyz, and what tells clients to go elsewhere while this process drains. */
export function serveHealth(app: FastifyInstance, health: Health): void {
  app.route({
    method: 'GET',
    url: '/livez',
    config: { operationId: 'operations.live', quiet: true, probe: true, scope: 'open' },
    schema: {
      operationId: 'operations.live',
      tags: ['operations'],
      summary: 'Whether the process is alive',
      description: 'Asks nobody, the database least of all: restarting this process would not bring it back.',
      response: responses({ 200: { description: 'It is.', schema: Liveness } }, [], REFUSALS),
    },
    handler: async (_request, reply) => reply.headers(NO_STORE).send({ status: 'alive' }),
  });

  app.route({
    method: 'GET',
    url: '/readyz',
    config: { operationId: 'operations.ready', quiet: true, probe: true, scope: 'open' },
    schema: {
      operationId: 'operations.ready',
      tags: ['operations'],
      summary: 'Whether the process should be sent requests',
      description:
        'It should while the database answers and can be written, the schema is not older than the program, and ' +
        'the process is not draining. A lost listener is shown, and is no reason against it: jobs are then found ' +
        'within two seconds. Nor is a newer schema, so that replicas can be upgraded one after the other. ' +
        'The database is asked at most once a second and waited for less than one; where it says nothing, its last ' +
        'answer stands for five.',
      response: responses({ 200: { description: 'It should.', schema: Readiness } }, ['not_ready'], REFUSALS),
    },
    handler: async (request, reply) => {
      const { ready, checks } = await health.check();
      reply.headers(NO_STORE);
      if (ready) return reply.send({ status: 'ready', checks });
      // Not thrown: a probe that fails every second is no news, and health.ts has logged the change.
      const problem = new Problem('not_ready', 'See checks.');
      return reply
        .code(problem.status)
        .header('retry-after', '1')
        .type('application/problem+json; charset=utf-8')
        .send({ ...describe(problem, '/readyz', request.id), checks });
    },
  });

  app.addHook('onSend', (_request, reply, _payload, done) => {
    // Connections that are kept would be cut at the end, perhaps with a request on its way.
    if (health.isDraining()) reply.header('connection', 'close');
    done();
  });
}
