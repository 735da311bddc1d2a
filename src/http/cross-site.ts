import type { FastifyRequest } from 'fastify';
import { Problem } from '../problems.js';

/**
 * Refuses what a page of another origin has its reader's browser send. Without keys nothing else tells the page
 * from the reader, and forms and `no-cors` requests get here from every page. Browsers say in Origin and
 * Sec-Fetch-Site where a request is from; other programs send neither.
 *
 * @param allowed origins that may change something all the same
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
