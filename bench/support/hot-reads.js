import { createHash } from 'node:crypto';

/**
 * The reads of an image view, for all contenders. Of each: its route, the path of the nth request, and the statement
 * and the answer of a plain route.
 *
 * @typedef {Record<string, string>} Input parameters of the path and of the query
 * @typedef {object} HotRead
 * @property {string} name
 * @property {string} url
 * @property {string[]} params
 * @property {string[]} query
 * @property {(n: number) => string} path
 * @property {(sql: import('postgres').Sql, input: Input) => PromiseLike<any[]>} statement
 * @property {Record<string, object>} [properties] of the JSON answer; otherwise the first column is sent as it is
 * @property {string} [type] of such an answer
 */

/** @param {number} n */
function hashOf(n) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(n));
  return createHash('sha256').update(bytes).digest('hex');
}

const VARIANT = 'thumbnail/256/webp';
const encoded = encodeURIComponent;
const string = { type: 'string' };
const identifierOf = (/** @type {number} */ n) => `files/${hashOf(n).slice(0, 32)}/${n}.webp`;
const aliasOf = (/** @type {number} */ n) => `${hashOf(n).slice(32)}.webp`;
const bytes = (/** @type {string} */ hash) => Buffer.from(hash, 'hex');

/** @type {HotRead[]} */
export const HOT_READS = [
  {
    name: 'hashes.identifier',
    url: '/v1/hashes/:hash/identifier',
    params: ['hash'],
    query: [],
    path: (n) => `/v1/hashes/${hashOf(n)}/identifier`,
    statement: (sql, { hash }) => sql`select identifier from hashes where hash = ${bytes(hash)}`,
    properties: { identifier: string },
  },
  {
    name: 'hashes.variantIdentifier',
    url: '/v1/hashes/:hash/variant',
    params: ['hash'],
    query: ['variant'],
    path: (n) => `/v1/hashes/${hashOf(n)}/variant?variant=${encoded(VARIANT)}`,
    statement: (sql, { hash, variant }) =>
      sql`select identifier from variants where hash = ${bytes(hash)} and variant = ${variant}`,
    properties: { identifier: string },
  },
  {
    name: 'hashes.motionIdentifier',
    url: '/v1/hashes/:hash/motion-identifier',
    params: ['hash'],
    query: [],
    path: (n) => `/v1/hashes/${hashOf(n)}/motion-identifier`,
    statement: (sql, { hash }) =>
      sql`select motion_identifier as identifier from hashes where hash = ${bytes(hash)}`,
    properties: { identifier: string },
  },
  {
    name: 'aliases.hash',
    url: '/v1/aliases/:alias/hash',
    params: ['alias'],
    query: [],
    path: (n) => `/v1/aliases/${aliasOf(n)}/hash`,
    statement: (sql, { alias }) =>
      sql`select encode(hash, 'hex') as hash from aliases where alias = ${alias}`,
    properties: { hash: string },
  },
  {
    name: 'details.details',
    url: '/v1/details',
    params: [],
    query: ['identifier'],
    path: (n) => `/v1/details?identifier=${encoded(identifierOf(n))}`,
    statement: (sql, { identifier }) =>
      sql`select details::text from details where identifier = ${identifier}`,
    type: 'application/json; charset=utf-8',
  },
  {
    name: 'proxies.related',
    url: '/v1/proxies',
    params: [],
    query: ['url'],
    path: (n) => `/v1/proxies?url=${encoded(`https://images.example.org/${n}.png?size=large`)}`,
    statement: (sql, { url }) =>
      sql`select alias from proxies where url_sha256 = sha256(convert_to(${url}, 'UTF8'))`,
    properties: { alias: string },
  },
  {
    name: 'variantAccess.containsVariant',
    url: '/v1/hashes/:hash/variant/access',
    params: ['hash'],
    query: ['variant'],
    path: (n) => `/v1/hashes/${hashOf(n)}/variant/access?variant=${encoded(VARIANT)}`,
    statement: (sql, { hash, variant }) => sql`
      select
        true as contains,
        to_char(accessed at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as accessed
      from variant_accesses
      where hash = ${bytes(hash)} and variant = ${variant}`,
    properties: { contains: { type: 'boolean' }, accessed: string },
  },
  {
    name: 'storeMigration.isMigrated',
    url: '/v1/store-migration/identifiers',
    params: [],
    query: ['identifier'],
    path: (n) => `/v1/store-migration/identifiers?identifier=${encoded(identifierOf(n))}`,
    statement: (sql, { identifier }) => sql`
      select
        exists (select from store_migrations where old_identifier = ${identifier})
        or exists (select from store_migrations where new_identifier = ${identifier}) as migrated`,
    properties: { migrated: { type: 'boolean' } },
  },
  {
    name: 'settings.get',
    url: '/v1/settings/:key',
    params: ['key'],
    query: [],
    path: (n) => `/v1/settings/key-${n % 100}`,
    statement: (sql, { key }) => sql`select value from settings where key = ${key}`,
    type: 'application/octet-stream',
  },
];

/** Notes an access of one of 10,000 aliases. @param {number} n */
export const accessPath = (n) => `/v1/aliases/${aliasOf(n % 10_000)}/access`;

/**
 * The statements that fill the tables: so many hashes, and what belongs to a tenth of them.
 *
 * @param {number} hashes
 */
export function seed(hashes) {
  const hash = 'sha256(int8send(n))';
  const identifier = `'files/' || left(encode(${hash}, 'hex'), 32) || '/' || n || '.webp'`;
  const alias = `substr(encode(${hash}, 'hex'), 33) || '.webp'`;
  const all = `from generate_series(0, ${hashes - 1}::bigint) as n`;
  const tenth = `from generate_series(0, ${seeded(hashes) - 1}::bigint) as n`;
  return [
    `insert into hashes (hash, identifier, motion_identifier)
     select ${hash}, ${identifier}, case when n < ${seeded(hashes)} then 'motion' || n end ${all}`,
    `insert into variants (hash, variant, identifier) select ${hash}, '${VARIANT}', 'variant' || n ${tenth}`,
    `insert into aliases (alias, hash, delete_token) select ${alias}, ${hash}, 'token' ${tenth}`,
    `insert into details (identifier, details)
     select ${identifier}, json_build_object('width', n, 'height', 1080, 'content_type', 'image/webp') ${tenth}`,
    `insert into proxies (url_sha256, url, alias)
     select sha256(convert_to(url, 'UTF8')), url, alias
     from (select 'https://images.example.org/' || n || '.png?size=large' as url, ${alias} as alias ${tenth}) as proxy`,
    `insert into variant_accesses (hash, variant, accessed) select ${hash}, '${VARIANT}', now() ${tenth}`,
    `insert into alias_accesses (alias, accessed) select ${alias}, now() ${tenth}`,
    `insert into store_migrations (old_identifier) select ${identifier} ${tenth}`,
    `insert into settings (key, value) select 'key-' || n, sha256(int8send(n)) from generate_series(0, 99::bigint) as n`,
  ];
}

/** How many of the hashes have all that belongs to a hash. @param {number} hashes */
export const seeded = (hashes) => Math.max(10_000, hashes / 10);
