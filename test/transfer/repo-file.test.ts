import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { connectionOptions } from '../../src/database/connection.js';
import { migrateDown } from '../../src/database/migrate.js';
import { TABLES as ALL_TABLES } from '../../src/database/ownership.js';
import { Outcome } from '../../src/transfer/outcome.js';
import { exportRepo } from '../../src/transfer/repo-file/export.js';
import { importRepo } from '../../src/transfer/repo-file/import.js';
import { LEFT_OUT, TABLES } from '../../src/transfer/repo-file/tables.js';
import { openTarget } from '../../src/transfer/target.js';
import { atEnd } from '../support/cleanup.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

/** An export of all tables, and that an import of it makes the same database again. */

const output = { write: () => true };
const HAS_ZSTD = 'zstdCompressSync' in (await import('node:zlib'));
let folder = '';
let source: TestDatabase;
let whole = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pict-repo-export-'));
  atEnd(() => rm(folder, { recursive: true }));
  source = await createDatabase();
  await fill(source);
  whole = await exportTo(source, 'whole.ndjson');
});

const connectionTo = ({ url }: TestDatabase) => connectionOptions({ url, statementTimeoutSeconds: 0 });

async function exportTo(database: TestDatabase, name: string): Promise<string> {
  const file = join(folder, name);
  await exportRepo(connectionTo(database), { file, output, onOpen: () => {} });
  return file;
}

async function importFrom(
  file: string,
  target: TestDatabase,
  { dryRun = false, migrates = false } = {},
): Promise<Outcome> {
  const db = await openTarget(connectionTo(target), { migrates });
  const outcome = new Outcome(undefined);
  try {
    await importRepo(db, { file, dryRun, outcome, output });
  } finally {
    await db.close();
  }
  return outcome;
}

const totalOf = (outcome: Outcome, name: 'added' | 'existing' | 'left'): number =>
  [...outcome.tallies.values()].reduce((sum, tally) => sum + tally[name], 0);

test('every table is exported, or left out for a reason', () => {
  const named = [...TABLES.map(({ name }) => name), ...Object.keys(LEFT_OUT)];
  assert.deepEqual(named.sort(), [...ALL_TABLES].sort());
});

test('export, import into an empty database, export: the same bytes, and numbers go on', async () => {
  const [target, lines] = [
    await createDatabase({ empty: true }),
    (await readFile(whole, 'utf8')).split('\n'),
  ];
  for (const { name } of TABLES)
    assert.ok(
      lines.some((line) => line.startsWith(`{"${name}":`)),
      name,
    );
  const outcome = await importFrom(whole, target, { migrates: true });
  assert.deepEqual([totalOf(outcome, 'added'), outcome.left], [lines.length - 3, 0]);
  assert.equal(await readFile(await exportTo(target, 'again.ndjson'), 'utf8'), lines.join('\n'));

  for (const table of ['files', 'jobs', 'dead_jobs'])
    assert.equal(await linesOf(target, table), await linesOf(source, table), table);
  const [job] = await target.sql<{ isLast: boolean }[]>`
    insert into jobs (queue, job) values ('q', '1') returning seq > (select max(seq) from jobs) as "isLast"`;
  assert.equal(job?.isLast, true);

  const again = await importFrom(whole, target);
  assert.deepEqual([totalOf(again, 'added'), totalOf(again, 'existing')], [0, lines.length - 3]);
});

for (const suffix of HAS_ZSTD ? ['gz', 'zst'] : ['gz']) {
  test(`a file with the suffix .${suffix} is compressed, and only its owner may read it`, async () => {
    const [file, target] = [await exportTo(source, `whole.ndjson.${suffix}`), await createDatabase()];
    assert.ok((await stat(file)).size < (await stat(whole)).size / 2);
    assert.equal((await stat(file)).mode & 0o077, 0);
    await importFrom(file, target);
    assert.equal(
      await readFile(await exportTo(target, 'again.ndjson'), 'utf8'),
      await readFile(whole, 'utf8'),
    );
    await writeFile(file, (await readFile(file)).subarray(0, -100));
    await assert.rejects(importFrom(file, await createDatabase()), /is cut or damaged/);
  });
}

if (!HAS_ZSTD) {
  test('a Node without zstd says so, and leaves no file', async () => {
    await assert.rejects(exportTo(source, 'none.zst'), /has no zstd.*\.gz/);
    await assert.rejects(importFrom(join(folder, 'none.zst'), source), /has no zstd.*\.gz/);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.includes('none')),
      [],
    );
  });
}

test('a file that was cut is reported, its rows are imported, and the whole file completes it', async () => {
  const [cut, target] = [join(folder, 'cut.ndjson'), await createDatabase()];
  const lines = (await readFile(whole, 'utf8')).split('\n');
  await writeFile(cut, `${lines.slice(0, lines.length / 2).join('\n')}\n`);
  await assert.rejects(importFrom(cut, target), /cut\.ndjson was cut: its last line is missing/);
  const outcome = await importFrom(whole, target);
  assert.ok(totalOf(outcome, 'existing') > 5 && totalOf(outcome, 'added') > 5);
  assert.equal(await readFile(await exportTo(target, 'again.ndjson'), 'utf8'), lines.join('\n'));
});

test('a database of an older version is exported as it is, and imported into a newer one', async () => {
  const [older, target] = [await createDatabase(), await createDatabase()];
  await older.sql`insert into store_migrations (old_identifier, new_identifier) values ('old', 'new')`;
  const [newest] = await migrateDown(connectionTo(older), false);
  const file = await exportTo(older, 'older.ndjson');
  const { schema } = JSON.parse((await readFile(file, 'utf8')).split('\n')[0] ?? '');
  assert.ok(newest !== undefined && schema < newest, schema);
  const outcome = await importFrom(file, target);
  assert.deepEqual([totalOf(outcome, 'added'), outcome.left], [1, 0]);
});

test('a target of an older version is refused in a dry run, and one whose files are not all taken in always', async () => {
  const target = await createDatabase();
  await target.sql`update files_taken_in set stage = 'hashes'`;
  await assert.rejects(importFrom(whole, target), /not all taken in .*start it, and import later/);
  await target.sql`update files_taken_in set stage = 'done'`;
  await migrateDown(connectionTo(target), false);
  await assert.rejects(
    importFrom(whole, target, { dryRun: true }),
    /of an older version: run "pict-repo migrate"/,
  );
});

test('other files, newer ones and damaged ones are refused, and say why', async () => {
  const [file, target] = [join(folder, 'wrong.ndjson'), await createDatabase()];
  const text = await readFile(whole, 'utf8');
  const [header = '', ...rows] = text.split('\n');
  const parsed = JSON.parse(header);
  for (const [content, said] of [
    ['', /is no export of pict-repo/],
    ['{"a":1}\n', /is no export of pict-repo/],
    [gzipSync(text), /is no export of pict-repo/],
    [[JSON.stringify({ ...parsed, pict_repo_export: 2 }), ...rows].join('\n'), /has the format 2 .* reads 1/],
    [
      [JSON.stringify({ ...parsed, schema: '99999-later.js' }), ...rows].join('\n'),
      /is of a newer version.*99999-later/,
    ],
    [[header, '{"pg_class":{"a":1}}'].join('\n'), /line 2 is not a row/],
    [[header, rows[0]?.slice(0, -5)].join('\n'), /line 2 is not a row/],
    [[text.trim(), rows[0]].join('\n'), /goes on after its end/],
    [[header, ...rows.slice(1)].join('\n'), /should have \d+ rows of settings/],
    [[header, '{"end":{}}'].join('\n'), /should have \d+ rows of settings/],
    [
      [JSON.stringify({ ...parsed, columns: { settings: ['value'] } }), ...rows].join('\n'),
      /first line lacks columns of settings/,
    ],
    [Buffer.from(text).fill(0xff, header.length + 20, header.length + 21), /or damaged: it is not UTF-8/],
    [
      Buffer.concat([Buffer.from(text).subarray(0, -20), Buffer.from('é').subarray(0, 1)]),
      /line \d+ is not a row/,
    ],
  ] as const) {
    await writeFile(file, content);
    await assert.rejects(importFrom(file, target), said);
  }
  await assert.rejects(importFrom(join(folder, 'nowhere'), target), /nowhere cannot be read \(ENOENT\)/);
  await writeFile(`${file}.gz`, text);
  await assert.rejects(importFrom(`${file}.gz`, target), /is cut or damaged/);
  assert.equal(gunzipSync(gzipSync(text)).toString(), text);
});

test('existing records stay; rows that cannot be imported are left behind with their lines', async () => {
  const target = await createDatabase();
  await target.sql`insert into settings (key, value) values ('a', 'mine')`;
  const before = await exportTo(target, 'before.ndjson');
  const dry = await importFrom(whole, target, { dryRun: true });
  assert.equal(
    await readFile(await exportTo(target, 'after.ndjson'), 'utf8'),
    await readFile(before, 'utf8'),
  );
  assert.equal(dry.tally('settings').left, 1);
  const outcome = await importFrom(whole, target);
  assert.equal(outcome.left, 1);
  assert.match(
    outcome.describe(),
    /settings: left behind, because a different record with its key exists here.*\n {2}line 2/,
  );

  const orphan = join(folder, 'orphan.ndjson');
  const text = (await readFile(whole, 'utf8')).replace(/^(\{"variants":\{"hash":")..(.*)$/m, '$1ee$2');
  await writeFile(orphan, text);
  const left = await importFrom(orphan, await createDatabase());
  assert.match(
    left.describe(),
    /variants: left behind, because the record that it belongs to does not exist/,
  );
});

test('rows that are no JSON or lack their key are left behind, in a dry run too', async () => {
  const file = join(folder, 'damaged.ndjson');
  const text = (await readFile(whole, 'utf8'))
    .replace(/^(\{"hashes":\{)"hash":"01",(.*)$/m, '$1$2')
    .replace(/^(\{"aliases":\{"alias":"b\.webp",).*$/m, '$1nonsense}}');
  await writeFile(file, text);
  const target = await createDatabase();
  const dry = await importFrom(file, target, { dryRun: true });
  const real = await importFrom(file, target);
  for (const outcome of [dry, real]) {
    assert.equal(outcome.leftFor('hashes', 'null'), 1);
    assert.equal(outcome.leftFor('aliases', 'refused'), 1);
  }
  assert.equal(real.leftFor('variants', 'orphan'), 1);
});

test('a dry run among records that stand in the way says what an import does', async () => {
  const target = await createDatabase();
  await target.sql`insert into hashes (hash, identifier) values ('\\xee', 'two "\\ \u2028 ü')`;
  await target.sql`insert into files (identifier, condemned_at) values ('moving', '2026-01-01Z')`;
  await target.sql`insert into jobs (queue, job, unique_key) values ('q', '1', 'key')`;
  await source.sql`insert into jobs (queue, job, unique_key) values ('q', '2', 'key')`;
  const file = await exportTo(source, 'with-key.ndjson');
  await source.sql`delete from jobs where unique_key = 'key'`;
  const dry = await importFrom(file, target, { dryRun: true });
  const real = await importFrom(file, target);
  assert.deepEqual([...dry.tallies], [...real.tallies]);
  assert.equal(real.describe(), dry.describe());
  for (const [table, reason, count] of [
    ['hashes', 'identifier_used', 1],
    ['hashes', 'identifier_condemned', 1],
    ['variants', 'orphan', 3],
    ['aliases', 'orphan', 2],
    ['proxies', 'orphan', 1],
    ['variant_accesses', 'orphan', 1],
    ['jobs', 'unique_key_used', 1],
  ] as const) {
    assert.equal(real.leftFor(table, reason), count, `${table} ${reason}`);
  }
});

async function linesOf({ sql }: TestDatabase, table: string): Promise<string> {
  const [row] = await sql<{ text: string }[]>`
    select string_agg(line::text, chr(10) order by line::text) as text from ${sql(table)} as line`;
  return row?.text ?? '';
}

/** A row of each table at least, with the values that are hard to carry. */
async function fill({ sql }: TestDatabase): Promise<void> {
  await sql`insert into settings (key, value) values ('a', '\\x00ff80'), ('b', '')`;
  await sql`insert into store_migrations (old_identifier, new_identifier) values ('old', 'new'), ('older', null)`;
  await sql`
    insert into hashes (hash, identifier, motion_identifier, created_at, blurhash, bytes)
    values
      ('\\x01', 'one', 'moving', '2026-01-01T00:00:00.123456Z', 'LEHV', 9007199254740991),
      ('\\x02', ${'two "\\ \u2028 ü'}, null, '0001-01-02Z', null, null),
      ('\\xff', 'gone', null, '2026-01-01Z', null, null)`;
  await sql`update hashes set doomed_at = '2026-01-02Z', removal = '{"b": 1, "a": [2]}' where hash = '\\xff'`;
  await sql`
    insert into variants (hash, variant, identifier, bytes, idle_since)
    values
      ('\\x01', 'thumbnail/256/webp', 'v1', 7, '-infinity'),
      ('\\x02', ${'line\nend'}, 'v2', null, '2026-01-01Z')`;
  // From before files had one owner each: a variant has the file of another content, and a content the same file twice.
  await sql`delete from files where identifier in ('one', 'moving')`;
  await sql`insert into variants (hash, variant, identifier) values ('\\x02', 'shared', 'one')`;
  await sql`update files set hash = '\\x01', kind = 'original', is_shared = true where identifier = 'one'`;
  await sql`insert into files (identifier, hash, kind) values ('moving', '\\x01', 'motion')`;
  await sql`
    insert into files (identifier, hash, kind, condemned_at, deleted_at)
    values ('was-condemned', '\\x03', 'variant', '2026-01-01Z', '2026-01-02Z'), ('nobodys', null, null, '2026-01-01Z', null)`;
  await sql`
    insert into aliases (alias, hash, delete_token, owner, expires_at, created_at)
    values ('a.webp', '\\x01', 't', 'https://a.example/u/x', '2030-01-01Z', default), ('b.webp', '\\x02', 't', null, null, '1970-01-01Z')`;
  await sql`insert into proxies (url_sha256, url, alias) select sha256('https://a.example'), 'https://a.example', 'a.webp'`;
  await sql`insert into alias_accesses values ('a.webp', '2026-01-01T00:00:00.000001Z')`;
  await sql`insert into variant_accesses values ('\\x01', 'thumbnail/256/webp', '2026-01-01Z')`;
  await sql`
    insert into details (identifier, details)
    values ('one', ${'{"b": -0,  "a":1e131071,\n "a":"\\u0000"}'}), ('orphan', 'null')`;
  await sql`
    insert into variant_claims (hash, variant, claimer_sha256, token, lease_seconds, lease_expires_at, forget_at)
    values ('\\x01', 'crop/16x9/png', sha256('c'), 't', 60, '2030-01-01Z', '2030-01-02Z')`;
  await sql`insert into blocked_hashes (digest, reason) values (sha256('1'), 'spam'), (sha256('2'), null)`;
  await sql`
    insert into uploads (id, expires_at, alias, delete_token, completed_at)
    values (gen_random_uuid(), '2030-01-01Z', 'a.webp', 't', '2026-01-01Z')`;
  await sql`insert into paused_queues (queue) values ('q')`;
  await sql`insert into job_ids (id, queue, job_sha256) values (gen_random_uuid(), 'q', sha256('1'))`;
  await sql`
    insert into dead_jobs (id, queue, job, priority, queued_at, attempts, max_attempts, claims, last_error)
    select gen_random_uuid(), 'q', ${'{ "n":  1}'}::text::json, -3, '2026-01-01Z', 5, 5, 7, ${'a\tb'}
    from generate_series(1, 3)`;
  await sql`insert into jobs (queue, job, unique_key) values ('q', '1', 'k')`;
  await sql`
    insert into jobs (queue, job, state, worker_id, lease_expires_at, lease_token, delivery, claims, claimed_at)
    values ('q', '{}', 'running', 'w', '2030-01-01Z', 9223372036854775807, -9223372036854775808, 1, '2026-01-01Z')`;
  await sql`insert into jobs (queue, job, state, run_at) values ('q', '[]', 'scheduled', '2030-01-01Z')`;
}
