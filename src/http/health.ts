import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { Health } from '../health.js';
import { Problem } from '../problems.js';
import { component } from '../schema.js';
import { describe } from './problem-details.js';
import { Checks } from './problem-schemas.js';
import { responses } from './responses.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Logged at the level debug, because machines ask all the time. */
    quiet?: boolean;
    /** Answered under any Host, because orchestrators ask by address, and also while closing. */
    probe?: boolean;
  }
}

const Liveness = component('Liveness', Type.Object({ status: Type.Literal('alive') }));
const Readiness = component('Readiness', Type.Object({ status: Type.Literal('ready'), checks: Checks }));

const NO_STORE = { 'cache-control': 'no-store' };

/** Serves /livez and /readyz. While the process drains, asks clients to open connections elsewhere. */
export function serveHealth(app: FastifyInstance, health: Health): void {
  app.route({
    method: 'GET',
    url: '/livez',
    config: { operationId: 'operations.live', quiet: true, probe: true, scope: 'open' },
    schema: {
      operationId: 'operations.live',
      tags: ['operations'],
      summary: 'Whether the process is alive',
      description: 'Does not ask the database, because a restart of this process would not repair it.',
      response: responses({ 200: { description: 'The process answers.', schema: Liveness } }, []),
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
        'Ready means: the database answers and is not read-only, the schema is not older than the program, and the ' +
        'process is not shutting down. The process stays ready if it receives no notifications, because it then finds ' +
        'jobs within two seconds, and with a newer schema, so that replicas can be upgraded one after the other. The ' +
        'database is asked at most once per second, with a deadline below a second; if it does not answer, its last ' +
        'answer is used for five seconds.',
      response: responses({ 200: { description: 'The process is ready.', schema: Readiness } }, [
        'not_ready',
      ]),
    },
    handler: async (request, reply) => {
      const { ready, checks } = await health.check();
      reply.headers(NO_STORE);
      if (ready) return reply.send({ status: 'ready', checks });
      // Not thrown, because thrown problems are logged each time. health.ts has logged the change.
      const problem = new Problem('not_ready', 'See checks.');
      return reply
        .code(problem.status)
        .header('retry-after', '1')
        .type('application/problem+json; charset=utf-8')
        .send({ ...describe(problem, '/readyz', request.id), checks });
    },
  });

  app.addHook('onSend', (_request, reply, _payload, done) => {
    // A kept connection would be cut at the end, perhaps while a request is on its way.
    if (health.isDraining()) reply.header('connection', 'close');
    done();
  });
}
