import Type from 'typebox';
import { createdOrExisting, ndjson, noContent, ok } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import { lineOf, StreamLimit } from '../keyset.js';
import { Hash } from '../values.js';
import type { BlocklistRepo } from './repo.js';
import { BlockBody, BlockedHash, Digest, MAX_STANDING, Standing } from './schema.js';

const route = routesOf<BlocklistRepo>();
const params = { digest: Digest };

export const blocklistRoutes = {
  block: route({
    method: 'PUT',
    scope: 'admin',
    url: '/blocked-hashes/{digest}',
    summary: 'Block a content',
    description:
      'From now on `hashes.create` and `media.commitUpload` answer 403 `hash_blocked`, with the reason, to every ' +
      'hash that begins with this digest, even if the content exists already. Nothing is removed: ' +
      '`blocklist.standing` lists the existing contents, and `report.clean` removes them. An upload that is ' +
      'committed at the same moment may still succeed.',
    params,
    body: BlockBody,
    bodyKind: 'optional',
    answers: {
      201: { description: 'It is blocked now.', schema: BlockedHash },
      200: {
        description: 'It was blocked already; a new reason replaces the old one.',
        schema: BlockedHash,
      },
    },
    problems: ['reason_too_long'],
    handle: (repo, { params, body }) => createdOrExisting(repo.block(params.digest, body.reason)),
  }),

  unblock: route({
    method: 'DELETE',
    scope: 'admin',
    url: '/blocked-hashes/{digest}',
    summary: 'Unblock a content',
    description: 'Can be sent again.',
    params,
    answers: { 204: { description: 'It is not blocked now.' } },
    problems: [],
    handle: (repo, { params }) => noContent(repo.unblock(params.digest)),
  }),

  blocked: route({
    method: 'GET',
    url: '/blocked-hashes',
    summary: 'Stream the blocked contents',
    description:
      'In the order of their digests, one JSON object per line. The last line is `{"end":true,"count":N}`, with `next` ' +
      'if `limit` left rows.',
    query: { after: Type.Optional(Digest), limit: Type.Optional(StreamLimit) },
    answers: {
      200: { description: 'The stream.', type: 'application/x-ndjson', schema: lineOf(BlockedHash) },
    },
    problems: [],
    stream: true,
    handle: async (repo, { query, clientGone }) =>
      ndjson(await repo.blocked({ ...query, signal: clientGone() })),
  }),

  entry: route({
    method: 'GET',
    url: '/blocked-hashes/{digest}',
    summary: 'Why a content is blocked',
    description: 'The reason for the block, and its time.',
    params,
    answers: { 200: { description: 'It is blocked.', schema: BlockedHash } },
    problems: ['blocked_hash_not_found'],
    handle: (repo, { params }) => ok(repo.entry(params.digest)),
  }),

  standing: route({
    method: 'GET',
    url: '/blocked-hashes/{digest}/standing',
    summary: 'The existing contents with a digest',
    description:
      'The contents whose hash begins with this digest, with their aliases, whether the digest is blocked or not. ' +
      'If there are more than `limit`, the answer has `next`: send it as `after` to get the rest.',
    params,
    query: {
      after: Type.Optional(Hash),
      limit: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: MAX_STANDING,
          description: `Maximum number of contents; by default ${MAX_STANDING}.`,
        }),
      ),
    },
    answers: { 200: { description: 'The contents.', schema: Standing } },
    problems: [],
    handle: (repo, { params, query, clientGone }) =>
      ok(repo.standing(params.digest, { ...query, signal: clientGone() })),
  }),
} satisfies Record<keyof BlocklistRepo, Route<BlocklistRepo>>;
