import { noContent, rawJson } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import { HASHES_BYTES, HashesBody } from '../read-several.js';
import { Identifier } from '../values.js';
import type { DetailsRepo } from './repo.js';
import { DETAILS_BYTES, Details, DetailsResults } from './schema.js';

const route = routesOf<DetailsRepo>();

export const detailsRoutes = {
  relateDetails: route({
    method: 'PUT',
    url: '/details',
    summary: 'Relate details to a file',
    description: 'The body is the details. The file need not be related to a hash yet. The last write wins.',
    query: { identifier: Identifier },
    body: Details,
    bodyLimit: [DETAILS_BYTES, 'details_too_large'],
    answers: { 204: { description: 'The details are stored.' } },
    problems: ['identifier_too_long'],
    handle: (repo, { query, bodyText }) => noContent(repo.relateDetails(query.identifier, bodyText)),
  }),

  details: route({
    method: 'GET',
    url: '/details',
    summary: 'The details of a file',
    description: 'Byte for byte as they were stored, including spaces, the order of keys and long numbers.',
    query: { identifier: Identifier },
    answers: { 200: { description: 'The details.', schema: Details } },
    problems: ['identifier_too_long', 'details_not_found'],
    handle: (repo, { query }) => rawJson(repo.details(query.identifier)),
  }),

  forHashMany: route({
    method: 'POST',
    scope: 'read',
    url: '/hashes/details',
    summary: 'The details of the originals of several hashes',
    description: 'For up to 1,000 hashes, each byte for byte as it was stored.',
    body: HashesBody,
    bodyLimit: HASHES_BYTES,
    answers: { 200: { description: 'The results, at most 8 MiB.', schema: DetailsResults } },
    problems: [],
    handle: (repo, { body, clientGone }) => rawJson(repo.forHashMany(body.hashes, clientGone())),
  }),

  cleanup: route({
    method: 'DELETE',
    url: '/details',
    summary: 'Remove the details of a file',
    description: 'Can be sent again. Removing a hash or a variant also removes its details.',
    query: { identifier: Identifier },
    answers: { 204: { description: 'There are no details of the file now.' } },
    problems: ['identifier_too_long'],
    handle: (repo, { query }) => noContent(repo.cleanup(query.identifier)),
  }),
} satisfies Record<keyof DetailsRepo, Route<DetailsRepo>>;
