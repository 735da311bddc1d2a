import { rawJson, revalidated } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import { Problem } from '../../problems.js';
import type { MediaRepo } from './repo.js';
import { IMAGES_BYTES, Image, ImageResults, Images, imageQuery, namesOneImage, ONE_IMAGE } from './schema.js';

const route = routesOf<MediaRepo>();

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
} satisfies Record<keyof MediaRepo, Route<MediaRepo>>;
