import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { Keyring } from '../keyring.js';
import { SCOPES } from '../keys.js';
import { component } from '../schema.js';
import { securityOf } from './openapi.js';
import { responses } from './responses.js';

const KeyInfo = component(
  'Key',
  Type.Object({
    name: Type.Union([Type.String({ examples: ['console'] }), Type.Null()], {
      description: 'As in the list of keys; null for a service without keys.',
    }),
    scope: Type.Enum([...SCOPES], {
      description: 'Each scope includes those before it.',
      examples: ['read'],
    }),
    expires_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'null for a key that does not expire.',
      examples: ['2027-01-01T00:00:00.000Z'],
    }),
  }),
);

/** Serves /key, so that a program can offer only what its key may do. */
export function serveKey(app: FastifyInstance, keyring: Keyring): void {
  app.route({
    method: 'GET',
    url: '/key',
    config: { operationId: 'operations.key', scope: 'read' },
    schema: {
      operationId: 'operations.key',
      security: securityOf('read'),
      tags: ['operations'],
      summary: 'What the key may do',
      description:
        'The name, scope and expiry of the key that the request was sent with. A service without keys answers `admin`.',
      response: responses({ 200: { description: 'The key.', schema: KeyInfo } }, []),
    },
    handler: async ({ key }, reply) => {
      const expires = key?.expires ?? Number.POSITIVE_INFINITY;
      return reply.header('cache-control', 'no-store').send({
        name: key?.name ?? null,
        scope: keyring.isOpen ? 'admin' : (key?.scope ?? 'read'),
        expires_at: Number.isFinite(expires) ? new Date(expires).toISOString() : null,
      });
    },
  });
}
