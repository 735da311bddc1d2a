import Type from 'typebox';
import { ndjson, noContent } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import { AccessBody } from '../access.js';
import { lineOf, StreamLimit } from '../keyset.js';
import { Alias, Timestamp } from '../values.js';
import type { AliasAccessRepo } from './repo.js';
import { After, AliasAccess } from './schema.js';

const route = routesOf<AliasAccessRepo>();

export const aliasAccessRoutes = {
  accessed: route({
    method: 'PUT',
    url: '/aliases/{alias}/access',
    summary: 'Record an access',
    description: 'Never moves the stored time backwards. No body means `{}`, and the time is now.',
    params: { alias: Alias },
    body: AccessBody,
    bodyKind: 'optional',
    answers: { 204: { description: 'The access is recorded.' } },
    problems: ['alias_too_long', 'alias_not_found'],
    handle: (repo, { params, body }) => noContent(repo.accessed(params.alias, body.at)),
  }),

  olderAliases: route({
    method: 'GET',
    url: '/alias-access',
    summary: 'Stream the aliases last accessed before a time',
    description:
      'Strictly older ones, oldest first, one JSON object per line. The last line is `{"end":true,"count":N}`, with ' +
      '`next` if `limit` left rows. A stream without this line was cut; `after` resumes it.',
    query: { older_than: Timestamp, after: Type.Optional(After), limit: Type.Optional(StreamLimit) },
    answers: {
      200: { description: 'The stream.', type: 'application/x-ndjson', schema: lineOf(AliasAccess) },
    },
    problems: [],
    stream: true,
    handle: async (repo, { query, clientGone }) =>
      ndjson(await repo.olderAliases(query.older_than, { ...query, signal: clientGone() })),
  }),

  removeAccess: route({
    method: 'DELETE',
    url: '/aliases/{alias}/access',
    summary: 'Forget the accesses',
    description: 'The alias stays. Can be sent again.',
    params: { alias: Alias },
    answers: { 204: { description: 'No access of the alias is stored now.' } },
    problems: ['alias_too_long'],
    handle: (repo, { params }) => noContent(repo.removeAccess(params.alias)),
  }),
} satisfies Record<keyof AliasAccessRepo, Route<AliasAccessRepo>>;
