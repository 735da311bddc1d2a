import { SCATTERED } from './generator.js';

/**
 * The creates of an upload, for all contenders. Of each: its route, the nth request ({number} and {parent} are numbers,
 * see generator.js), and the statement of a plain route.
 *
 * @typedef {object} Create
 * @property {string} name
 * @property {string} url
 * @property {string[]} params
 * @property {string[]} query
 * @property {string} path
 * @property {Record<string, unknown>} body all its members are text, unless it is free
 * @property {true} [isFree] the body is any JSON, and the answer 204
 * @property {string} table where it creates
 * @property {(sql: import('postgres').Sql, input: Record<string, string>, body: any) => PromiseLike<unknown>} statement
 */

const encoded = encodeURIComponent;
const hash = (/** @type {string} */ number) => number.repeat(8);
const bytes = (/** @type {string} */ hex) => Buffer.from(hex, 'hex');

/** @type {Create[]} */
export const CREATES = [
  {
    name: 'hashes.create',
    url: '/v1/hashes/:hash',
    params: ['hash'],
    query: [],
    path: `/v1/hashes/${hash('{number}')}`,
    body: { identifier: 'files/{number}/{number}/{number}.webp' },
    table: 'hashes',
    statement: (sql, { hash }, { identifier }) => sql`
      insert into hashes (hash, identifier) values (${bytes(hash)}, ${identifier}) on conflict do nothing`,
  },
  {
    name: 'hashes.relateVariantIdentifier',
    url: '/v1/hashes/:hash/variant',
    params: ['hash'],
    query: ['variant'],
    path: `/v1/hashes/${hash('{parent}')}/variant?variant=thumbnail%2F{number}%2Fwebp`,
    body: { identifier: 'variants/{number}/{number}/{number}.webp' },
    table: 'variants',
    statement: (sql, { hash, variant }, { identifier }) => sql`
      insert into variants (hash, variant, identifier) values (${bytes(hash)}, ${variant}, ${identifier})
      on conflict do nothing`,
  },
  {
    name: 'aliases.create',
    url: '/v1/aliases/:alias',
    params: ['alias'],
    query: [],
    path: '/v1/aliases/{number}-{number}-{number}.webp',
    body: { hash: hash('{parent}'), delete_token: '{number}-{number}-{number}' },
    table: 'aliases',
    statement: (sql, { alias }, { hash, delete_token }) => sql`
      insert into aliases (alias, hash, delete_token) values (${alias}, ${bytes(hash)}, ${delete_token})
      on conflict do nothing`,
  },
  {
    name: 'details.relateDetails',
    url: '/v1/details',
    params: [],
    query: ['identifier'],
    path: `/v1/details?identifier=${encoded('files/')}{number}%2F{number}%2F{number}.webp`,
    body: { width: 1920, height: 1080, frames: null, content_type: 'image/webp', format: { Image: 'webp' } },
    isFree: true,
    table: 'details',
    statement: (sql, { identifier }, details) => sql`
      insert into details (identifier, details) values (${identifier}, ${JSON.stringify(details)}::text::json)
      on conflict (identifier) do update set details = excluded.details`,
  },
  {
    name: 'proxies.relateUrl',
    url: '/v1/proxies',
    params: [],
    query: [],
    path: '/v1/proxies',
    body: { url: 'https://images.example.org/{number}/{number}.png?size=large', alias: '{parent}.webp' },
    table: 'proxies',
    statement: (sql, _, { url, alias }) => sql`
      insert into proxies (url_sha256, url, alias)
      values (sha256(convert_to(${url}, 'UTF8')), ${url}, ${alias})
      on conflict do nothing`,
  },
];

/** The records that creates belong to: 10,000 hashes with an alias each. */
export const PARENTS = [
  `insert into hashes (hash, identifier)
   select decode(repeat(${SCATTERED}, 8), 'hex'), 'parent-' || n from generate_series(0, 9999::bigint) as n`,
  `insert into aliases (alias, hash, delete_token)
   select ${SCATTERED} || '.webp', decode(repeat(${SCATTERED}, 8), 'hex'), 'token'
   from generate_series(0, 9999::bigint) as n`,
];
