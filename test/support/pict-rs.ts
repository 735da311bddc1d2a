import type { Sql } from '../../src/database/database.js';

/** A garbled UUID of a name that pict-rs's own move has taken for text, and what it is. */
export const GARBLED = {
  text: '\u0001bcdefAéghijklm.jpeg',
  uuid: `${Buffer.from('\u0001bcdefAéghijklm').toString('hex')}.jpeg`.replace(
    /^(.{8})(.{4})(.{4})(.{4})/,
    '$1-$2-$3-$4-',
  ),
};

interface PictRsOptions {
  hashes: number;
  /** Version of the schema: 14 is the newest; 9 has neither unique keys, retries, blurhashes nor notifications. */
  version?: 9 | 14;
  /** With rows that nobody can take: orphans, values that are too long, null or no base64, files that are used twice. */
  isDamaged?: boolean;
}

/** Makes the database of a pict-rs 0.5, with two variants, one or two aliases and three details for each hash. */
export async function createPictRs(
  sql: Sql,
  { hashes, version = 14, isDamaged = false }: PictRsOptions,
): Promise<void> {
  await createTables(sql, version, isDamaged);
  await sql.unsafe(`
    insert into hashes (hash, identifier, motion_identifier, created_at)
    select ${hashOf('n')}, ${fileOf("'o' || n", 'webp')},
      case when n % 50 = 0 then ${fileOf("'m' || n", 'mp4')} end,
      timestamp '2024-06-25 12:00:00.123456' + n * interval '1 minute'
    from generate_series(1, ${hashes}) as n`);
  if (version >= 12) {
    await sql`update hashes set blurhash = 'LEHV6nWB2yk8pyo0adR*.7kCMdnj' where motion_identifier is null`;
  }
  await sql.unsafe(`
    insert into variants (id, hash, variant, identifier, accessed)
    select md5('v' || n || variant)::uuid, ${hashOf('n')}, variant, ${fileOf("'v' || n || variant", 'webp')},
      timestamp '2025-01-01 00:00:00' + n * interval '1 second'
    from generate_series(1, ${hashes}) as n, unnest('{thumbnail/256/webp,resize/Mitchell.a40000/webp}'::text[]) as variant`);
  await sql.unsafe(`
    insert into aliases (alias, hash, token)
    select ${uuidOf("'a' || n || nth")} || '.jpeg', ${hashOf('n')}, ${uuidOf("'t' || n || nth")}
    from generate_series(1, ${hashes}) as n, generate_series(1, 2) as nth
    where nth = 1 or n % 2 = 0`);
  await sql.unsafe(`
    insert into details (identifier, json)
    select identifier, jsonb_build_object(
      'width', 1920, 'height', 1080, 'frames', null, 'content_type', 'image/webp',
      'created_at', '2024-06-25T12:00:00.123456789Z', 'format', jsonb_build_object('Image', 'webp'))
    from (
      select identifier from hashes
      union all select motion_identifier from hashes where motion_identifier is not null
      union all select identifier from variants
    ) as file`);
  await sql.unsafe(`
    insert into proxies (url, alias, accessed)
    select 'https://images.example.org/' || n || '.png?size=large', ${uuidOf("'a' || n || 1")} || '.jpeg',
      timestamp '2025-01-01 00:00:00' + n * interval '1 minute'
    from generate_series(1, ${hashes}, 6) as n`);
  await sql`
    insert into settings (key, value)
    values
      ('404-alias', '00ff80ab00ff80ab00ff80ab00ff80ab'), ('last-path', '00000000000004d2'),
      ('migrate-0.4', encode('migrated', 'hex')), ('prune-missing-queued', '0000000000000001')`;
  await sql.unsafe(`
    insert into store_migrations (old_identifier, new_identifier)
    select ${fileOf("'old' || n", 'webp')}, ${fileOf("'o' || n", 'webp')}
    from generate_series(1, ${hashes}, 40) as n`);
  await sql.unsafe(`
    insert into job_queue (id, queue, job, status, queue_time)
    select ${uuidOf("'j' || n")}::uuid, 'cleanup', jsonb_build_object('Hash', jsonb_build_object('hash', ${hashOf('n')})),
      case when n % 2 = 0 then 'running'::job_status else 'new' end,
      timestamp '2025-01-01 00:00:00' - n * interval '1 second'
    from generate_series(1, ${hashes}, 20) as n`);
  if (version >= 13) {
    await sql`
      insert into job_queue (id, queue, job, unique_key, retry, queue_time)
      values
        (${'11111111-1111-4111-8111-111111111111'}, 'process', '"Prune"', 'prune-missing', 3, '2025-01-02'),
        (${'22222222-2222-4222-8222-222222222222'}, 'cleanup', '"AllVariants"', 'all-variants', 0, '2025-01-03')`;
  }
  await sql.unsafe(`
    insert into aliases (alias, hash, token)
    values ('${GARBLED.text}', ${hashOf('1')}, 'wAoZpnQFtx'), ('lkWZDRvugm.jpg', ${hashOf('1')}, 'wAoZpnQFtx')`);
  await sql.unsafe(`
    insert into proxies (url, alias, accessed) values ('https://images.example.org/garbled', '${GARBLED.text}', now())`);
  await sql`
    insert into uploads (id, result, created_at)
    values
      (gen_random_uuid(), '{"Success": {"alias": "lkWZDRvugm.jpg", "token": "wAoZpnQFtx"}}', now() at time zone 'UTC'),
      (gen_random_uuid(), '{"Failure": {"message": "Too wide", "code": "validate-width"}}', now() at time zone 'UTC'),
      (gen_random_uuid(), '{"Success": {"alias": "old.jpg", "token": "old"}}', '2024-01-01'),
      (gen_random_uuid(), null, now() at time zone 'UTC')`;
  if (isDamaged) await damage(sql);
}

async function createTables(sql: Sql, version: number, isDamaged: boolean): Promise<void> {
  const references = (target: string): string => (isDamaged ? '' : `references ${target} on delete cascade`);
  await sql.unsafe(`
    create table refinery_schema_history (version integer primary key, name text, applied_on text, checksum text);
    insert into refinery_schema_history select n, 'V' || n from generate_series(0, ${version}) as n;
    create table hashes (
      hash text primary key, identifier text not null unique, motion_identifier text unique,
      created_at timestamp not null default current_timestamp ${version >= 12 ? ', blurhash text' : ''}
    );
    create table variants (
      id uuid primary key default gen_random_uuid(), hash text ${references('hashes (hash)')},
      variant text not null, identifier text not null, accessed timestamp not null default current_timestamp,
      unique (hash, variant)
    );
    create table aliases (
      alias text primary key, hash text not null ${references('hashes (hash)')}, token text not null
    );
    create index aliases_hash_index on aliases (hash);
    create table settings (key text primary key, value text not null);
    create table details (identifier text primary key, json jsonb not null);
    create type job_status as enum ('new', 'running');
    create table job_queue (
      id uuid primary key default gen_random_uuid(), queue text not null, job jsonb not null, worker uuid,
      status job_status not null default 'new', queue_time timestamp not null default current_timestamp,
      heartbeat timestamp
      ${version >= 11 ? ', unique_key text' : ''} ${version >= 13 ? ', retry integer not null default 5' : ''}
    );
    create table store_migrations (old_identifier text primary key, new_identifier text not null);
    create table proxies (
      url text primary key, alias text not null ${isDamaged ? '' : 'references aliases (alias)'},
      accessed timestamp not null default current_timestamp
    );
    create table uploads (
      id uuid primary key default gen_random_uuid(), result jsonb, created_at timestamp not null default current_timestamp
    );
    ${version >= 14 ? 'create table keyed_notifications (key text primary key, heartbeat timestamp);' : ''}`);
}

/** Each row is left behind, for the reason that its name says. */
async function damage(sql: Sql): Promise<void> {
  await sql.unsafe(`
    insert into hashes (hash, identifier, motion_identifier, created_at)
    values
      ('no base64', 'bad-hash', null, now()),
      (${hashOf("'used'")}, 'used-file', ${fileOf("'o' || 2", 'webp')}, now()),
      (${hashOf("'long'")}, repeat('x', 2049), null, now());
    insert into variants (hash, variant, identifier)
    values
      (null, 'null', 'null-variant'),
      (${hashOf("'nowhere'")}, 'orphan', 'orphan-variant'),
      (${hashOf('1')}, 'used', ${fileOf("'o' || 2", 'webp')}),
      (${hashOf('1')}, repeat('x', 2049), 'long-variant');
    insert into aliases (alias, hash, token)
    values
      ('orphan.png', ${hashOf("'nowhere'")}, 'token'),
      (repeat('x', 256), ${hashOf('1')}, 'token'),
      ('a/b.png', ${hashOf('1')}, 'token');
    insert into proxies (url, alias) values ('https://orphan.example', 'nowhere.png');
    insert into details (identifier, json) values ('orphan-details', '{}');
    insert into settings (key, value) values ('bad', 'no hex');
    insert into uploads (result, created_at)
    values ('{"Success": {"alias": "nowhere.png", "token": "token"}}', now() at time zone 'UTC');
    insert into job_queue (queue, job, unique_key) values ('cleanup', '"AllVariants"', 'all-variants')`);
}

/** A hash of pict-rs: the digest, the size and the format, as base64. */
function hashOf(n: string): string {
  return `encode(sha256(convert_to((${n})::text, 'UTF8')) || '\\x000000012345'::bytea || '\\x08'::bytea, 'base64')`;
}

/** The name of a file in its store. */
function fileOf(n: string, extension: string): string {
  const digest = `md5(${n})`;
  return `regexp_replace(left(${digest}, 20), '(..)', '\\1/', 'g') || right(${digest}, 12) || '.${extension}'`;
}

function uuidOf(n: string): string {
  return `(overlay(overlay(md5(${n}) placing '4' from 13) placing '8' from 17)::uuid)::text`;
}
