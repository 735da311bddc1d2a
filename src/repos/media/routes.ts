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
  'A pass handles at most `limit` of them: send the request again while `more` is true. The answer names every file that ' +
  'may be deleted now.';
const IN_STEPS =
  'A content with more than 1,000 variants and URLs needs `enqueue`, and is removed in steps afterwards.';
const WITH_ALIASES =
  'Releasing an alias also removes its URLs and its access record. Releasing the last alias of a content also removes the ' +
  'content, with its variants and details.';

export const mediaRoutes = {
  resolve: route({
    method: 'GET',
    url: '/media',
    summary: 'Everything needed to serve an image',
    description:
      'Does the work of `aliases.hash` or `proxies.related`, `hashes.identifier`, `details.details` and ' +
      '`hashes.variantIdentifier`. The image is named by `alias` or by `url`. A variant that does not exist is ' +
      'null, so one request tells that it must be made. With `If-None-Match` the answer is 304 while nothing has ' +
      'changed.',
    query: imageQuery,
    answers: {
      200: { description: 'The image.', schema: Image },
      304: { description: 'The client has the current answer already.' },
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
    summary: 'Everything needed to serve several images',
    description: 'For up to 1,000 images, each answered as by `media.resolve`. Records no access.',
    body: Images,
    bodyLimit: IMAGES_BYTES,
    answers: { 200: { description: 'The results, at most 8 MiB.', schema: ImageResults } },
    problems: ['alias_too_long', 'url_too_long', 'variant_too_long'],
    handle: (repo, { body }) => rawJson(repo.resolveMany(body.items)),
  }),

  content: route({
    method: 'GET',
    url: '/hashes/{hash}/content',
    summary: 'A content with everything that belongs to it',
    description:
      'For people who look after the media: its files and details, its aliases with their owners, URLs and last ' +
      'accesses, and its variants with their last accesses. At most 100 aliases and 100 variants; ' +
      '`aliases.forHash` and `hashes.variants` list all of them.',
    params: { hash: Hash },
    answers: { 200: { description: 'The content.', schema: Content } },
    problems: ['hash_not_found'],
    handle: (repo, { params }) => rawJson(repo.content(params.hash)),
  }),

  find: route({
    method: 'GET',
    url: '/find',
    summary: 'What a name refers to',
    description:
      'For people who have a name and do not know what it is: finds aliases (expired ones too), hashes, also by ' +
      'their beginning (such as the SHA-256 of a file), proxied URLs, identifiers of files, and owners. A name ' +
      'must be complete, and its case matters, except for hashes. If nothing is found, the list is empty.',
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
      'Does the work of `hashes.create`, `details.relateDetails`, `aliases.create` and `proxies.relateUrl` in one ' +
      'transaction. If the content exists already, its file is kept, missing values are filled in, and `unneeded` ' +
      'names the uploaded files that are not needed. Such files are condemned (they may be deleted) unless ' +
      'somebody owns them. The same holds for 409 `alias_already_exists`, 409 `proxy_already_exists` and 403 ' +
      '`hash_blocked`. Sent again it changes nothing: if the alias exists already with this content and token, it ' +
      'keeps its owner, expiry and URLs, whatever the request has. With `proxy_url` an access of the alias is ' +
      'recorded. An alias cannot be named `resolve`, `release-owner`, `expire-variants`, `expire-proxied` or ' +
      '`expire-aliases` here (405), because these are other paths.',
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
    summary: 'Release an alias, and with the last alias its content',
    description:
      'Removes the alias, its URLs and its access record. If it was the last alias, its content is removed too, ' +
      'with its variants and details, and the answer names every file that may be deleted now. Can be sent again: ' +
      'if there is no such alias any more, the lists are empty. ' +
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
    description: `The oldest aliases are released first. ${WITH_ALIASES} ${IN_PASSES} ${IN_STEPS}`,
    body: OwnerRelease,
    answers: pass,
    problems: ['owner_too_long', 'queue_too_long', 'enqueue_required'],
    handle: (repo, { body }) => ok(repo.releaseOwner(body)),
  }),

  expireVariants: route({
    method: 'POST',
    scope: 'admin',
    url: '/media/expire-variants',
    summary: 'Remove variants that have not been accessed for long',
    description:
      'Removes variants whose last access was before `older_than`, the oldest first. For a variant that was never ' +
      'accessed, the time of its creation counts. Accesses are written with a delay, so a later `older_than` ' +
      `counts as \`ACCESS_GRANULARITY_SECONDS\` and ten seconds ago. ${IN_PASSES}`,
    body: ExpiryBody,
    answers: pass,
    problems: ['queue_too_long'],
    handle: (repo, { body }) => ok(repo.expireVariants(body)),
  }),

  expireProxied: route({
    method: 'POST',
    scope: 'admin',
    url: '/media/expire-proxied',
    summary: 'Release aliases of proxied URLs that have not been accessed for long',
    description:
      'Releases aliases whose last access was before `older_than`, the oldest first. For an alias that was never ' +
      `accessed, the time when its URL was related counts. ${WITH_ALIASES} ${IN_PASSES} ${IN_STEPS}`,
    body: ExpiryBody,
    answers: pass,
    problems: ['queue_too_long', 'enqueue_required'],
    handle: (repo, { body }) => ok(repo.expireProxied(body)),
  }),

  expireAliases: route({
    method: 'POST',
    scope: 'admin',
    url: '/media/expire-aliases',
    summary: 'Release expired aliases',
    description:
      `Releases aliases whose \`expires_at\` is before \`older_than\`, the oldest first. ${WITH_ALIASES} ${IN_PASSES} ` +
      `${IN_STEPS}`,
    body: ExpiryBody,
    answers: pass,
    problems: ['queue_too_long', 'enqueue_required'],
    handle: (repo, { body }) => ok(repo.expireAliases(body)),
  }),
} satisfies Record<keyof MediaRepo, Route<MediaRepo>>;
