import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionOptions } from '../../src/database/connection.js';
import type { Database } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open-database.js';
import { SharedResult } from '../../src/repos/shared-result.js';
import { contentSlice } from '../../src/repos/usage/content-slice.js';
import { countOwners, ownerSlice } from '../../src/repos/usage/count-owners.js';
import { moreOwners } from '../../src/repos/usage/heavy.js';
import { type AllUsage, countUsage } from '../../src/repos/usage/repo.js';
import { moreVariants } from '../../src/repos/usage/variants-sql.js';
import { createDatabase } from '../support/database.js';
import { newHash } from '../support/new-hash.js';
import { nodesOf, planner } from '../support/queue-plans.js';
import { assertProblem } from '../support/raw-http.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const service = await startTestService();
const { ask, sql } = service;

const JPEG = '05';
const hashOf = (format: string): string => newHash().slice(0, 76) + format;
const usage = async (by: string) => (await ask('GET', `/usage?by=${by}&max_age=0`)).json;

async function create(hash: string, bytes?: number): Promise<void> {
  const answer = await ask('PUT', `/hashes/${hash}`, { identifier: `${hash}.img`, bytes });
  assert.equal(answer.status, 201);
}

function name(alias: string, hash: string, owner?: string) {
  return ask('PUT', `/aliases/${alias}`, { hash, delete_token: 't', ...(owner !== undefined && { owner }) });
}

/** As a group, or a total. */
const figures = (contents: number, files: number, bytes: number, unsized: number) => ({
  contents,
  files,
  bytes,
  unsized,
});

/** A count that no request asks for. */
async function usageOf(count: (db: Database) => Promise<AllUsage>): Promise<AllUsage> {
  const db = openDatabase(connectionOptions({ url: service.url, statementTimeoutSeconds: 30 }), {
    poolSize: 1,
    waitSeconds: 10,
  });
  try {
    return await count(db);
  } finally {
    await db.close();
  }
}

/** Removes everything. */
const clear = () => sql`truncate hashes cascade`;

test('usage: an empty repo has no groups; 400 for what it does not group by', async () => {
  for (const by of ['format', 'owner', 'kind', 'age']) {
    const { as_of, ...rest } = await usage(by);
    assert.match(as_of, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    assert.deepEqual(rest, { by, groups: [], total: figures(0, 0, 0, 0) });
  }
  for (const query of ['', '?by=size', '?by=', '?by=kind&by=age', '?by=kind&of=x', '?by=kind&max_age=-1'])
    assertProblem(await ask('GET', `/usage${query}`), 400, 'invalid_request');
});

test('usage: by format, kind, age and owner; what is shared counts for each owner, and in the total once', async () => {
  const [jpeg, png, other] = [hashOf(JPEG), hashOf('07'), 'ab05'];
  await create(jpeg, 1000);
  await create(png, 300);
  await create(other);
  await create(hashOf('ff'), 20);
  await ask('PUT', `/hashes/${jpeg}/variant?variant=a`, { identifier: 'v/a', bytes: 50 });
  await ask('PUT', `/hashes/${jpeg}/variant?variant=b`, { identifier: 'v/b' });
  await ask('PUT', `/hashes/${jpeg}/motion-identifier`, { identifier: 'm' });
  for (const [n, owner] of ['bob', 'alice', 'alice', undefined].entries())
    await name(`jpeg-${n}`, jpeg, owner);
  await name('png-0', png, 'bob');
  await ask('PUT', '/aliases/png-0/expiry', { expires_at: '2026-01-01T00:00:00Z' });
  await name('other-0', other);
  await sql`update hashes set created_at = '2025-03-31T23:30:00Z' where hash = ${Buffer.from(png, 'hex')}`;
  await sql`update hashes set created_at = '1970-01-01Z' where hash = ${Buffer.from(other, 'hex')}`;

  const total = figures(4, 7, 1370, 3);
  const ofJpeg = figures(1, 4, 1050, 2);
  const { as_of: _, ...formats } = await usage('format');
  assert.deepEqual(formats, {
    by: 'format',
    total,
    groups: [
      { name: 'jpeg', ...ofJpeg },
      { name: 'png', ...figures(1, 1, 300, 0) },
      { name: 'unknown', ...figures(2, 2, 20, 1) },
    ],
  });
  assert.deepEqual((await usage('kind')).groups, [
    { name: 'original', ...figures(4, 4, 1320, 1) },
    { name: 'variant', ...figures(1, 2, 50, 1) },
    { name: 'motion', ...figures(1, 1, 0, 1) },
  ]);
  const ages = (await usage('age')).groups;
  assert.match(ages[0].name, /^20\d\d-\d\d$/);
  assert.deepEqual(ages, [
    { name: ages[0].name, ...figures(2, 5, 1070, 2) },
    { name: '2025-03', ...figures(1, 1, 300, 0) },
    { name: 'unknown', ...figures(1, 1, 0, 1) },
  ]);
  const owners = await usage('owner');
  assert.deepEqual(owners.total, total);
  assert.deepEqual(owners.groups, [
    { name: 'bob', ...figures(2, 5, 1350, 2) },
    { name: 'alice', ...ofJpeg },
    { name: null, ...figures(2, 2, 20, 1) },
  ]);
});

test('usage: through many slices, with more variants than a slice looks at, and without what is being removed', async () => {
  await clear();
  await sql`
    insert into hashes (hash, identifier, bytes, created_at)
    select substr(sha256(int8send(n)) || '\\x00000000000000', 1, 38) || '\\x05', 'o' || n, n, '2026-01-01Z'
    from generate_series(1, 1300) as n`;
  await sql`
    insert into variants (hash, variant, identifier, bytes)
    select hash, 'v' || n, 'v' || identifier || '/' || n, case when n % 2 = 0 then 1 end
    from hashes cross join generate_series(1, 2500) as n
    where bytes = 7`;
  await sql`
    insert into aliases (alias, hash, delete_token, owner)
    select 'a' || identifier || owner, hash, 't', owner
    from hashes cross join unnest(array['one', 'two']) as owner`;
  await sql`
    insert into aliases (alias, hash, delete_token, owner)
    select 'many' || n, hash, 't', 'two' from hashes cross join generate_series(1, 1500) as n where bytes = 9`;
  await sql`
    insert into aliases (alias, hash, delete_token, owner)
    select identifier || 'last' || n, hash, 't', case when n = 1400 then 'last' end
    from hashes cross join generate_series(1, 1500) as n
    where bytes in (7, 11)`;
  await sql`update hashes set doomed_at = clock_timestamp() where bytes = 1300`;
  const all = figures(1299, 1299 + 2500, (1299 * 1300) / 2 + 1250, 1250);
  assert.deepEqual((await usage('format')).groups, [{ name: 'jpeg', ...all }]);
  const { groups, total } = await usage('owner');
  assert.deepEqual(groups, [
    { name: 'one', ...all },
    { name: 'two', ...all },
    { name: 'last', ...figures(2, 2 + 2500, 7 + 11 + 1250, 1250) },
  ]);
  assert.deepEqual(total, all);
  const { by } = await usageOf((db) => countUsage(db, 2));
  assert.deepEqual(by.owner.groups, groups);
});

test('usage: of more than 1,000 owners the largest are listed, and the others added up', async () => {
  await clear();
  await sql`
    insert into hashes (hash, identifier, bytes) select int4send(n), 'o' || n, n from generate_series(1, 2100) as n`;
  await sql`insert into aliases (alias, hash, delete_token, owner) select identifier, hash, 't', identifier from hashes`;
  const { groups, others } = await usage('owner');
  assert.deepEqual([groups.length, groups[0].name, groups[999].name], [1000, 'o2100', 'o1101']);
  assert.deepEqual(others, { groups: 1100, ...figures(1100, 1100, (1100 * 1101) / 2, 0) });
  // With more owners than are kept in memory, theirs is another pass.
  const { by } = await usageOf((db) => countUsage(db, 2000));
  assert.deepEqual(by.owner, { groups, others });
});

test('usage: no write waits for it, and it waits for no write', async () => {
  await sql.begin(async (tx) => {
    await tx`select from hashes order by hash for update`;
    assert.equal((await usage('kind')).groups[0].files, 2100);
  });
});

/** Results whose computations end when they are told to. */
function computing() {
  const computations: { end: (n: number) => void; fail: (error: Error) => void }[] = [];
  const shared = new SharedResult(
    () =>
      new Promise<{ as_of: string; n: number }>((resolve, reject) => {
        computations.push({ end: (n) => resolve({ as_of: `t${n}`, n }), fail: reject });
      }),
  );
  return { computations, read: async (maxAge?: number) => (await shared.read(maxAge)).n };
}

test('a shared result: requests that arrive meanwhile get the next one, and a failure is answered and not kept', async () => {
  const { computations, read } = computing();
  const first = [read(), read()];
  computations[0]?.end(1);
  assert.deepEqual(await Promise.all(first), [1, 1]);
  const second = read();
  const later = [read(), read(0)];
  computations[1]?.end(2);
  assert.equal(await second, 2);
  await until(() => computations.length === 3);
  computations[2]?.fail(new Error('broken'));
  for (const outcome of await Promise.allSettled(later)) assert.equal(outcome.status, 'rejected');
  const fresh = read();
  computations[3]?.end(4);
  assert.equal(await fresh, 4);
});

test('a shared result that took long is kept, computed anew beside the answers, and is not answered when it is too old', async (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { computations, read } = computing();
  const refused = assert.rejects(read(), { code: 'figures_not_ready', extensions: { retryAfterSeconds: 5 } });
  t.mock.timers.tick(10_000);
  await refused;
  now = 60_000;
  const joined = read();
  assert.equal(computations.length, 1);
  computations[0]?.end(1);
  assert.equal(await joined, 1);
  now += 20 * 60_000;
  assert.equal(await read(), 1);
  assert.equal(await read(60 + 20 * 60), 1);
  assert.equal(computations.length, 1);
  now += 1;
  assert.equal(await read(), 1);
  assert.equal(computations.length, 2);
  now += 3_600_000;
  const late = assert.rejects(read(), {
    code: 'figures_not_ready',
    extensions: { retryAfterSeconds: 5, asOf: 't1' },
  });
  t.mock.timers.tick(10_000);
  await late;
  assert.equal(computations.length, 2);
});

const { url } = await (async () => {
  const database = await createDatabase();
  await database.sql`
    insert into hashes (hash, identifier) select int4send(n), 'i' || n from generate_series(1, 3000) as n`;
  await database.sql`
    insert into variants (hash, variant, identifier) select hash, 'v', 'v' || identifier from hashes`;
  await database.sql`
    insert into aliases (alias, hash, delete_token, owner) select identifier, hash, 't', identifier from hashes`;
  await database.sql`analyze`;
  return database;
})();
const { explain } = planner(url);

test('a slice reads what it counts by index, and no more', async () => {
  const slices: Record<string, (db: Database) => Promise<unknown>> = {
    contents: (db) => db.run((sql) => contentSlice(sql, { at: '-infinity', hash: '' }, 50)),
    owners: (db) => db.run((sql) => ownerSlice(sql, { owner: 'i2', hash: '' }, 50)),
    variants: (db) => db.run((sql) => moreVariants(sql, { hash: Buffer.alloc(4), variant: '' }, 50)),
    aliases: (db) => db.run((sql) => moreOwners(sql, { hash: Buffer.alloc(4), alias: '' }, 50)),
    first: (db) => countUsage({ ...db, run: async (statement) => [...(await db.run(statement))].slice(1) }),
    'first of owners': (db) =>
      countOwners({ ...db, run: async (statement) => [...(await db.run(statement))].slice(1) }, Infinity),
  };
  for (const [name, slice] of Object.entries(slices)) {
    const size = name.startsWith('first') ? 500 : 50;
    for (const node of nodesOf(await explain(slice, 'force_generic_plan'))) {
      const what = `${name}: ${node['Node Type']} ${node['Relation Name']} ${node['Index Name']}`;
      assert.ok(!/^(Seq|Bitmap)/.test(node['Node Type']), what);
      assert.ok(node['Actual Rows'] * node['Actual Loops'] <= size, what);
    }
  }
});
