import Type from 'typebox';
import { createdOrExisting, noContent, ok, rawJson, secret } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import { pageQuery } from '../cursor.js';
import { ListLimit } from '../lists.js';
import { HASHES_BYTES, HashesBody } from '../read-several.js';
import { Alias, Hash, Owner } from '../values.js';
import type { AliasesRepo } from './repo.js';
import {
  Aliases,
  AliasesResults,
  AliasPage,
  AliasRecord,
  ExpiryBody,
  HashOfAlias,
  NewAlias,
  OwnerBody,
  Token,
  WholeAlias,
} from './schema.js';

const route = routesOf<AliasesRepo>();

export const aliasesRoutes = {
  create: route({
    method: 'PUT',
    url: '/aliases/{alias}',
    summary: 'Create an alias of a hash',
    description:
      'Optionally with an owner and an expiry. A 409 names the hash, owner and expiry of the existing alias, but ' +
      'never its delete token. The name of an expired alias is still taken.',
    params: { alias: Alias },
    body: NewAlias,
    answers: {
      201: { description: 'The alias is created.', schema: AliasRecord },
      200: { description: 'It already existed, with the same values.', schema: AliasRecord },
    },
    problems: [
      'alias_too_long',
      'delete_token_too_long',
      'owner_too_long',
      'hash_not_found',
      'alias_already_exists',
      'hash_being_removed',
    ],
    handle: (repo, { params, body }) => secret(createdOrExisting(repo.create(params.alias, body))),
  }),

  deleteToken: route({
    method: 'GET',
    scope: 'write',
    url: '/aliases/{alias}/delete-token',
    summary: 'The delete token of an alias',
    description: 'A secret: the answer must not be cached.',
    params: { alias: Alias },
    answers: { 200: { description: 'The delete token.', schema: Token } },
    problems: ['alias_too_long', 'alias_not_found'],
    handle: (repo, { params }) => secret(ok(repo.deleteToken(params.alias))),
  }),

  hash: route({
    method: 'GET',
    url: '/aliases/{alias}/hash',
    summary: 'The hash of an alias',
    description: 'The first step of every view of an image.',
    params: { alias: Alias },
    answers: { 200: { description: 'The hash.', schema: HashOfAlias } },
    problems: ['alias_too_long', 'alias_not_found'],
    handle: (repo, { params }) => ok(repo.hash(params.alias)),
  }),

  forHash: route({
    method: 'GET',
    url: '/hashes/{hash}/aliases',
    summary: 'The aliases of a hash',
    description:
      'In the order of their bytes; none for an unknown hash. If there are more than `limit`, the answer has ' +
      '`next`: send it as `after` to get the rest. Expired aliases are left out, but count for the limit.',
    params: { hash: Hash },
    query: { after: Type.Optional(Alias), limit: Type.Optional(ListLimit) },
    answers: { 200: { description: 'The aliases.', schema: Aliases } },
    problems: ['alias_too_long'],
    handle: (repo, { params, query }) => ok(repo.forHash(params.hash, query)),
  }),

  forHashMany: route({
    method: 'POST',
    scope: 'read',
    url: '/hashes/aliases',
    summary: 'The aliases of several hashes',
    description: 'For up to 1,000 hashes, the first 100 aliases of each.',
    body: HashesBody,
    bodyLimit: HASHES_BYTES,
    answers: { 200: { description: 'The results, at most 8 MiB.', schema: AliasesResults } },
    problems: [],
    handle: (repo, { body, clientGone }) => rawJson(repo.forHashMany(body.hashes, clientGone())),
  }),

  alias: route({
    method: 'GET',
    url: '/aliases/{alias}',
    summary: 'The record of an alias',
    description: 'Everything but its delete token. An expired alias is found too, with `expired`.',
    params: { alias: Alias },
    answers: { 200: { description: 'The alias.', schema: WholeAlias } },
    problems: ['alias_too_long', 'alias_not_found'],
    handle: (repo, { params }) => rawJson(repo.alias(params.alias)),
  }),

  setOwner: route({
    method: 'PUT',
    url: '/aliases/{alias}/owner',
    summary: 'Set the owner of an alias',
    description: 'Null removes the owner.',
    params: { alias: Alias },
    body: OwnerBody,
    answers: { 204: { description: 'The alias has this owner.' } },
    problems: ['alias_too_long', 'owner_too_long', 'alias_not_found'],
    handle: (repo, { params, body }) => noContent(repo.setOwner(params.alias, body.owner)),
  }),

  setExpiry: route({
    method: 'PUT',
    url: '/aliases/{alias}/expiry',
    summary: 'Set the expiry of an alias',
    description:
      'After that time the alias is expired: all reads of it answer 404, except `aliases.alias` and ' +
      '`aliases.ofOwner`, and its name is still taken. A later time, or null for no expiry, makes it valid again. ' +
      'A past time ends it at once.',
    params: { alias: Alias },
    body: ExpiryBody,
    answers: { 204: { description: 'The alias has this expiry.' } },
    problems: ['alias_too_long', 'alias_not_found'],
    handle: (repo, { params, body }) => noContent(repo.setExpiry(params.alias, body.expires_at)),
  }),

  ofOwner: route({
    method: 'GET',
    url: '/aliases',
    summary: 'The aliases of an owner, newest first',
    description:
      'A page of the aliases that were created before a time; or, with the `next` or `previous` of a page as ' +
      '`cursor`, the page after or before it. Cursors stay valid when aliases are removed. Expired aliases are included, with `expired`.',
    query: { owner: Owner, ...pageQuery('alias') },
    answers: { 200: { description: 'The page, at most 8 MiB.', schema: AliasPage } },
    problems: ['owner_too_long'],
    handle: (repo, { query, clientGone }) =>
      rawJson(repo.ofOwner(query.owner, { ...query, signal: clientGone() })),
  }),

  cleanup: route({
    method: 'DELETE',
    url: '/aliases/{alias}',
    summary: 'Remove an alias',
    description: 'Also removes its URLs and its access record. Can be sent again.',
    params: { alias: Alias },
    answers: { 204: { description: 'There is no such alias now.' } },
    problems: ['alias_too_long'],
    handle: (repo, { params }) => noContent(repo.cleanup(params.alias)),
  }),
} satisfies Record<keyof AliasesRepo, Route<AliasesRepo>>;
