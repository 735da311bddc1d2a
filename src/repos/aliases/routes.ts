import { createdOrExisting, noContent, ok, secret } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import { Alias, Hash } from '../values.js';
import type { AliasesRepo } from './repo.js';
import { Aliases, AliasRecord, HashOfAlias, NewAlias, Token } from './schema.js';

const route = routesOf<AliasesRepo>();

export const aliasesRoutes = {
  create: route({
    method: 'PUT',
    url: '/aliases/{alias}',
    summary: 'Create an alias of a hash',
    description: 'A 409 names the hash of the existing alias, but never its delete token.',
    params: { alias: Alias },
    body: NewAlias,
    answers: {
      201: { description: 'The alias is created.', schema: AliasRecord },
      200: { description: 'It already existed, with the same hash and token.', schema: AliasRecord },
    },
    problems: [
      'alias_too_long',
      'delete_token_too_long',
      'hash_not_found',
      'alias_already_exists',
      'hash_being_removed',
    ],
    handle: (repo, { params, body }) =>
      secret(createdOrExisting(repo.create(params.alias, body.hash, body.delete_token))),
  }),

  deleteToken: route({
    method: 'GET',
    scope: 'write',
    url: '/aliases/{alias}/delete-token',
    summary: 'The delete token of an alias',
    description: 'A secret, which must not be cached.',
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
    description: 'In the order of their bytes; none for an unknown hash.',
    params: { hash: Hash },
    answers: { 200: { description: 'The aliases.', schema: Aliases } },
    problems: [],
    handle: (repo, { params }) => ok(repo.forHash(params.hash)),
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
