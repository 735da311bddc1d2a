import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { connectionOptions } from '../../src/database/connection.js';
import type { Database, Sql } from '../../src/database/database.js';
import { Outcome } from '../../src/transfer/outcome.js';
import { importPictRs } from '../../src/transfer/pict-rs/import.js';
import { exportRepo } from '../../src/transfer/repo-file/export.js';
import { importRepo } from '../../src/transfer/repo-file/import.js';
import { TABLES } from '../../src/transfer/repo-file/tables.js';
import { openTarget } from '../../src/transfer/target.js';
import { atEnd } from '../support/cleanup.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { createPictRs, GARBLED } from '../support/pict-rs.js';

/**
 * A dry run says the same as the import after it, for odd databases of a pict-rs and a target that holds similar
 * records. fast-check prints the seed of a failure. `FUZZ_RUNS=200 npm test -- transfer/dry-run` is the long form.
 */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 8);
let source: TestDatabase;
let target: TestDatabase;
/** A database whose export is imported, and the folder for the export. */
let other: TestDatabase;
let folder = '';
/** The target, as imports open it. */
let db: Database;

before(async () => {
  source = await createDatabase({ empty: true });
  await createPictRs(source.sql, { hashes: 0, isDamaged: true });
  // A damaged database may lack these.
  await source.sql.unsafe(`
    alter table hashes drop constraint hashes_identifier_key, drop constraint hashes_motion_identifier_key`);
  target = await createDatabase();
  other = await createDatabase();
  db = await openTarget(connectionTo(target), { migrates: false });
  atEnd(() => db.close());
  folder = await mkdtemp(join(tmpdir(), 'pict-repo-dry-run-'));
  atEnd(() => rm(folder, { recursive: true }));
});

const HASHES = ['AQ==', 'Ag==', 'Aw==', 'no base64'];
const FILES = ['a', 'b', 'c', 'd', ''];
const ALIASES = ['x.png', 'y.png', GARBLED.text, GARBLED.uuid, 'a/b.png'];
const FIRST = '10000000-0000-4000-8000-000000000000';
const SECOND = '20000000-0000-4000-8000-000000000000';
const IDS = [FIRST, SECOND, '30000000-0000-4000-8000-000000000000'];
const one = <T>(...values: T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

const hash = fc.tuple(one(...HASHES), one(...FILES), fc.option(one(...FILES)));
const variant = fc.tuple(one(...HASHES), one('v', 'w'), one(...FILES));
const alias = fc.tuple(one(...ALIASES), one(...HASHES), one('t', 'u'));
const proxy = fc.tuple(one('https://1', 'https://2', ''), one(...ALIASES));
const details = fc.tuple(one(...FILES), one('{}', '{"width": 1}'));
const job = fc.tuple(one(...IDS), one('1', '2'), fc.option(one('k', 'l')));
const upload = fc.tuple(one(...IDS), one(...ALIASES), one('t', 'u'));
const records = fc.record({
  hashes: fc.array(hash, { maxLength: 4 }),
  variants: fc.array(variant, { maxLength: 4 }),
  aliases: fc.array(alias, { maxLength: 4 }),
  proxies: fc.array(proxy, { maxLength: 2 }),
  details: fc.array(details, { maxLength: 4 }),
  jobs: fc.array(job, { maxLength: 3 }),
  uploads: fc.array(upload, { maxLength: 2 }),
});
type Records = typeof records extends fc.Arbitrary<infer T> ? T : never;
const present = fc.record({
  hashes: fc.array(hash, { maxLength: 2 }),
  variants: fc.array(variant, { maxLength: 2 }),
  aliases: fc.array(alias, { maxLength: 2 }),
  proxies: fc.array(proxy, { maxLength: 1 }),
  details: fc.array(details, { maxLength: 1 }),
  jobs: fc.array(job, { maxLength: 1 }),
  condemned: fc.array(one(...FILES), { maxLength: 1 }),
  uploads: fc.array(upload, { maxLength: 1 }),
  /** Variants whose file another content or variant may have too. */
  shared: fc.array(variant, { maxLength: 1 }),
});
type Present = typeof present extends fc.Arbitrary<infer T> ? T : never;

const NOTHING: Records = {
  hashes: [],
  variants: [],
  aliases: [],
  proxies: [],
  details: [],
  jobs: [],
  uploads: [],
};
const EMPTY: Present = { ...NOTHING, condemned: [], shared: [] };
/** Cases in which the two have differed. */
const examples: [Records, Present][] = [
  // A table without rows is listed too.
  [NOTHING, EMPTY],
  // A variant gets the file of a content that is left behind, and keeps its own.
  [
    { ...NOTHING, hashes: [['AQ==', 'a', null]], variants: [['AQ==', 'v', 'a']], details: [['a', '{}']] },
    { ...EMPTY, hashes: [['AQ==', 'b', null]] },
  ],
  [
    {
      ...NOTHING,
      hashes: [
        ['AQ==', 'a', null],
        ['Ag==', 'b', null],
      ],
      variants: [['Ag==', 'v', 'a']],
    },
    { ...EMPTY, hashes: [['Ag==', 'b', null]], variants: [['Ag==', 'v', 'a']] },
  ],
  // A variant gets the file of another one that belongs to nothing.
  [
    {
      ...NOTHING,
      hashes: [['AQ==', 'a', null]],
      variants: [
        ['Ag==', 'v', 'b'],
        ['AQ==', 'v', 'b'],
      ],
    },
    EMPTY,
  ],
  // A content has a file twice, so the file belongs to nobody.
  [{ ...NOTHING, hashes: [['AQ==', 'a', 'a']], details: [['a', '{}']] }, EMPTY],
  // A garbled alias, and the one that it is repaired to.
  [
    {
      ...NOTHING,
      hashes: [['AQ==', 'a', null]],
      aliases: [
        [GARBLED.text, 'AQ==', 't'],
        [GARBLED.uuid, 'AQ==', 'u'],
      ],
    },
    EMPTY,
  ],
  [
    {
      ...NOTHING,
      hashes: [['AQ==', 'a', null]],
      aliases: [[GARBLED.text, 'AQ==', 't']],
      proxies: [['https://1', GARBLED.uuid]],
    },
    EMPTY,
  ],
  // The import left the first alias behind as an orphan, and its check then took it for changed.
  [
    {
      ...NOTHING,
      aliases: [
        [GARBLED.text, 'Aw==', 't'],
        [GARBLED.uuid, 'AQ==', 't'],
      ],
    },
    { ...EMPTY, hashes: [['AQ==', 'a', null]] },
  ],
  // The alias is that of another content here, which the URL would show.
  [
    {
      ...NOTHING,
      hashes: [['AQ==', 'a', null]],
      aliases: [['x.png', 'AQ==', 't']],
      proxies: [['https://1', 'x.png']],
      uploads: [[FIRST, 'x.png', 't']],
    },
    { ...EMPTY, hashes: [['Ag==', 'b', null]], aliases: [['x.png', 'Ag==', 't']] },
  ],
  // The second job is here already.
  [
    {
      ...NOTHING,
      jobs: [
        [FIRST, '1', 'k'],
        [SECOND, '1', 'k'],
      ],
    },
    { ...EMPTY, jobs: [[SECOND, '1', 'k']] },
  ],
];

test('a dry run says what an import does', async () => {
  await fc.assert(
    fc.asyncProperty(records, present, async (rows, stored) => {
      await fillSource(source.sql, rows);
      await fillTarget(target.sql, stored);
      const before = await oddities(target.sql);
      const dry = await importFrom({ dryRun: true });
      const real = await importFrom({ dryRun: false });
      assert.deepEqual(linesOf(dry), linesOf(real));
      const shown = await shownBy(source.sql);
      const isWrong = (oddity: string): boolean =>
        ![...before, ...shown.map(({ oddity }) => oddity)].includes(oddity) &&
        // What belongs to no alias in the source may find one here.
        (!/ (shows|is) /.test(oddity) || shown.some(({ what }) => oddity.startsWith(what)));
      assert.deepEqual((await oddities(target.sql)).filter(isWrong), []);
    }),
    { numRuns, examples },
  );
});

const ofFiles: [Present, Present][] = [
  // The details of a file whose content is left behind would belong to nothing.
  [
    { ...EMPTY, hashes: [['AQ==', 'a', null]], details: [['a', '{}']] },
    { ...EMPTY, hashes: [['AQ==', 'b', null]] },
  ],
  // An alias belongs to the content that stands here.
  [
    { ...EMPTY, hashes: [['AQ==', 'a', null]], aliases: [['x.png', 'AQ==', 't']] },
    { ...EMPTY, hashes: [['AQ==', 'b', null]] },
  ],
  // The alias is that of another content here, which the URL would show, and the upload give away.
  [
    {
      ...EMPTY,
      hashes: [['AQ==', 'a', null]],
      aliases: [['x.png', 'AQ==', 't']],
      proxies: [['https://1', 'x.png']],
    },
    { ...EMPTY, hashes: [['Ag==', 'b', null]], aliases: [['x.png', 'Ag==', 't']] },
  ],
  [
    {
      ...EMPTY,
      hashes: [['AQ==', 'a', null]],
      aliases: [['x.png', 'AQ==', 't']],
      uploads: [[FIRST, 'x.png', 't']],
    },
    { ...EMPTY, hashes: [['Ag==', 'b', null]], aliases: [['x.png', 'Ag==', 't']] },
  ],
  // Of two variants, only one can have the file.
  [
    { ...EMPTY, hashes: [['AQ==', 'a', null]], shared: [['AQ==', 'v', 'c']] },
    { ...EMPTY, hashes: [['AQ==', 'a', null]], variants: [['AQ==', 'w', 'c']] },
  ],
  // A file with two owners is condemned here, so neither of them gets it.
  [
    { ...EMPTY, hashes: [['AQ==', 'a', null]], shared: [['AQ==', 'v', 'a']] },
    { ...EMPTY, condemned: ['a'] },
  ],
];

test('of a file too, and what belongs to a record that is left behind is left behind', async () => {
  const file = join(folder, 'all.ndjson');
  await fc.assert(
    fc.asyncProperty(present, present, async (rows, stored) => {
      await fillTarget(other.sql, rows);
      await fillTarget(target.sql, stored);
      const before = await oddities(target.sql);
      const present = await rowsOf(target.sql);
      await exportRepo(connectionTo(other), { file, ...unwatched });
      const dry = await importFrom({ file, dryRun: true });
      const real = await importFrom({ file, dryRun: false });
      assert.equal(dry.describe(), real.describe());
      const known = [...before, ...(await oddities(other.sql))];
      const added = (await oddities(target.sql)).filter((oddity) => !known.includes(oddity));
      assert.deepEqual(added, []);
      const after = await rowsOf(target.sql);
      assert.deepEqual(
        present.filter((row) => !after.includes(row)),
        [],
      );
      const again = await importFrom({ file, dryRun: false });
      assert.deepEqual(
        [...again.tallies].map(([table, { added, left }]) => [table, added, left]),
        [...real.tallies].map(([table, { left }]) => [table, 0, left]),
      );
    }),
    { numRuns, examples: ofFiles },
  );
});

/** The rows that an export would have. */
async function rowsOf(sql: Sql): Promise<string[]> {
  const selects = TABLES.map(
    ({ name, where = 'true' }) => `select '${name} ' || to_json(${name}) as line from ${name} where ${where}`,
  );
  const rows = await sql.unsafe<{ line: string }[]>(selects.join(' union all '));
  return rows.map(({ line }) => line);
}

/** What the report would name, and what shows another image than in the database that it comes from. */
async function oddities(sql: Sql): Promise<string[]> {
  const rows = await sql<{ oddity: string }[]>`
    select 'details of ' || identifier as oddity
    from details
    where not exists (select from files where files.identifier = details.identifier and condemned_at is null)
    union all
    select 'no owner of ' || identifier
    from files
    where condemned_at is null
      and not exists (select from hashes where files.identifier in (hashes.identifier, motion_identifier))
      and not exists (select from variants where files.identifier = variants.identifier)
    union all
    select 'condemned ' || identifier
    from files
    where condemned_at is not null
      and exists (select from variants where files.identifier = variants.identifier)
    union all
    select url || ' shows ' || hash
    from proxies join aliases using (alias)
    union all
    select id || ' is ' || hash
    from uploads join aliases using (alias)`;
  return rows.map(({ oddity }) => oddity);
}

/** Like `oddities`: what URLs and uploads of a pict-rs show. */
async function shownBy(sql: Sql): Promise<{ what: string; oddity: string }[]> {
  return await sql<{ what: string; oddity: string }[]>`
    select what, what || case when hash like '%==' then decode(hash, 'base64')::text else '' end as oddity
    from (
      select url || ' shows ' as what, alias from proxies
      union all
      select id || ' is ', result -> 'Success' ->> 'alias' from uploads
    ) as shown
    join aliases using (alias)`;
}

/** The report without the order of its lines: a dry run reads some rows in another order. */
const linesOf = (outcome: Outcome): string[] => outcome.describe().split('\n').sort();

const connectionTo = ({ url }: TestDatabase) => connectionOptions({ url, statementTimeoutSeconds: 0 });

const unwatched = { output: { write: () => true }, onOpen: () => {} };

/** @param options.file an export, in place of the pict-rs */
async function importFrom({ dryRun, file }: { dryRun: boolean; file?: string }): Promise<Outcome> {
  const outcome = new Outcome(undefined);
  if (file) await importRepo(db, { file, dryRun, outcome, ...unwatched });
  else await importPictRs(db, { url: source.url, passwordFile: undefined, dryRun, outcome, ...unwatched });
  return outcome;
}

/** Runs one statement for each row. Rows that the database refuses are left out. */
async function insertAll<Row>(rows: Row[], insert: (row: Row) => PromiseLike<unknown>): Promise<void> {
  for (const row of rows) await insert(row).then(undefined, () => {});
}

async function empty(sql: Sql, tables: string[]): Promise<void> {
  await sql.unsafe(tables.map((table) => `delete from ${table}`).join(';')).simple();
}

async function fillSource(sql: Sql, rows: Records): Promise<void> {
  // In place of truncate, which makes new files, and each session plans its statements anew.
  await empty(sql, ['uploads', 'proxies', 'job_queue', 'details', 'aliases', 'variants', 'hashes']);
  await insertAll(
    rows.hashes,
    ([hash, file, motion]) =>
      sql`insert into hashes (hash, identifier, motion_identifier) values (${hash}, ${file}, ${motion})`,
  );
  await insertAll(
    rows.variants,
    ([hash, variant, file]) =>
      sql`insert into variants (hash, variant, identifier) values (${hash}, ${variant}, ${file})`,
  );
  await insertAll(
    rows.aliases,
    ([alias, hash, token]) =>
      sql`insert into aliases (alias, hash, token) values (${alias}, ${hash}, ${token})`,
  );
  await insertAll(
    rows.proxies,
    ([url, alias]) => sql`insert into proxies (url, alias) values (${url}, ${alias})`,
  );
  await insertAll(
    rows.details,
    ([file, json]) => sql`insert into details (identifier, json) values (${file}, ${json}::text::jsonb)`,
  );
  await insertAll(
    rows.jobs,
    ([id, json, key]) => sql`
      insert into job_queue (id, queue, job, unique_key) values (${id}, 'q', ${json}::text::jsonb, ${key})`,
  );
  await insertAll(
    rows.uploads,
    ([id, alias, token]) => sql`
      insert into uploads (id, result, created_at)
      values (
        ${id}, jsonb_build_object('Success', jsonb_build_object('alias', ${alias}::text, 'token', ${token}::text)),
        now() at time zone 'UTC'
      )`,
  );
}

async function fillTarget(sql: Sql, rows: Present): Promise<void> {
  await empty(sql, [
    ...['uploads', 'proxies', 'jobs', 'job_ids', 'alias_accesses', 'variant_accesses', 'variant_claims'],
    // Last the files, as what goes before may name them.
    ...['details', 'aliases', 'variants', 'hashes', 'files'],
  ]);
  await insertAll(
    rows.condemned,
    (file) => sql`insert into files (identifier, condemned_at) values (${file}, now())`,
  );
  await insertAll(
    rows.hashes,
    ([hash, file, motion]) => sql`
      insert into hashes (hash, identifier, motion_identifier) values (decode(${hash}, 'base64'), ${file}, ${motion})`,
  );
  await insertAll(
    rows.variants,
    ([hash, variant, file]) => sql`
      insert into variants (hash, variant, identifier) values (decode(${hash}, 'base64'), ${variant}, ${file})`,
  );
  await insertAll(
    rows.aliases,
    ([alias, hash, token]) => sql`
      insert into aliases (alias, hash, delete_token) values (${alias}, decode(${hash}, 'base64'), ${token})`,
  );
  await insertAll(rows.shared, async ([hash, variant, file]) => {
    await sql`
      delete from files
      where identifier = ${file}
        and exists (select from hashes where hash = decode(${hash}, 'base64'))
        and not exists (select from variants where hash = decode(${hash}, 'base64') and variant = ${variant})`;
    await sql`
      insert into variants (hash, variant, identifier) values (decode(${hash}, 'base64'), ${variant}, ${file})`;
    await sql`update files set is_shared = true where identifier = ${file}`;
  });
  await insertAll(
    rows.proxies,
    ([url, alias]) => sql`
      insert into proxies (url_sha256, url, alias) values (sha256(convert_to(${url}::text, 'UTF8')), ${url}, ${alias})`,
  );
  await insertAll(
    rows.uploads,
    ([id, alias, token]) => sql`
      insert into uploads (id, expires_at, alias, delete_token, completed_at)
      select ${id}, '2030-01-01Z', alias, ${token}, '2026-01-01Z' from aliases where alias = ${alias}`,
  );
  await insertAll(
    rows.details,
    ([file, json]) => sql`insert into details (identifier, details) values (${file}, ${json}::text::json)`,
  );
  await insertAll(
    rows.jobs,
    ([id, json, key]) => sql`
      insert into jobs (id, queue, job, unique_key) values (${id}, 'q', ${json}::text::json, ${key})`,
  );
}
