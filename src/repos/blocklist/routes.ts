import Type from 'typebox';
import { createdOrExisting, ndjson, noContent, ok } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import { Limit } from '../access.js';
import { lineOf } from '../keyset.js';
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
      'From now on `hashes.create` and `media.commitUpload` answer 403 `hash_blocked`, with the reason, to every hash that ' +
      'begins with this digest, also where the content is there already. Nothing is removed: `blocklist.standing` tells ' +
      'what stands, `report.clean` removes it. An upload that is committed at the same moment may stand too.',
    params,
    body: BlockBody,
    bodyKind: 'optional',
    answers: {
      201: { description: 'It is blocked now.', schema: BlockedHash },
      200: {
        description: 'It already was; another reason has replaced the one before.',
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
    query: { after: Type.Optional(Digest), limit: Type.Optional(Limit) },
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
    description: 'And since when.',
    params,
    answers: { 200: { description: 'It is blocked.', schema: BlockedHash } },
    problems: ['blocked_hash_not_found'],
    handle: (repo, { params }) => ok(repo.entry(params.digest)),
  }),

  standing: route({
    method: 'GET',
    url: '/blocked-hashes/{digest}/standing',
    summary: 'What stands of a content',
    description:
      'The contents whose hash begins with this digest, with their aliases, whether it is blocked or not. Where there are ' +
      'more than `limit`, `next` is `after` of the rest.',
    params,
    query: {
      after: Type.Optional(Hash),
      limit: Type.Optional(
        Type.Integer({
          minimum: 1,
          maximum: MAX_STANDING,
          description: `Maximum number of contents; ${MAX_STANDING} where nothing is said.`,
        }),
      ),
    },
    answers: { 200: { description: 'The contents.', schema: Standing } },
    problems: [],
    handle: (repo, { params, query, clientGone }) =>
      ok(repo.standing(params.digest, { ...query, signal: clientGone() })),
  }),
} satisfies Record<keyof BlocklistRepo, Route<BlocklistRepo>>;
