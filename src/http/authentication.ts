import type { FastifyInstance } from 'fastify';
import type { Keyring } from '../keyring.js';
import { type Key, SCOPES, type Scope } from '../keys.js';
import { Problem } from '../problems.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope that a key needs for the route; admin if the route sets none. */
    scope?: Scope | 'open';
  }
  interface FastifyRequest {
    key: Key | undefined;
  }
  interface FastifyInstance {
    /** Why the request may not do what needs this scope. */
    scopeRefusal: (request: FastifyRequest, scope: Scope) => Problem | undefined;
  }
}

/** RFC 6750. */
const BEARER = /^bearer +([\w.~+/-]+=*) *$/i;

/**
 * Finds the key of each request, for later hooks and the log. A missing or malformed key takes the same path as a wrong
 * one, so that the time reveals nothing.
 */
export function identifyKeys(app: FastifyInstance, keyring: Keyring): void {
  app.decorateRequest('key', undefined);
  if (keyring.isOpen) return;
  app.addHook('onRequest', (request, _reply, done) => {
    const [, given = ''] = BEARER.exec(request.headers.authorization ?? '') ?? [];
    request.key = keyring.find(given);
    done();
  });
}

/** Refuses keys without the scope that the route needs, before the body is read. */
export function demandScopes(app: FastifyInstance, keyring: Keyring): void {
  app.decorate('scopeRefusal', (request, scope) =>
    keyring.isOpen ? undefined : refusalOf(request.key, scope, request.headers.authorization),
  );
  if (keyring.isOpen) return;
  app.addHook('onRequest', (request, _reply, done) => {
    const { scope = 'admin' } = request.routeOptions.config;
    if (scope === 'open' || request.is404) done();
    else done(refusalOf(request.key, scope, request.headers.authorization));
  });
}

function refusalOf(key: Key | undefined, needed: Scope, authorization = ''): Problem | undefined {
  if (!key && !/^bearer /i.test(authorization)) {
    return new Problem('missing_key', 'The header "Authorization: Bearer <key>" is missing.', {
      challenge: CHALLENGE,
    });
  }
  if (!key) {
    return new Problem('invalid_key', 'The key is unknown or has expired.', {
      challenge: `${CHALLENGE}, error="invalid_token"`,
    });
  }
  if (SCOPES.indexOf(key.scope) >= SCOPES.indexOf(needed)) return undefined;
  return new Problem(
    'insufficient_scope',
    `This needs a key for ${needed}; the key given is for ${key.scope}.`,
    {
      challenge: `${CHALLENGE}, error="insufficient_scope", scope="${needed}"`,
    },
  );
}

const CHALLENGE = 'Bearer realm="pict-repo"';
