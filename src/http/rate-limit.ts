import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import type { FastifyInstance } from 'fastify';
import { Problem } from '../problems.js';

/**
 * At most so many requests in a second with one key; those without a valid one count by their address. Open
 * routes are left out, and those whose config says `rateLimit: false`. Each process counts for itself.
 */
export async function limitRates(app: FastifyInstance, perSecond: number): Promise<void> {
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
    if (scope === 'open' || own === false || request.is404) return;
    const rate = await count(request);
    if (!rate.isAllowed && rate.isExceeded) {
      throw new Problem('rate_limited', `There were more than ${perSecond} requests in this second.`, {
        retryAfterSeconds: Math.max(1, rate.ttlInSeconds),
      });
    }
  });
}
