import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '../../src/database/database.js';
import { mediaRepo } from '../../src/repos/media/repo.js';
import { moveStatement } from '../../src/repos/store-migration/move.js';
import { markingStatement, PASSES } from '../../src/repos/store-migration/progress.js';
import { unmigratedStatement } from '../../src/repos/store-migration/unmigrated.js';
import { createDatabase } from '../support/database.js';
import { nodesOf, type PlanNode, planner } from '../support/queue-plans.js';

const { url, sql } = await createDatabase();
const { explain, plan } = planner(url);

const ROWS = 2000;
/** More rows than any of these statements has to read of a table, and far fewer than there are. */
const FEW = 700;

function seed() {
  return sql.unsafe(`
    insert into hashes (hash, identifier) select int4send(n), 'i' || n from generate_series(1, ${ROWS}) as n;
    insert into variants (hash, variant, identifier, idle_since)
    select hash, 'v', 'v' || identifier, '2026-01-01Z'::timestamptz + n * interval '1 s'
    from (select *, row_number() over () as n from hashes) as numbered;
    insert into aliases (alias, hash, delete_token, owner, expires_at)
    select 'a' || n, int4send(n), 't', 'owner', '2026-01-01Z'::timestamptz + n * interval '1 s'
    from generate_series(1, ${ROWS}) as n;
    insert into proxies (url_sha256, url, alias, idle_since)
    select sha256(convert_to('u' || n, 'UTF8')), 'u' || n, 'a' || n, '2026-01-01Z'::timestamptz + n * interval '1 s'
    from generate_series(1, ${ROWS}) as n;
    insert into variant_accesses (hash, variant, accessed) select hash, 'v', '2026-02-01Z' from hashes;
    insert into alias_accesses (alias, accessed) select alias, '2026-02-01Z' from aliases;
    insert into details (identifier, details) select identifier, '{}' from files;
    insert into store_migrations (old_identifier, new_identifier, marked_at)
    select 'old' || n, 'i' || n, '2026-01-01Z'::timestamptz + n * interval '1 s' from generate_series(1, ${ROWS} / 2) as n`);
}
type Repo = ReturnType<typeof mediaRepo>;

const enqueuer: Parameters<typeof mediaRepo>[1]['enqueuer'] = {
  into: (sql, queue) => (jobs) =>
    sql`insert into jobs (queue, job, max_attempts) select ${queue ?? ''}, job, 5 from (${jobs}) as job`,
  pushed: () => {},
};

function ask(call: (repo: Repo) => Promise<unknown>) {
  const accessed = async () => {};
  return (db: Database) =>
    call(
      mediaRepo(db, {
        aliasAccess: { accessed },
        variantAccess: { accessed },
        enqueuer,
        accessGranularitySeconds: 0,
      }),
    );
}

const older_than = '2026-03-01T00:00:00Z';
const pass = { limit: 50, enqueue: 'q' };
const statements: Record<string, (db: Database) => Promise<unknown>> = {
  releaseAlias: ask((repo) => repo.releaseAlias('a77', 't', 'q')),
  releaseOwner: ask((repo) => repo.releaseOwner({ owner: 'owner', ...pass })),
  expireVariants: ask((repo) => repo.expireVariants({ older_than, ...pass })),
  expireProxied: ask((repo) => repo.expireProxied({ older_than, ...pass })),
  expireAliases: ask((repo) => repo.expireAliases({ older_than, ...pass })),
  'commitUpload, new': ask((repo) =>
    repo.commitUpload(
      'new',
      { hash: 'ff', identifier: 'new', delete_token: 't', details: '{}', proxy_url: 'new' },
      'q',
    ),
  ),
  'find, an alias': ask((repo) => repo.find('a77')),
  'find, the beginning of a hash': ask((repo) => repo.find('0000004d')),
  'find, an owner': ask((repo) => repo.find('owner')),
  move: (db) =>
    db.run((sql) =>
      moveStatement(sql, 'vi77', 'new', {
        queue: 'q',
        insertJobs: enqueuer.into(sql, 'q'),
        isDry: false,
      }),
    ),
  unmigrated: (db) => db.run((sql) => unmigratedStatement(sql, 'i5', 100)),
  'marks of a move': (db) => db.run(markingStatement),
  'count of a move, contents': counted(0, ['2026-01-01T00:00:00.000000Z', '']),
  'count of a move, variants': counted(1, ['0000004d', 'v']),
  'count of a move, marks': counted(2, ['old5']),
};

/** A slice of a pass that counts the files of a move. */
function counted(pass: number, place: string[]) {
  const [slice] = PASSES[pass] ?? [];
  assert.ok(slice);
  return (db: Database) => db.run((sql) => slice(sql, place, 100));
}

/** Fails where the plan reads more of a table than it has to. */
function assertBounded(found: PlanNode): void {
  for (const node of nodesOf(found).filter((one) => one['Relation Name'] !== undefined)) {
    const [rows, kind] = [node['Actual Rows'] * node['Actual Loops'], node['Node Type']];
    // The latter has one row.
    if (kind === 'ModifyTable' || node['Relation Name'] === 'files_taken_in') continue;
    assert.ok(rows <= FEW, `${kind} ${node['Index Name']} of ${node['Relation Name']}: ${rows} rows`);
    assert.notEqual(kind, 'Seq Scan', node['Relation Name']);
    // Two lookups for each row, as a subscript of an array of keys.
    assert.ok(buffersOf(node) < 20 * FEW, `${kind} ${node['Index Name']}: ${buffersOf(node)} pages`);
  }
}

const buffersOf = (node: PlanNode): number => node['Shared Hit Blocks'] + node['Shared Read Blocks'];

test('removals, uploads, moves and their counts read what they need by an index, also by plans of empty tables', async () => {
  const later = new Map<string, Awaited<ReturnType<typeof plan>>>();
  for (const [name, statement] of Object.entries(statements)) later.set(name, await plan(statement));
  await seed();
  for (const [name, statement] of Object.entries(statements)) {
    await assert.doesNotReject(async () => {
      const youngPlan = await later.get(name)?.(statement);
      assert.ok(youngPlan);
      assertBounded(youngPlan);
    }, name);
  }
  // PostgreSQL plans prepared statements again after this.
  await sql`analyze`;
  for (const [name, statement] of Object.entries(statements)) {
    await assert.doesNotReject(
      async () => assertBounded(await explain(statement, 'force_generic_plan')),
      name,
    );
  }
});
