import Type from 'typebox';
import { createdOrExisting, ndjson, noContent, ok, rawJson } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import { pageQuery } from '../cursor.js';
import { lineOf, StreamLimit } from '../keyset.js';
import { ListLimit } from '../lists.js';
import { HASHES_BYTES, HashesBody } from '../read-several.js';
import { LOOKED_AT } from '../scanned-pages.js';
import { Hash, queueName, Variant } from '../values.js';
import type { HashesRepo } from './repo.js';
import {
  BlurhashBody,
  filters,
  HashLine,
  HashPage,
  HashRecord,
  IdentifierBody,
  IdentifierResults,
  Include,
  includedIn,
  MotionBody,
  NewFile,
  NewVariant,
  RemovedFiles,
  RemovedHash,
  Size,
  VariantRecord,
  Variants,
  VariantsResults,
  WholeHash,
} from './schema.js';

const route = routesOf<HashesRepo>();
const params = { hash: Hash };
const query = { variant: Variant };
const enqueue = queueName(
  'Pushes a job `{"Identifier":{"identifier":…}}` for each removed file to this queue, in the same transaction, so that ' +
    'no file is forgotten when the answer is lost.',
);
const replacing = {
  keep_details: Type.Optional(
    Type.Boolean({
      description:
        'true: the new file gets the details of the replaced one, unless it has some. Otherwise they are removed.',
    }),
  ),
  enqueue: Type.Optional(enqueue),
};
const removedFile = { removed: { identifiers: ['3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp'] } };

export const hashesRoutes = {
  size: route({
    method: 'GET',
    url: '/hashes/size',
    summary: 'How many hashes there are',
    description: 'Counts, or with `estimate` uses the statistics of the planner, in constant time.',
    query: {
      estimate: Type.Optional(Type.Boolean({ description: 'Fast, and accurate enough for a dashboard.' })),
    },
    answers: { 200: { description: 'The number.', schema: Size, example: { size: 1_200_345 } } },
    problems: [],
    handle: (repo, { query, clientGone }) => ok(repo.size(query.estimate ?? false, clientGone())),
  }),

  hashes: route({
    method: 'GET',
    url: '/hashes',
    summary: 'Stream all hashes',
    description:
      'In the order of their bytes, one JSON object per line. The last line is `{"end":true,"count":N}`, with `next` ' +
      'if `limit` left rows. A stream without this line was cut; `after` resumes it. Every hash that exists during the ' +
      'whole stream is sent exactly once. A slow reader holds no connection to the database.',
    query: { after: Type.Optional(Hash), limit: Type.Optional(StreamLimit) },
    answers: { 200: { description: 'The stream.', type: 'application/x-ndjson', schema: lineOf(HashLine) } },
    problems: [],
    stream: true,
    handle: async (repo, { query, clientGone }) =>
      ndjson(await repo.hashes({ ...query, signal: clientGone() })),
  }),

  hash: route({
    method: 'GET',
    url: '/hashes/{hash}',
    summary: 'The record of a hash',
    description:
      'Its files, its blurhash, the size of the original and the time of its creation; null for what is not known.',
    params,
    answers: { 200: { description: 'The hash.', schema: WholeHash } },
    problems: ['hash_not_found'],
    handle: (repo, { params }) => rawJson(repo.hash(params.hash)),
  }),

  page: route({
    method: 'GET',
    url: '/hashes/page',
    summary: 'The hashes, newest first',
    description:
      'A page of the hashes that were created before a time; or, with the `next` or `previous` of a page as `cursor`, ' +
      'the page after or before it. Cursors stay valid when hashes are removed. `include` adds to each hash its first 100 aliases ' +
      'and variants, and the details of its original. Filters can be combined: `format`, `without_alias`, `owner` ' +
      '(the hash has an alias of this owner, perhaps an expired one) and `since` (created at this time or later). ' +
      `With filters a page looks at ${LOOKED_AT} hashes at most, so it may have fewer than \`limit\`, or none, ` +
      'although there are more: go on while it has `next`. A cursor is valid only for the filters of its page; ' +
      '`before` and `limit` may change.',
    query: { ...pageQuery('hash'), ...filters, include: Type.Optional(Include) },
    answers: { 200: { description: 'The page, at most 8 MiB.', schema: HashPage } },
    problems: ['owner_too_long'],
    handle: (repo, { query, clientGone }) =>
      rawJson(repo.page({ ...query, signal: clientGone() }, includedIn(query.include))),
  }),

  create: route({
    method: 'PUT',
    url: '/hashes/{hash}',
    summary: 'Create a hash with its file',
    description:
      'With 409 `hash_already_exists`, `existing` names the file to keep; with `identifier_already_used` it names ' +
      'the owner of the file. A file has one owner, across originals, motion files and variants. The size of the ' +
      'file is not compared: if it is not known yet, it is filled in. A blocked content is refused with 403 ' +
      '`hash_blocked`, even if it exists already.',
    params,
    body: NewFile,
    answers: {
      201: { description: 'The hash is created.', schema: HashRecord },
      200: { description: 'It already existed, with the same identifier.', schema: HashRecord },
    },
    problems: [
      'hash_blocked',
      'hash_being_removed',
      'identifier_too_long',
      'hash_already_exists',
      'identifier_already_used',
      'identifier_condemned',
    ],
    handle: (repo, { params, body }) =>
      createdOrExisting(repo.create(params.hash, body.identifier, body.bytes)),
  }),

  updateIdentifier: route({
    method: 'PUT',
    url: '/hashes/{hash}/identifier',
    summary: 'Give a hash another file',
    description: 'For example after a move to another store. The answer names the previous file.',
    params,
    query: replacing,
    body: IdentifierBody,
    answers: { 200: { description: 'The hash has this file.', schema: RemovedFiles, example: removedFile } },
    problems: [
      'identifier_too_long',
      'queue_too_long',
      'hash_not_found',
      'identifier_already_used',
      'identifier_condemned',
    ],
    handle: (repo, { params, query, body }) => ok(repo.updateIdentifier(params.hash, body.identifier, query)),
  }),

  identifier: route({
    method: 'GET',
    url: '/hashes/{hash}/identifier',
    summary: 'The file of a hash',
    description: 'The identifier of the original.',
    params,
    answers: { 200: { description: 'The identifier.', schema: IdentifierBody } },
    problems: ['hash_not_found'],
    handle: (repo, { params }) => ok(repo.identifier(params.hash)),
  }),

  identifierMany: route({
    method: 'POST',
    scope: 'read',
    url: '/hashes/identifiers',
    summary: 'The files of several hashes',
    description: 'For up to 1,000 hashes, the identifiers of their originals, as by `hashes.identifier`.',
    body: HashesBody,
    bodyLimit: HASHES_BYTES,
    answers: { 200: { description: 'The results, at most 8 MiB.', schema: IdentifierResults } },
    problems: [],
    handle: (repo, { body, clientGone }) => rawJson(repo.identifierMany(body.hashes, clientGone())),
  }),

  relateVariantIdentifier: route({
    method: 'PUT',
    url: '/hashes/{hash}/variant',
    summary: 'Relate the file of a variant',
    description:
      'With 409 `variant_already_exists`, `existing` names the file to keep. The size of the file is not ' +
      'compared: if it is not known yet, it is filled in.',
    params,
    query,
    body: NewVariant,
    answers: {
      201: { description: 'The variant is related.', schema: VariantRecord },
      200: { description: 'It already existed, with the same identifier.', schema: VariantRecord },
    },
    problems: [
      'identifier_too_long',
      'variant_too_long',
      'hash_not_found',
      'variant_already_exists',
      'identifier_already_used',
      'identifier_condemned',
    ],
    handle: (repo, { params, query, body }) =>
      createdOrExisting(
        repo.relateVariantIdentifier(params.hash, query.variant, body.identifier, body.bytes),
      ),
  }),

  variantIdentifier: route({
    method: 'GET',
    url: '/hashes/{hash}/variant',
    summary: 'The file of a variant',
    description: 'The identifier of the processed file.',
    params,
    query,
    answers: { 200: { description: 'The identifier.', schema: IdentifierBody } },
    problems: ['variant_too_long', 'variant_not_found'],
    handle: (repo, { params, query }) => ok(repo.variantIdentifier(params.hash, query.variant)),
  }),

  variants: route({
    method: 'GET',
    url: '/hashes/{hash}/variants',
    summary: 'The variants of a hash',
    description:
      'In the order of their bytes; none for an unknown hash. If there are more than `limit`, the answer has ' +
      '`next`: send it as `after` to get the rest.',
    params,
    query: { after: Type.Optional(Variant), limit: Type.Optional(ListLimit) },
    answers: { 200: { description: 'The variants.', schema: Variants } },
    problems: ['variant_too_long'],
    handle: (repo, { params, query }) => ok(repo.variants(params.hash, query)),
  }),

  variantsMany: route({
    method: 'POST',
    scope: 'read',
    url: '/hashes/variants',
    summary: 'The variants of several hashes',
    description: 'For up to 1,000 hashes, the first 100 variants of each.',
    body: HashesBody,
    bodyLimit: HASHES_BYTES,
    answers: { 200: { description: 'The results, at most 8 MiB.', schema: VariantsResults } },
    problems: [],
    handle: (repo, { body }) => rawJson(repo.variantsMany(body.hashes)),
  }),

  removeVariant: route({
    method: 'DELETE',
    url: '/hashes/{hash}/variant',
    summary: 'Remove a variant',
    description:
      'Also removes its details and its access record. The answer names the file to delete, if there is one.',
    params,
    query,
    answers: {
      200: {
        description: 'There is no such variant now.',
        schema: RemovedFiles,
        example: { removed: { identifiers: ['b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp'] } },
      },
    },
    problems: ['variant_too_long'],
    handle: (repo, { params, query }) => ok(repo.removeVariant(params.hash, query.variant)),
  }),

  relateMotionIdentifier: route({
    method: 'PUT',
    url: '/hashes/{hash}/motion-identifier',
    summary: 'Relate the motion file of a hash',
    description: 'The moving file of a still content. It replaces an earlier one, which the answer names.',
    params,
    query: replacing,
    body: MotionBody,
    answers: {
      200: {
        description: 'The hash has this motion file.',
        schema: RemovedFiles,
        example: { removed: { identifiers: [] } },
      },
    },
    problems: [
      'identifier_too_long',
      'queue_too_long',
      'hash_not_found',
      'identifier_already_used',
      'identifier_condemned',
    ],
    handle: (repo, { params, query, body }) =>
      ok(repo.relateMotionIdentifier(params.hash, body.identifier, query)),
  }),

  motionIdentifier: route({
    method: 'GET',
    url: '/hashes/{hash}/motion-identifier',
    summary: 'The motion file of a hash',
    description: 'The identifier of the moving file.',
    params,
    answers: { 200: { description: 'The identifier.', schema: IdentifierBody } },
    problems: ['hash_not_found', 'motion_identifier_not_found'],
    handle: (repo, { params }) => ok(repo.motionIdentifier(params.hash)),
  }),

  relateBlurhash: route({
    method: 'PUT',
    url: '/hashes/{hash}/blurhash',
    summary: 'Relate the blurhash of a hash',
    description: 'It replaces an earlier one.',
    params,
    body: BlurhashBody,
    answers: { 204: { description: 'The hash has this blurhash.' } },
    problems: ['blurhash_too_long', 'hash_not_found'],
    handle: (repo, { params, body }) => noContent(repo.relateBlurhash(params.hash, body.blurhash)),
  }),

  blurhash: route({
    method: 'GET',
    url: '/hashes/{hash}/blurhash',
    summary: 'The blurhash of a hash',
    description: 'As it was related.',
    params,
    answers: { 200: { description: 'The blurhash.', schema: BlurhashBody } },
    problems: ['hash_not_found', 'blurhash_not_found'],
    handle: (repo, { params }) => ok(repo.blurhash(params.hash)),
  }),

  cleanup: route({
    method: 'DELETE',
    url: '/hashes/{hash}',
    summary: 'Remove a hash and everything that belongs to it',
    description:
      'Removes its variants, its aliases, their proxies and access records, and the details of its files. The ' +
      'answer names every file that may be deleted now. For an unknown hash the lists are empty. A hash with more ' +
      'than 1,000 aliases, variants, claims and proxies is removed in steps: it needs `enqueue`, the answer has ' +
      '`more`, and no read finds the hash any more.',
    params,
    query: {
      only_if_unreferenced: Type.Optional(
        Type.Boolean({ description: 'Refuses with 409 `hash_in_use` if the hash has an alias.' }),
      ),
      enqueue: Type.Optional(enqueue),
    },
    answers: {
      200: {
        description: 'No read finds the hash now.',
        schema: RemovedHash,
        example: {
          removed: {
            aliases: ['7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg'],
            variants: ['thumbnail/256/webp'],
            identifiers: ['3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp'],
          },
        },
      },
    },
    problems: ['queue_too_long', 'hash_in_use', 'enqueue_required'],
    handle: (repo, { params, query }) => ok(repo.cleanup(params.hash, query)),
  }),
} satisfies Record<keyof HashesRepo, Route<HashesRepo>>;
