import { createdOrExisting, noContent, ok } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import { Alias, Url } from '../values.js';
import type { ProxiesRepo } from './repo.js';
import { ProxyRecord, Related } from './schema.js';

const route = routesOf<ProxiesRepo>();

export const proxiesRoutes = {
  relateUrl: route({
    method: 'PUT',
    url: '/proxies',
    summary: 'Relate a URL to an alias',
    description: 'If the URL is related to another alias, the answer is 409 with that alias in `existing`.',
    body: ProxyRecord,
    answers: {
      201: { description: 'The URL is related now.', schema: ProxyRecord },
      200: { description: 'It was already related to this alias.', schema: ProxyRecord },
    },
    problems: [
      'url_too_long',
      'alias_too_long',
      'alias_not_found',
      'proxy_already_exists',
      'hash_being_removed',
    ],
    handle: (repo, { body }) => createdOrExisting(repo.relateUrl(body.url, body.alias)),
  }),

  related: route({
    method: 'GET',
    url: '/proxies',
    summary: 'The alias of a URL',
    description: 'URLs are compared byte for byte. An expired alias is not found.',
    query: { url: Url },
    answers: { 200: { description: 'The alias.', schema: Related } },
    problems: ['url_too_long', 'proxy_not_found'],
    handle: (repo, { query }) => ok(repo.related(query.url)),
  }),

  removeRelation: route({
    method: 'DELETE',
    url: '/aliases/{alias}/proxies',
    summary: 'Remove the URLs of an alias',
    description: 'Every URL that is related to it. Can be sent again.',
    params: { alias: Alias },
    answers: { 204: { description: 'No URL is related to the alias now.' } },
    problems: ['alias_too_long'],
    handle: (repo, { params }) => noContent(repo.removeRelation(params.alias)),
  }),
} satisfies Record<keyof ProxiesRepo, Route<ProxiesRepo>>;
