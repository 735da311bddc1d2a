import { createHash } from 'node:crypto';
import pg from 'pg';

/**
 * Fills an empty, migrated database with images: each content has an alias, a variant, details, the accesses of both,
 * and every tenth also a proxy, a motion file and a mark of a store migration. Everything can be computed from the
 * number of the image (`image()`).
 */

export const VARIANT = 'thumbnail/256/webp';
/** Images of one owner. */
const OWNED = 100;
const START = '2020-01-01T00:00:00Z';

/** @param {number} n number of an image */
export function image(n) {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(n));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    // As pict-rs makes it: a digest, a size of six bytes, and a format (8 is webp).
    hash: `${sha256}${(1000 + (n % 1_000_000)).toString(16).padStart(12, '0')}08`,
    identifier: `files/${sha256.slice(0, 32)}/${n}.webp`,
    variantIdentifier: `variants/${sha256.slice(0, 32)}/${n}.webp`,
    motionIdentifier: `motion/${sha256.slice(0, 32)}/${n}.mp4`,
    alias: `${sha256.slice(32)}.webp`,
    owner: `https://lemmy.example.org/u/${Math.floor(n / OWNED)}`,
    url: `https://images.example.org/${n}.png?size=large`,
  };
}

const SHA256 = 'sha256(int8send(n))';
const HEX = `encode(${SHA256}, 'hex')`;
const HASH = `${SHA256} || substr(int8send(1000 + n % 1000000), 3) || '\\x08'::bytea`;
const IDENTIFIER = `'files/' || left(${HEX}, 32) || '/' || n || '.webp'`;
const VARIANT_IDENTIFIER = `'variants/' || left(${HEX}, 32) || '/' || n || '.webp'`;
const MOTION_IDENTIFIER = `'motion/' || left(${HEX}, 32) || '/' || n || '.mp4'`;
const ALIAS = `substr(${HEX}, 33) || '.webp'`;
const URL = `'https://images.example.org/' || n || '.png?size=large'`;
const TIME = `'${START}'::timestamptz + n * interval '1 s'`;

/** What is inserted, by table. @type {{ into: string, values: string, where?: string }[]} */
const ROWS = [
  {
    into: 'hashes (hash, identifier, motion_identifier, blurhash, bytes, created_at)',
    values: `${HASH}, ${IDENTIFIER}, case when n % 10 = 0 then ${MOTION_IDENTIFIER} end, 'LEHV6nWB2yk8pyo0adR*.7kCMdnj',
      1000 + n % 1000000, ${TIME}`,
  },
  {
    into: 'variants (hash, variant, identifier, bytes, idle_since)',
    values: `${HASH}, '${VARIANT}', ${VARIANT_IDENTIFIER}, 1000 + n % 10000, ${TIME}`,
  },
  {
    into: 'aliases (alias, hash, delete_token, owner, expires_at, created_at)',
    values: `${ALIAS}, ${HASH}, 'token-' || n, 'https://lemmy.example.org/u/' || n / ${OWNED},
      case when n % 10 = 0 then '2099-01-01Z'::timestamptz + n * interval '1 s' end, ${TIME}`,
  },
  {
    into: 'details (identifier, details, created_at)',
    values: `${IDENTIFIER}, ('{"width":' || n || ',"height":1080,"frames":null,"content_type":"image/webp",'
      || '"created_at":"2024-06-25T12:00:00.123456789Z","format":{"Image":"webp"}}')::json, ${TIME}`,
  },
  { into: 'variant_accesses (hash, variant, accessed)', values: `${HASH}, '${VARIANT}', ${TIME}` },
  { into: 'alias_accesses (alias, accessed)', values: `${ALIAS}, ${TIME}` },
  {
    into: 'proxies (url_sha256, url, alias, idle_since)',
    values: `sha256(convert_to(${URL}, 'UTF8')), ${URL}, ${ALIAS}, ${TIME}`,
    where: 'n % 10 = 0',
  },
  { into: 'store_migrations (old_identifier)', values: IDENTIFIER, where: 'n % 10 = 0' },
  { into: 'files (identifier, hash, kind)', values: `${IDENTIFIER}, ${HASH}, 'original'` },
  { into: 'files (identifier, hash, kind)', values: `${VARIANT_IDENTIFIER}, ${HASH}, 'variant'` },
  {
    into: 'files (identifier, hash, kind)',
    values: `${MOTION_IDENTIFIER}, ${HASH}, 'motion'`,
    where: 'n % 10 = 0',
  },
];

/**
 * Indexes are dropped before, and made again after: an index of random keys that grows row by row reads and writes a page
 * for each of them. Foreign keys come back as not valid, which spares reading both tables, and hold for new rows.
 *
 * @param {string} url of a database that the service has migrated, without a service on it
 * @param {number} images
 * @param {(done: string) => void} report
 */
export async function fill(url, images, report) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const rows = async (/** @type {string} */ text) => (await client.query(text)).rows;
  try {
    await client.query(
      `set synchronous_commit = off; set maintenance_work_mem = '1GB'; set work_mem = '256MB'`,
    );
    // No triggers: `files` is filled as the other tables are.
    await client.query('set session_replication_role = replica');
    const tables = [...new Set(ROWS.map(({ into }) => into.split(' ')[0]))];
    const list = tables.map((table) => `'${table}'`).join(', ');
    const constraints = await rows(`
      select conrelid::regclass as table, conname as name, contype as type, pg_get_constraintdef(oid) as definition
      from pg_constraint
      where contype in ('p', 'u') and conrelid::regclass::text in (${list})
        or contype = 'f' and (conrelid::regclass::text in (${list}) or confrelid::regclass::text in (${list}))
      order by contype <> 'f'`);
    for (const { table, name } of constraints)
      await client.query(`alter table ${table} drop constraint ${name}`);
    const indexes = await rows(`
      select indexname as name, indexdef as definition from pg_indexes where tablename in (${list})`);
    for (const { name } of indexes) await client.query(`drop index ${name}`);
    for (const { into, values, where = 'true' } of ROWS) {
      const began = performance.now();
      await client.query(`
        insert into ${into}
        select ${values}
        from generate_series(0, ${images - 1}::bigint) as n
        where ${where}`);
      report(`${into.split(' ')[0]} in ${Math.round((performance.now() - began) / 1000)} s`);
    }
    const began = performance.now();
    for (const { table, name, type, definition } of constraints.toReversed()) {
      const valid = type === 'f' ? ' not valid' : '';
      await client.query(`alter table ${table} add constraint ${name} ${definition}${valid}`);
    }
    for (const { definition } of indexes) await client.query(definition);
    await client.query(`update files_taken_in set stage = 'done'`);
    report(`indexes in ${Math.round((performance.now() - began) / 1000)} s`);
  } finally {
    await client.end();
  }
}
