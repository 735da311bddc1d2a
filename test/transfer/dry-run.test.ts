import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { connectionOptions } from '../../src/database/connection.js';
import type { Sql } from '../../src/database/database.js';
import { Outcome } from '../../src/transfer/outcome.js';
import { importPictRs } from '../../src/transfer/pict-rs/import.js';
import { openTarget } from '../../src/transfer/target.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { createPictRs, GARBLED } from '../support/pict-rs.js';

/**
 * A dry run says the same as the import after it, for odd databases of a pict-rs and a target that holds similar
 * records. fast-check prints the seed of a failure. `FUZZ_RUNS=1000 npm test -- transfer/dry-run` is the long form.
 */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 20);
let source: TestDatabase;
let target: TestDatabase;

before(async () => {
  source = await createDatabase({ empty: true });
  await createPictRs(source.sql, { hashes: 0, isDamaged: true });
  // Nothing that a damaged database may lack.
  await source.sql.unsafe(`
    alter table hashes drop constraint hashes_identifier_key, drop constraint hashes_motion_identifier_key`);
  target = await createDatabase();
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
const EMPTY: Present = { ...NOTHING, condemned: [] };
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
      const dry = await importFrom({ dryRun: true });
      const real = await importFrom({ dryRun: false });
      assert.deepEqual(linesOf(dry), linesOf(real));
    }),
    { numRuns, examples },
  );
});

/** The report without the order of its lines: a dry run reads some rows in another order. */
const linesOf = (outcome: Outcome): string[] => outcome.describe().split('\n').sort();

async function importFrom({ dryRun }: { dryRun: boolean }): Promise<Outcome> {
  const db = await openTarget(connectionOptions({ url: target.url, statementTimeoutSeconds: 0 }), {
    migrates: false,
  });
  const outcome = new Outcome(undefined);
  const unwatched = { output: { write: () => true }, onOpen: () => {} };
  try {
    await importPictRs(db, { url: source.url, passwordFile: undefined, dryRun, outcome, ...unwatched });
  } finally {
    await db.close();
  }
  return outcome;
}

/** Runs one statement for each row. Rows that the database refuses are left out. */
async function insertAll<Row>(rows: Row[], insert: (row: Row) => PromiseLike<unknown>): Promise<void> {
  for (const row of rows) await insert(row).then(undefined, () => {});
}

async function fillSource(sql: Sql, rows: Records): Promise<void> {
  await sql`truncate hashes, variants, aliases, settings, details, job_queue, store_migrations, proxies, uploads`;
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
  await sql`
    truncate hashes, variants, aliases, proxies, details, jobs, job_ids, uploads, files, alias_accesses,
      variant_accesses, variant_claims`;
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
  await insertAll(
    rows.proxies,
    ([url, alias]) => sql`
      insert into proxies (url_sha256, url, alias) values (sha256(convert_to(${url}::text, 'UTF8')), ${url}, ${alias})`,
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
