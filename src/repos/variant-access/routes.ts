import Type from 'typebox';
import { ndjson, noContent, ok } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import { AccessBody } from '../access.js';
import { lineOf, StreamLimit } from '../keyset.js';
import { Hash, Timestamp, Variant } from '../values.js';
import type { VariantAccessRepo } from './repo.js';
import { After, Contains, VariantAccess } from './schema.js';

const route = routesOf<VariantAccessRepo>();
const one = { params: { hash: Hash }, query: { variant: Variant } };

export const variantAccessRoutes = {
  accessed: route({
    method: 'PUT',
    url: '/hashes/{hash}/variant/access',
    summary: 'Record an access',
    description: 'Never moves the stored time backwards. No body means `{}`, and the time is now.',
    ...one,
    body: AccessBody,
    bodyKind: 'optional',
    answers: { 204: { description: 'The access is recorded.' } },
    problems: ['variant_too_long', 'variant_not_found'],
    handle: (repo, { params, query, body }) => noContent(repo.accessed(params.hash, query.variant, body.at)),
  }),

  containsVariant: route({
    method: 'GET',
    url: '/hashes/{hash}/variant/access',
    summary: 'Whether an access is stored, and when',
    description: 'Also false for a variant that was never requested.',
    ...one,
    answers: {
      200: {
        description: 'The answer.',
        schema: Contains,
        example: { contains: true, accessed: '2026-11-22T13:14:56.789012Z' },
      },
    },
    problems: ['variant_too_long'],
    handle: (repo, { params, query }) => ok(repo.containsVariant(params.hash, query.variant)),
  }),

  olderVariants: route({
    method: 'GET',
    url: '/variant-access',
    summary: 'Stream the variants last accessed before a time',
    description:
      'Strictly older ones, oldest first, one JSON object per line. The last line is `{"end":true,"count":N}`, with ' +
      '`next` if `limit` left rows. A stream without this line was cut; `after` resumes it.',
    query: { older_than: Timestamp, after: Type.Optional(After), limit: Type.Optional(StreamLimit) },
    answers: {
      200: { description: 'The stream.', type: 'application/x-ndjson', schema: lineOf(VariantAccess) },
    },
    problems: [],
    stream: true,
    handle: async (repo, { query, clientGone }) =>
      ndjson(await repo.olderVariants(query.older_than, { ...query, signal: clientGone() })),
  }),

  removeAccess: route({
    method: 'DELETE',
    url: '/hashes/{hash}/variant/access',
    summary: 'Forget the accesses',
    description: 'The variant stays. Can be sent again.',
    ...one,
    answers: { 204: { description: 'No access of the variant is stored now.' } },
    problems: ['variant_too_long'],
    handle: (repo, { params, query }) => noContent(repo.removeAccess(params.hash, query.variant)),
  }),
} satisfies Record<keyof VariantAccessRepo, Route<VariantAccessRepo>>;
