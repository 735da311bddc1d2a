import type { FastifyRequest } from 'fastify';
import { Problem } from '../problems.js';

/**
 * Refuses requests that a page of another origin makes a browser send (CSRF). Without keys, forms and `no-cors` requests
 * of any page would be accepted. Browsers name the origin in Origin and Sec-Fetch-Site; other programs send neither.
 *
 * @param allowed origins whose pages may send changes
 */
export function crossSiteRefusal(
  { headers }: FastifyRequest,
  allowed: ReadonlySet<string>,
): Problem | undefined {
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  if (origin === undefined && site === undefined) return undefined;
  if (origin !== undefined && allowed.has(origin)) return undefined;
  const isOwn = origin === undefined || origin === `http://${host.toLowerCase()}`;
  const isSaidOwn = site === undefined || site === 'same-origin' || site === 'none';
  if (isOwn && (isSaidOwn || (site === 'same-site' && origin !== undefined))) return undefined;
  return new Problem(
    'cross_site',
    'A page of another origin may change nothing while the service has no keys. ALLOWED_ORIGINS names exceptions.',
  );
}
