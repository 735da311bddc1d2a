import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import type { Keyring } from '../keyring.js';
import { Problem } from '../problems.js';

/**
 * Limits the requests per second of each key, or of each address without a valid key. Open routes are not limited, and
 * of routes with `rateLimit: false` only requests that lack a key. Each process counts for itself.
 */
export async function limitRates(app: FastifyInstance, perSecond: number, keyring: Keyring): Promise<void> {
  if (perSecond === 0) return;
  await app.register(rateLimit, {
    global: false,
    max: perSecond,
    timeWindow: 1000,
    keyGenerator: ({ key, ip }) => (key ? `key ${key.name}` : normalizeIP(ip)),
  });
  const count = app.createRateLimit();
  app.addHook('onRequest', async (request) => {
    const { scope, rateLimit: own } = request.routeOptions.config;
    if (scope === 'open' || request.is404) return;
    if (own === false && (keyring.isOpen || request.key)) return;
    const rate = await count(request);
    if (!rate.isAllowed && rate.isExceeded) {
      throw new Problem('rate_limited', `There were more than ${perSecond} requests in this second.`, {
        retryAfterSeconds: Math.max(1, rate.ttlInSeconds),
      });
    }
  });
}
