import { createdOrExisting, ok, rawJson, revalidated } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import { Problem } from '../../problems.js';
import { Alias, Hash } from '../values.js';
import type { MediaRepo } from './repo.js';
import {
  Committed,
  Content,
  ExpiryBody,
  Findings,
  IMAGES_BYTES,
  Image,
  ImageResults,
  Images,
  imageQuery,
  Name,
  namesOneImage,
  ONE_IMAGE,
  OwnerRelease,
  Pass,
  Release,
  Released,
  UPLOAD_BYTES,
  UploadBody,
} from './schema.js';

const route = routesOf<MediaRepo>();

const removed = {
  aliases: ['7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg'],
  hashes: ['b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c'],
  variants: [
    {
      hash: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
      variant: 'thumbnail/256/webp',
    },
  ],
  identifiers: ['3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp'],
};
const pass = {
  200: {
    description: 'What this pass has removed.',
    schema: Pass,
    example: { removed, more: false },
  },
};
const IN_PASSES =
  'A pass removes no more than `limit`; ask again while the answer says `more`. The answer names every file that may be ' +
  'deleted now.';
const IN_STEPS =
  'A content with more than 1,000 variants and URLs needs `enqueue`, and goes in steps afterwards.';
const WITH_ALIASES =
  'An alias goes with its URLs and accesses, and with the last alias of a content the content, its variants and details.';

export const mediaRoutes = {
  resolve: route({
    method: 'GET',
    url: '/media',
    summary: 'Everything that serving an image needs',
    description:
      'In place of `aliases.hash` or `proxies.related`, `hashes.identifier`, `details.details` and ' +
      '`hashes.variantIdentifier`. By `alias` or by `url`. A variant that does not exist is null, so that one request ' +
      'tells that it must be made. With `If-None-Match` the answer is 304 while nothing has changed.',
    query: imageQuery,
    answers: {
      200: { description: 'The image.', schema: Image },
      304: { description: 'It is what the client has.' },
    },
    problems: [
      'alias_too_long',
      'url_too_long',
      'variant_too_long',
      'insufficient_scope',
      'cross_site',
      'alias_not_found',
      'proxy_not_found',
    ],
    handle: (repo, { query: { record_access = false, ...key }, headers, isHead, demand }) => {
      if (!namesOneImage(key)) {
        const errors = [{ path: '/query', reason: ONE_IMAGE }];
        throw new Problem('invalid_request', `The query ${ONE_IMAGE}.`, { errors });
      }
      if (record_access) demand('write');
      return revalidated(repo.resolve(key, { recordsAccess: record_access && !isHead }), headers);
    },
  }),

  resolveMany: route({
    method: 'POST',
    scope: 'read',
    url: '/media/resolve',
    summary: 'Everything that serving several images needs',
    description: 'For up to 1,000 images, as `media.resolve` tells one. Notes no access.',
    body: Images,
    bodyLimit: IMAGES_BYTES,
    answers: { 200: { description: 'The results, at most 8 MiB.', schema: ImageResults } },
    problems: ['alias_too_long', 'url_too_long', 'variant_too_long'],
    handle: (repo, { body }) => rawJson(repo.resolveMany(body.items)),
  }),

  content: route({
    method: 'GET',
    url: '/hashes/{hash}/content',
    summary: 'A content with all that hangs on it',
    description:
      'For people who look after the media: the files, details, aliases with their owners, URLs and last accesses, and ' +
      'variants with their last accesses. At most 100 aliases and variants; `aliases.forHash` and `hashes.variants` ' +
      'list all.',
    params: { hash: Hash },
    answers: { 200: { description: 'The content.', schema: Content } },
    problems: ['hash_not_found'],
    handle: (repo, { params }) => rawJson(repo.content(params.hash)),
  }),

  find: route({
    method: 'GET',
    url: '/find',
    summary: 'What a name names',
    description:
      'For people who have a name and do not know what it is of: aliases, expired ones too, hashes, also by their ' +
      'beginning, such as the SHA-256 of a file, proxied URLs, identifiers of files, and owners. Names are whole and in ' +
      'their case, apart from hashes. Nothing found is an empty list.',
    query: { name: Name },
    answers: { 200: { description: 'What was found, perhaps nothing.', schema: Findings } },
    problems: ['name_too_long'],
    handle: (repo, { query }) => ok(repo.find(query.name)),
  }),

  commitUpload: route({
    method: 'PUT',
    url: '/media/{alias}',
    summary: 'Commit an upload: content, details, alias and URL',
    description:
      'In place of `hashes.create`, `details.relateDetails`, `aliases.create` and `proxies.relateUrl`; either all of it is ' +
      'there afterwards, or nothing. Where the same content stands, the answer has its file, `unneeded` names what was ' +
      'uploaded in vain, and what was not known of the content is filled in. A file that was uploaded in vain is ' +
      'condemned, also with 409 `alias_already_exists` and `proxy_already_exists` and 403 `hash_blocked`, unless somebody owns it. Sent again it ' +
      'changes nothing. With `proxy_url` an access of the alias is noted. An alias cannot be named `resolve`, ' +
      '`release-owner`, `expire-variants`, `expire-proxied` or `expire-aliases` here (405), because these are other paths.',
    params: { alias: Alias },
    body: UploadBody,
    bodyLimit: UPLOAD_BYTES,
    answers: {
      201: { description: 'The alias is created.', schema: Committed },
      200: { description: 'It already existed, with this content and token.', schema: Committed },
    },
    problems: [
      'alias_too_long',
      'identifier_too_long',
      'delete_token_too_long',
      'blurhash_too_long',
      'owner_too_long',
      'url_too_long',
      'queue_too_long',
      'hash_blocked',
      'alias_already_exists',
      'proxy_already_exists',
      'identifier_already_used',
      'identifier_condemned',
      'hash_being_removed',
    ],
    handle: (repo, { params, body: { enqueue, ...upload } }) =>
      createdOrExisting(repo.commitUpload(params.alias, upload, enqueue)),
  }),

  releaseAlias: route({
    method: 'POST',
    url: '/media/{alias}/release',
    summary: 'Release an alias, and with the last one its content',
    description:
      'Removes the alias, its URLs and its access record. Was it the last alias, then the content goes too, with its ' +
      'variants and details, and the answer names every file that may be deleted now. Can be sent again: where there is no ' +
      'such alias any more, the lists are empty. ' +
      IN_STEPS,
    params: { alias: Alias },
    body: Release,
    answers: {
      200: { description: 'There is no such alias now.', schema: Released, example: { removed } },
    },
    problems: [
      'alias_too_long',
      'delete_token_too_long',
      'queue_too_long',
      'invalid_delete_token',
      'enqueue_required',
    ],
    handle: (repo, { params, body, demand }) => {
      if (body.force) demand('admin');
      return ok(repo.releaseAlias(params.alias, body.delete_token, body.enqueue));
    },
  }),

  releaseOwner: route({
    method: 'POST',
    scope: 'admin',
    url: '/media/release-owner',
    summary: 'Release the aliases of an owner',
    description: `The oldest first. ${WITH_ALIASES} ${IN_PASSES} ${IN_STEPS}`,
    body: OwnerRelease,
    answers: pass,
    problems: ['owner_too_long', 'queue_too_long', 'enqueue_required'],
    handle: (repo, { body }) => ok(repo.releaseOwner(body)),
  }),

  expireVariants: route({
    method: 'POST',
    scope: 'admin',
    url: '/media/expire-variants',
    summary: 'Remove variants that were not accessed for long',
    description:
      'Those whose last access was before `older_than`, the oldest first. One that was never accessed is counted from ' +
      'its making. As accesses are written a little later, a time of the last seconds counts as one before them ' +
      `(\`ACCESS_GRANULARITY_SECONDS\` and ten more). ${IN_PASSES}`,
    body: ExpiryBody,
    answers: pass,
    problems: ['queue_too_long'],
    handle: (repo, { body }) => ok(repo.expireVariants(body)),
  }),

  expireProxied: route({
    method: 'POST',
    scope: 'admin',
    url: '/media/expire-proxied',
    summary: 'Release aliases of proxied URLs that were not accessed for long',
    description:
      'Those whose last access was before `older_than`, the oldest first. One that was never accessed is counted from ' +
      `when its URL was related. ${WITH_ALIASES} ${IN_PASSES} ${IN_STEPS}`,
    body: ExpiryBody,
    answers: pass,
    problems: ['queue_too_long', 'enqueue_required'],
    handle: (repo, { body }) => ok(repo.expireProxied(body)),
  }),

  expireAliases: route({
    method: 'POST',
    scope: 'admin',
    url: '/media/expire-aliases',
    summary: 'Release aliases whose time is over',
    description: `Those whose \`expires_at\` was before \`older_than\`, the oldest first. ${WITH_ALIASES} ${IN_PASSES} ${IN_STEPS}`,
    body: ExpiryBody,
    answers: pass,
    problems: ['queue_too_long', 'enqueue_required'],
    handle: (repo, { body }) => ok(repo.expireAliases(body)),
  }),
} satisfies Record<keyof MediaRepo, Route<MediaRepo>>;
