import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { connectionOptions } from '../../src/database/connection.js';
import type { Sql } from '../../src/database/database.js';
import { Outcome, type Tally } from '../../src/transfer/outcome.js';
import { importPictRs } from '../../src/transfer/pict-rs/import.js';
import { openTarget } from '../../src/transfer/target.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { createPictRs, GARBLED } from '../support/pict-rs.js';

/** What the rows of a pict-rs become here, and what is left behind. */

const HASHES = 60;

async function importFrom(
  source: TestDatabase,
  target: TestDatabase,
  { dryRun = false } = {},
): Promise<Outcome> {
  const connection = connectionOptions({ url: target.url, statementTimeoutSeconds: 0 });
  const db = await openTarget(connection, { migrates: !dryRun });
  const outcome = new Outcome(undefined);
  try {
    const unwatched = { output: { write: () => true }, onOpen: () => {} };
    await importPictRs(db, { url: source.url, passwordFile: undefined, dryRun, outcome, ...unwatched });
  } finally {
    await db.close();
  }
  return outcome;
}

async function createSource(options: Omit<Parameters<typeof createPictRs>[1], 'hashes'> = {}) {
  const source = await createDatabase({ empty: true });
  await createPictRs(source.sql, { hashes: HASHES, ...options });
  return source;
}

/** Two that no test changes. */
const [sound, damaged] = [await createSource(), await createSource({ isDamaged: true })];

/** The contents of the tables, to be compared. */
async function contentsOf(sql: Sql): Promise<string[]> {
  const tables = [
    'hashes',
    'variants',
    'aliases',
    'proxies',
    'details',
    'files',
    'jobs',
    'job_ids',
    'settings',
  ];
  const all = [...tables, 'store_migrations', 'alias_accesses', 'variant_accesses'];
  const texts = [];
  for (const table of all) {
    const [row] = await sql<{ text: string }[]>`
      select coalesce(string_agg(line::text, chr(10) order by line::text), '') as text
      from ${sql(table)} as line`;
    texts.push(`${table}\n${row?.text}`);
  }
  return texts;
}

/** The original of the content of the first proxied URL. */
async function filesOfFirst({ sql }: TestDatabase): Promise<string[]> {
  const rows = await sql<{ identifier: string }[]>`
    select identifier
    from hashes
    where hash = (select hash from aliases where alias = (select alias from proxies order by accessed limit 1))`;
  return rows.map(({ identifier }) => identifier);
}

const tallyOf = ({ read, added, existing, repaired, left }: Tally) => [read, added, existing, repaired, left];

describe('a pict-rs of today', () => {
  test('everything arrives as it was; a second run changes nothing', async () => {
    const [source, target] = [sound, await createDatabase()];
    const outcome = await importFrom(source, target);
    assert.deepEqual(
      Object.fromEntries([...outcome.tallies].map(([table, tally]) => [table, tallyOf(tally)])),
      {
        settings: [4, 4, 0, 0, 0],
        store_migrations: [2, 2, 0, 0, 0],
        hashes: [60, 60, 0, 0, 0],
        variants: [120, 120, 0, 0, 0],
        aliases: [92, 92, 0, 1, 0],
        proxies: [11, 11, 0, 0, 0],
        details: [181, 181, 0, 0, 0],
        uploads: [2, 2, 0, 0, 0],
        job_queue: [5, 5, 0, 0, 0],
      },
    );
    const { sql } = target;
    const compared: [string, string][] = [
      [
        'select decode(hash, $$base64$$), identifier, motion_identifier, blurhash, created_at at time zone $$UTC$$ from hashes',
        'select hash, identifier, motion_identifier, blurhash, created_at from hashes',
      ],
      [
        'select decode(hash, $$base64$$), variant, identifier from variants',
        'select hash, variant, identifier from variants',
      ],
      [
        'select decode(hash, $$base64$$), variant, accessed at time zone $$UTC$$ from variants',
        'select hash, variant, accessed from variant_accesses',
      ],
      [
        'select decode(hash, $$base64$$), variant, accessed at time zone $$UTC$$ from variants',
        'select hash, variant, idle_since from variants',
      ],
      [
        `select case when alias = '${GARBLED.text}' then '${GARBLED.uuid}' else alias end, decode(hash, $$base64$$), token from aliases`,
        'select alias, hash, delete_token from aliases',
      ],
      [
        `select url, case when alias = '${GARBLED.text}' then '${GARBLED.uuid}' else alias end from proxies`,
        'select url, alias from proxies',
      ],
      ['select identifier, json::text from details', 'select identifier, details::text from details'],
      ['select key, decode(value, $$hex$$) from settings', 'select key, value from settings'],
      [
        'select old_identifier, new_identifier from store_migrations',
        'select old_identifier, new_identifier from store_migrations',
      ],
      [
        'select id, queue, job::text, queue_time at time zone $$UTC$$, unique_key from job_queue',
        'select id, queue, job::text, queued_at, unique_key from jobs',
      ],
    ];
    for (const [from, to] of compared) {
      const [there, here] = [await textOf(source.sql, from), await textOf(sql, to)];
      assert.equal(here, there, to);
      assert.notEqual(here, '');
    }
    assert.equal(
      await textOf(
        sql,
        `select alias, delete_token, message, code, expires_at > now() + interval '23 hours' from uploads`,
      ),
      '(,,"Too wide",validate-width,t)\n(lkWZDRvugm.jpg,wAoZpnQFtx,,,t)',
    );
    const jobs = await sql`
      select attempts, max_attempts, state from jobs where unique_key is not null order by queued_at`;
    assert.deepEqual(
      [...jobs],
      [
        { attempts: 2, max_attempts: 5, state: 'ready' },
        { attempts: 4, max_attempts: 5, state: 'ready' },
      ],
    );
    const order = await sql<{ queued_at: string }[]>`select queued_at from jobs order by seq`;
    assert.deepEqual(
      [...order],
      [...order].sort((a, b) => a.queued_at.localeCompare(b.queued_at)),
    );
    assert.equal(
      await textOf(sql, 'select identifier, hash from files where condemned_at is null and not is_shared'),
      await textOf(
        sql,
        `select identifier, hash from hashes union all select identifier, hash from variants
        union all select motion_identifier, hash from hashes where motion_identifier is not null`,
      ),
    );
    assert.deepEqual([outcome.left, outcome.describe().includes(GARBLED.uuid)], [0, true]);

    const before = await contentsOf(sql);
    const again = await importFrom(source, target);
    for (const [table, { read, added, existing }] of again.tallies)
      assert.deepEqual([table, existing, added], [table, read, 0]);
    assert.deepEqual(await contentsOf(sql), before);

    // A worker completes a job: the next run does not push it again.
    await sql`delete from jobs`;
    await importFrom(source, target);
    assert.equal((await sql`select from jobs`).length, 0);
  });

  test('a dry run shows what an import would do, and changes nothing', async () => {
    const [source, target] = [damaged, await createDatabase()];
    // The file of a content that has everything is condemned here, so all that belongs to the content is left behind.
    await target.sql`
      insert into files (identifier, condemned_at)
      select identifier, clock_timestamp()
      from unnest(${await filesOfFirst(source)}::text[]) as identifier`;
    const before = await contentsOf(target.sql);
    const dry = await importFrom(source, target, { dryRun: true });
    assert.deepEqual(await contentsOf(target.sql), before);
    const real = await importFrom(source, target);
    for (const [table, tally] of real.tallies)
      assert.deepEqual(tallyOf(dry.tally(table)), tallyOf(tally), table);
    for (const table of ['variants', 'aliases', 'proxies', 'details'])
      assert.ok(real.leftFor(table, 'orphan') > 0, table);
  });
});

test('an import that was cut goes on where it was', async () => {
  const [source, target, whole] = [sound, await createDatabase(), await createDatabase()];
  await target.sql`
    create function fail() returns trigger language plpgsql as $$ begin raise exception 'the machine died'; end $$`;
  await target.sql`create trigger fail before insert on details execute function fail()`;
  await assert.rejects(importFrom(source, target), /the machine died/);
  await target.sql`drop trigger fail on details`;
  const outcome = await importFrom(source, target);
  assert.deepEqual(tallyOf(outcome.tally('variants')), [120, 0, 120, 0, 0]);
  assert.equal(outcome.left, 0);
  await importFrom(source, whole);
  const withoutIds = async ({ sql }: TestDatabase) =>
    (await contentsOf(sql)).filter((text) => !/^(jobs|job_ids|uploads)\n/.test(text));
  assert.deepEqual(await withoutIds(target), await withoutIds(whole));
});

test('the check afterwards finds what did not arrive as it was', async () => {
  const [source, target] = [sound, await createDatabase()];
  // A fault that hides from the statement that imports.
  await target.sql.unsafe(`
    create function spoil() returns trigger language plpgsql
    as 'begin new.new_identifier = new.new_identifier || $$x$$; return new; end';
    create trigger spoil before insert on store_migrations for each row execute function spoil()`);
  await assert.rejects(importFrom(source, target), /store_migrations, 0 are missing and 2 are others/);
});

test('rows that cannot be imported are left behind with their reason, and the rest arrives', async () => {
  const [source, target] = [damaged, await createDatabase()];
  const outcome = await importFrom(source, target);
  const left = Object.fromEntries([...outcome.tallies].map(([table, tally]) => [table, tally.left]));
  assert.deepEqual(left, {
    settings: 1,
    store_migrations: 0,
    hashes: 3,
    variants: 4,
    aliases: 3,
    proxies: 1,
    details: 1,
    uploads: 1,
    job_queue: 1,
  });
  assert.equal(outcome.tally('hashes').added, HASHES);
  const said = outcome.describe();
  for (const [table, reason, key] of [
    ['settings', 'not hex', 'bad'],
    ['hashes', 'not base64', 'no base64'],
    ['hashes', 'its file belongs to another', ''],
    ['hashes', 'longer than', ''],
    ['variants', 'is null', 'null null'],
    ['variants', 'does not exist', 'orphan'],
    ['variants', 'its file belongs to another', 'used'],
    ['aliases', 'does not exist', 'orphan.png'],
    ['aliases', 'no path can have', 'a/b.png'],
    ['proxies', 'does not exist', 'https://orphan.example'],
    ['details', 'does not exist', 'orphan-details'],
    ['uploads', 'does not exist', ''],
    ['job_queue', 'unique key', 'cleanup'],
  ] as const) {
    const block = said
      .split('\n\n')
      .find((text) => text.startsWith(`${table}: left behind`) && text.includes(reason));
    assert.ok(block?.includes(key), `${table} ${reason}\n${said}`);
  }
});

test('a content whose blurhash or time cannot be imported arrives without it, and this is reported', async () => {
  const [source, target] = [await createSource(), await createDatabase()];
  await source.sql`
    insert into hashes (hash, identifier, blurhash, created_at)
    values
      ('AAE=', 'empty', '', '2025-01-01'), ('AAI=', 'long', repeat('x', 256), '2025-01-01'),
      ('AAM=', 'infinite', null, 'infinity'), ('AAQ=', 'far', null, '12000-01-01'),
      ('AAU=', 'near', null, '0001-01-01')`;
  const outcome = await importFrom(source, target);
  const { added, repaired, left } = outcome.tally('hashes');
  assert.deepEqual({ added, repaired, left }, { added: HASHES + 5, repaired: 5, left: 0 });
  assert.ok(outcome.describe().includes('"the blurhash of AAE=" is left out'));
  assert.ok(outcome.describe().includes('"the time of AAM=" is unknown'));
  const arrived = await target.sql`
    select identifier, blurhash, created_at = '1970-01-01Z' as is_unknown from hashes
    where octet_length(hash) = 2 order by identifier`;
  assert.deepEqual(
    arrived.map(({ identifier, blurhash, is_unknown }) => [identifier, blurhash, is_unknown]),
    [
      ['empty', null, false],
      ['far', null, true],
      ['infinite', null, true],
      ['long', null, false],
      ['near', null, true],
    ],
  );
  assert.equal((await importFrom(source, target)).tally('hashes').existing, HASHES + 5);
});

test('no variant, URL, upload or job is left behind for its time or its unique key', async () => {
  const [source, target] = [await createSource(), await createDatabase()];
  await source.sql`
    insert into variants (hash, variant, identifier, accessed)
    select hash, time, 'variant ' || time, time::timestamp
    from (select hash from hashes limit 1) as content, unnest('{0001-01-01,12000-01-01,infinity}'::text[]) as time`;
  await source.sql`
    insert into proxies (url, alias, accessed)
    select 'https://times.example/' || time, alias, time::timestamp
    from (select alias from aliases limit 1) as name, unnest('{0001-01-01,12000-01-01,infinity}'::text[]) as time`;
  await source.sql`
    insert into uploads (result, created_at)
    select '{"Failure": {"message": "Too wide", "code": "validate-width"}}', time::timestamp
    from unnest('{12000-01-01,infinity}'::text[]) as time`;
  await source.sql`
    insert into job_queue (queue, job, queue_time, unique_key)
    values
      ('cleanup', '"early"', '0001-01-01', null), ('cleanup', '"without"', now(), ''),
      ('cleanup', '"long"', now(), repeat('k', 256))`;
  const outcome = await importFrom(source, target);
  assert.equal(outcome.left, 0, outcome.describe());
  assert.equal(outcome.tally('job_queue').repaired, 2);
  assert.match(outcome.describe(), /"the unique key of [-0-9a-f]{36}" is left out/);
  const [counts] = await target.sql`
    select
      (select count(*)::integer from variants where identifier like 'variant %' and idle_since = '-infinity') as variants,
      (select count(*)::integer from proxies where url like 'https://times%' and idle_since = '-infinity') as proxies,
      (select count(*)::integer from uploads where created_at = '1970-01-01Z') as uploads,
      (select count(*)::integer from jobs where job::text in ('"early"', '"without"', '"long"') and unique_key is null) as jobs`;
  assert.deepEqual({ ...counts }, { variants: 3, proxies: 3, uploads: 2, jobs: 3 });
});

test('a dry run tells of unique keys that are used again much later, as an import does', async () => {
  const [source, target] = [await createSource(), await createDatabase()];
  await source.sql`
    insert into job_queue (queue, job, unique_key, queue_time)
    select 'cleanup', to_jsonb(n), 'key ' || n % 300, now() + n * interval '1 second' from generate_series(1, 600) as n`;
  const dry = await importFrom(source, target, { dryRun: true });
  const real = await importFrom(source, target);
  assert.equal(real.leftFor('job_queue', 'unique_key_used'), 300);
  assert.deepEqual([...dry.tallies], [...real.tallies]);
});

test('of two rows with the same key the first one is added, and counted as such', async () => {
  const [source, target] = [await createSource({ isDamaged: true }), await createDatabase()];
  await source.sql`alter table variants drop constraint variants_hash_variant_key`;
  await source.sql`
    insert into variants (hash, variant, identifier)
    select hash, 'twice', file from (select hash from hashes where hash <> 'no base64' limit 1) as content, unnest('{one,two}'::text[]) as file`;
  await source.sql`
    insert into aliases (alias, hash, token) select ${GARBLED.uuid}, hash, 'other' from aliases limit 1`;
  const outcome = await importFrom(source, target);
  assert.deepEqual(tallyOf(outcome.tally('variants')).slice(1, 3), [2 * HASHES + 1, 0]);
  assert.equal(outcome.tally('aliases').existing, 0);
  assert.equal(outcome.leftFor('variants', 'differs'), 1);
  assert.equal(outcome.leftFor('aliases', 'differs'), 1);
});

test('an older pict-rs without blurhashes, unique keys and retries is taken too', async () => {
  const [source, target] = [await createSource({ version: 9 }), await createDatabase()];
  const outcome = await importFrom(source, target);
  assert.equal(outcome.left, 0);
  assert.deepEqual(tallyOf(outcome.tally('job_queue')), [3, 3, 0, 0, 0]);
});

test('what belongs to a content that is left behind is left behind too, and verified as such', async () => {
  const [source, target] = [await createSource(), await createDatabase()];
  const hash = "encode(sha256('nameless') || '\\x00000001234508'::bytea, 'base64')";
  await source.sql.unsafe(`
    insert into hashes (hash, identifier, motion_identifier) values (${hash}, 'nameless-file', '');
    insert into variants (hash, variant, identifier) values (${hash}, 'v', 'nameless-variant');
    insert into aliases (alias, hash, token) values ('nameless.png', ${hash}, 'token');
    insert into details (identifier, json) values ('nameless-file', '{}'), ('nameless-variant', '{}')`);
  for (const outcome of [await importFrom(source, target), await importFrom(source, target)]) {
    const left = ['hashes', 'variants', 'aliases', 'details'].map((table) => outcome.tally(table).left);
    assert.deepEqual(left, [1, 1, 1, 2]);
  }
});

test('existing records stay, and records that differ from them are left behind', async () => {
  const [source, target] = [await createSource(), await createDatabase()];
  const { sql } = target;
  await importFrom(source, target);
  await sql`update aliases set delete_token = 'another' where alias = 'lkWZDRvugm.jpg'`;
  await sql`update variant_accesses set accessed = '2030-01-01Z'`;
  await source.sql`update proxies set accessed = '2031-01-01'`;
  const outcome = await importFrom(source, target);
  assert.deepEqual(tallyOf(outcome.tally('aliases')), [92, 0, 91, 1, 1]);
  assert.equal(outcome.left, 1);
  const [latest] =
    await sql`select count(*)::integer as count from alias_accesses where accessed = '2031-01-01Z'`;
  assert.ok(Number(latest?.['count']) > 0, 'a later access is taken');
  assert.equal((await sql`select from variant_accesses where accessed < '2030-01-01Z'`).length, 0);
});

test('another database than that of a pict-rs is refused', async () => {
  const [source, target] = [await createDatabase(), await createDatabase()];
  await assert.rejects(importFrom(source, target), /not the database of a pict-rs 0\.5/);
});

async function textOf(sql: Sql, query: string): Promise<string> {
  const [row] = await sql.unsafe<{ text: string }[]>(
    `select coalesce(string_agg(line::text, chr(10) order by line::text), '') as text from (${query}) as line`,
  );
  return row?.text ?? '';
}
