import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { Database } from '../../src/database/database.js';
import { KINDS } from '../../src/repos/report/kinds.js';
import { lookStatement } from '../../src/repos/report/look.js';
import {
  removeBlocked,
  removeExpiredProxies,
  removeWithoutAlias,
} from '../../src/repos/report/remove-contents.js';
import { newHash } from '../support/new-hash.js';
import { nodesOf, planner } from '../support/queue-plans.js';
import { whileOpen } from '../support/races.js';
import { assertProblem } from '../support/raw-http.js';
import { unstorable } from '../support/refused-values.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const service = await startTestService({ CONDEMNED_GRACE_SECONDS: '1' });
const { ask, sql } = service;
const OLD = '2030-01-01T00:00:00Z';
const LONG_AGO = '2020-01-01T00:00:00Z';
const NOTHING = { aliases: [], hashes: [], variants: [], identifiers: [] };

interface Finding {
  kind: string;
  count: number;
  complete: boolean;
  samples: Record<string, string>[];
  clean: { operation: string; path: string; body?: object };
}

beforeEach(
  () => sql`
    truncate hashes, variants, aliases, proxies, alias_accesses, variant_accesses, details, files, jobs, dead_jobs,
      blocked_hashes, store_migrations, uploads, variant_claims`,
);

/** A content, as old as those that a cleaner may remove. */
async function oldContent({ alias }: { alias?: string } = {}): Promise<string> {
  const hash = newHash();
  await ask('PUT', `/hashes/${hash}`, { identifier: `${hash}.png` });
  if (alias !== undefined) await ask('PUT', `/aliases/${alias}`, { hash, delete_token: 't' });
  await sql`update hashes set created_at = ${LONG_AGO} where hash = ${Buffer.from(hash, 'hex')}`;
  return hash;
}

async function oldDetails(...identifiers: string[]): Promise<void> {
  for (const identifier of identifiers) await ask('PUT', `/details?identifier=${identifier}`, {});
  await sql`update details set created_at = ${LONG_AGO} where identifier = any(${identifiers})`;
}

const clean = (kind: string, body: object = {}) => ask('POST', '/report/clean', { kind, ...body });
const aged = (kind: string, body: object = {}) => clean(kind, { older_than: OLD, ...body });

async function findingOf(kind: string): Promise<Finding> {
  const { json } = await ask('GET', '/report?max_age=0');
  const found = json.findings.find((one: Finding) => one.kind === kind);
  assert.ok(found?.complete, kind);
  return found;
}

async function assertFound(kind: string, samples: object[]): Promise<Finding> {
  const found = await findingOf(kind);
  assert.deepEqual([found.count, found.samples], [samples.length, samples], kind);
  return found;
}

async function jobsOf(queue: string): Promise<string[]> {
  const rows = await sql<{ identifier: string }[]>`
    select job -> 'Identifier' ->> 'identifier' as identifier from jobs where queue = ${queue} order by 1`;
  return rows.map(({ identifier }) => identifier);
}

test('report: a line for each kind, even without findings; the request that cleans it is accepted', async () => {
  const { json } = await ask('GET', '/report?max_age=0');
  assert.deepEqual(
    json.findings.map(({ kind, count, complete, samples }: Finding) => [kind, count, complete, samples]),
    Object.keys(KINDS).map((kind) => [kind, 0, true, []]),
  );
  assert.deepEqual(json.oldest_access, { alias: null, variant: null });
  for (const { clean } of json.findings) {
    if (clean.operation !== 'report.clean') continue;
    const answer = await ask('POST', '/report/clean', clean.body);
    assert.deepEqual(answer.json, { removed: NOTHING, repaired: [], more: false }, clean.body.kind);
  }
});

test('hashes without alias: old ones are found and removed with their files, which are named and enqueued once', async () => {
  const [orphan, other, named] = [await oldContent(), await oldContent(), await oldContent({ alias: 'a' })];
  const young = newHash();
  await ask('PUT', `/hashes/${young}`, { identifier: `${young}.png` });
  await ask('PUT', `/hashes/${orphan}/variant?variant=v`, { identifier: `${orphan}.v` });
  await oldDetails(`${orphan}.v`);
  const sorted = [orphan, other].sort();
  await assertFound(
    'hashes_without_alias',
    sorted.map((hash) => ({ hash, identifier: `${hash}.png`, created_at: '2020-01-01T00:00:00.000000Z' })),
  );
  const removed = {
    ...NOTHING,
    hashes: sorted,
    variants: [{ hash: orphan, variant: 'v' }],
    identifiers: [...sorted.map((hash) => `${hash}.png`), `${orphan}.v`].sort(),
  };
  const dry = await aged('hashes_without_alias', { dry_run: true, enqueue: 'q' });
  assert.deepEqual(dry.json, { removed, repaired: [], more: false });
  assert.deepEqual(await jobsOf('q'), []);
  const none = await clean('hashes_without_alias', { older_than: '2019-01-01T00:00:00Z' });
  assert.deepEqual(none.json.removed, NOTHING);
  assert.deepEqual((await aged('hashes_without_alias', { enqueue: 'q' })).json, dry.json);
  assert.deepEqual((await aged('hashes_without_alias', { enqueue: 'q' })).json.removed, NOTHING);
  assert.deepEqual(await jobsOf('q'), removed.identifiers);
  for (const [hash, status] of [
    [orphan, 404],
    [young, 200],
    [named, 200],
  ] as const)
    assert.equal((await ask('GET', `/hashes/${hash}`)).status, status);
  assert.equal((await ask('GET', `/details?identifier=${orphan}.v`)).status, 404);
  assertProblem(
    await ask('PUT', `/hashes/${newHash()}`, { identifier: `${orphan}.png` }),
    409,
    'identifier_condemned',
  );
});

test('hashes without alias: in passes of `limit`, resumed by `next`; a dry run comes to the end too', async () => {
  const orphans = [await oldContent(), await oldContent(), await oldContent()].sort();
  for (const dry_run of [true, false]) {
    const seen: string[] = [];
    let after: { after?: string } = {};
    for (;;) {
      const { json } = await aged('hashes_without_alias', { limit: 1, dry_run, ...after });
      seen.push(...json.removed.hashes);
      if (!json.more) break;
      after = { after: json.next };
    }
    assert.deepEqual(seen, orphans);
  }
});

test('hashes without alias: a dry run comes to the end of more variants than one pass removes', async () => {
  const orphans = [];
  for (let n = 0; n < 7; n++) {
    const hash = await oldContent();
    orphans.push(hash);
    await sql`
      insert into variants (hash, variant, identifier)
      select ${Buffer.from(hash, 'hex')}::bytea, 'v' || n, ${hash} || n from generate_series(1, 900) as n`;
  }
  for (const dry_run of [true, false]) {
    const seen: string[] = [];
    let after: { after?: string } = {};
    for (let passes = 1; passes <= 8; passes++) {
      const { json } = await aged('hashes_without_alias', { dry_run, ...after });
      assert.ok(json.removed.variants.length <= 6000);
      seen.push(...json.removed.hashes);
      if (!json.more) break;
      after = { after: json.next };
    }
    assert.deepEqual(seen.sort(), orphans.sort());
  }
});

test('hashes without alias: an alias that is added meanwhile keeps the content', async () => {
  const hash = await oldContent();
  const answer = await whileOpen(
    sql,
    (tx) =>
      tx`insert into aliases (alias, hash, delete_token) values ('late', ${Buffer.from(hash, 'hex')}, 't')`,
    () => aged('hashes_without_alias'),
  );
  assert.deepEqual(answer.json, { removed: NOTHING, repaired: [], more: false });
  assert.equal((await ask('GET', '/media?alias=late')).status, 200);
});

test('hashes without alias: one with many variants needs a queue, and goes in steps', async () => {
  const hash = await oldContent();
  await sql`
    insert into variants (hash, variant, identifier)
    select ${Buffer.from(hash, 'hex')}::bytea, 'v' || n, ${hash} || n from generate_series(1, 1200) as n`;
  assertProblem(await aged('hashes_without_alias'), 409, 'enqueue_required');
  assert.equal((await ask('GET', `/hashes/${hash}`)).status, 200);
  const { removed } = (await aged('hashes_without_alias', { enqueue: 'q' })).json;
  assert.deepEqual(removed, { ...NOTHING, hashes: [hash] });
  await until(async () => (await jobsOf('q')).length === 1201);
});

test('race: concurrent cleaners and uploads of the same contents: each file is named once, and uploads are kept', async () => {
  const orphans: string[] = [];
  for (let n = 0; n < 20; n++) orphans.push(await oldContent());
  const [cleaned, uploads] = await Promise.all([
    Promise.all([1, 2, 3, 4].map(() => aged('hashes_without_alias', { enqueue: 'q' }))),
    Promise.all(
      orphans.map((hash, n) =>
        ask('PUT', `/media/raced-${n}`, { hash, identifier: `new-${n}`, delete_token: 't', enqueue: 'q' }),
      ),
    ),
  ]);
  const named = [
    ...cleaned.flatMap(({ json }) => json.removed.identifiers),
    ...uploads.flatMap(({ json }) => json.unneeded),
  ];
  assert.deepEqual((await jobsOf('q')).sort(), named.sort());
  assert.equal(new Set(named).size, named.length);
  for (const [n, { status, json }] of uploads.entries()) {
    assert.equal(status, 201);
    assert.ok(!named.includes(json.identifier));
    assert.equal((await ask('GET', `/media?alias=raced-${n}`)).json.identifier, json.identifier);
  }
});

test('details without owner: found and condemned as by files.condemn, enqueued once; a move is spared', async () => {
  const hash = await oldContent({ alias: 'a' });
  await oldDetails('lost/1', 'lost/2', `${hash}.png`, 'moving');
  await ask('PUT', '/details?identifier=young', {});
  await ask('PUT', '/store-migration/identifiers', { identifier: 'old', new_identifier: 'moving' });
  await assertFound('details_without_owner', [{ identifier: 'lost/1' }, { identifier: 'lost/2' }]);
  const removed = { ...NOTHING, identifiers: ['lost/1', 'lost/2'] };
  const dry = await aged('details_without_owner', { dry_run: true });
  assert.deepEqual(dry.json, { removed, repaired: [], more: false });
  const first = await aged('details_without_owner', { limit: 1, enqueue: 'q' });
  assert.deepEqual([first.json.removed.identifiers, first.json.more], [['lost/1'], true]);
  const second = await aged('details_without_owner', { enqueue: 'q', after: first.json.next });
  assert.deepEqual([second.json.removed.identifiers, second.json.more], [['lost/2'], false]);
  assert.deepEqual((await aged('details_without_owner', { enqueue: 'q' })).json.removed, NOTHING);
  assert.deepEqual(await jobsOf('q'), ['lost/1', 'lost/2']);
  assertProblem(
    await ask('PUT', `/hashes/${newHash()}`, { identifier: 'lost/1' }),
    409,
    'identifier_condemned',
  );
});

test('proxies of expired aliases: released, with the last alias the content too', async () => {
  const [hash, kept] = [await oldContent({ alias: 'gone' }), await oldContent({ alias: 'stays' })];
  await ask('PUT', '/aliases/no-proxy', { hash: kept, delete_token: 't' });
  for (const alias of ['gone', 'stays']) await ask('PUT', '/proxies', { url: `https://${alias}`, alias });
  for (const alias of ['gone', 'no-proxy'])
    await ask('PUT', `/aliases/${alias}/expiry`, { expires_at: LONG_AGO });
  const expires_at = '2020-01-01T00:00:00.000000Z';
  await assertFound('proxies_of_expired_aliases', [{ alias: 'gone', expires_at }]);
  const { removed } = (await aged('proxies_of_expired_aliases')).json;
  assert.deepEqual(removed, {
    ...NOTHING,
    aliases: ['gone'],
    hashes: [hash],
    identifiers: [`${hash}.png`],
  });
  assert.equal((await sql`select from proxies`).length, 1);
  assert.equal((await ask('GET', '/aliases/no-proxy')).status, 200);
});

test('blocked contents: found and removed with all their aliases; what is no longer blocked stays', async () => {
  const [hash, other] = [await oldContent({ alias: 'a' }), await oldContent({ alias: 'b' })];
  await ask('PUT', '/aliases/c', { hash, delete_token: 't' });
  for (const one of [hash, other]) await ask('PUT', `/blocked-hashes/${one.slice(0, 64)}`);
  await ask('DELETE', `/blocked-hashes/${other.slice(0, 64)}`);
  await assertFound('blocked_contents', [{ hash, identifier: `${hash}.png` }]);
  const expected = { ...NOTHING, aliases: ['a', 'c'], hashes: [hash], identifiers: [`${hash}.png`] };
  assert.deepEqual((await clean('blocked_contents', { dry_run: true })).json.removed, expected);
  const { json } = await clean('blocked_contents', { enqueue: 'q' });
  assert.deepEqual(json, { removed: expected, repaired: [], more: false });
  assert.deepEqual(await jobsOf('q'), [`${hash}.png`]);
  assert.equal((await ask('GET', `/media?alias=b`)).status, 200);
});

test('blocked contents: all of a block are counted, however many, and those of the blocks around it', async () => {
  await sql`insert into blocked_hashes (digest) select sha256(int8send(n)) from generate_series(1, 300) as n`;
  await sql`
    insert into hashes (hash, identifier)
    select digest || int8send(n), 'blocked ' || n || ' ' || digest
    from (select digest, row_number() over (order by digest) as place from blocked_hashes) as block,
      generate_series(1, case when place % 100 = 50 then 1300 when place % 100 = 51 then 1 else 0 end) as n`;
  assert.equal((await findingOf('blocked_contents')).count, 3 * 1301);
  const dry = { dry_run: true, limit: 1000 };
  let removed = 0;
  let after: { after?: string } = {};
  for (;;) {
    const { json } = await clean('blocked_contents', { ...dry, ...after });
    removed += json.removed.hashes.length;
    if (!json.more) break;
    after = { after: json.next };
  }
  assert.equal(removed, 3 * 1301);
});

test('blocked contents: one with many aliases goes in steps, and one of several waits for the next pass', async () => {
  const hash = await oldContent({ alias: 'a' });
  const formats = ['03', '07', '09'].filter((format) => !hash.endsWith(format)).slice(0, 2);
  const others = formats.map((format) => `${hash.slice(0, 76)}${format}`);
  for (const other of others) await ask('PUT', `/hashes/${other}`, { identifier: `${other}.png` });
  await ask('PUT', `/blocked-hashes/${hash.slice(0, 64)}`);
  await sql`
    insert into aliases (alias, hash, delete_token)
    select 'a' || n, ${Buffer.from(hash, 'hex')}::bytea, 't' from generate_series(1, 1100) as n`;
  const seen: string[] = [];
  let after: { after?: string } = {};
  for (;;) {
    const { json } = await clean('blocked_contents', { limit: 1, enqueue: 'q', ...after });
    seen.push(...json.removed.hashes);
    if (!json.more) break;
    after = { after: json.next };
  }
  assert.deepEqual(seen.sort(), [hash, ...others].sort());
  await until(async () => (await sql`select from hashes`).length === 0);
  assert.deepEqual(await jobsOf('q'), [hash, ...others].map((one) => `${one}.png`).sort());
});

test('inconsistent files: rows without owner are condemned or get one, missing and condemned rows are repaired', async () => {
  const [hash, other] = [await oldContent({ alias: 'a' }), await oldContent({ alias: 'b' })];
  const bytesOf = (one: string) => Buffer.from(one, 'hex');
  await ask('PUT', `/hashes/${hash}/variant?variant=v`, { identifier: 'variant' });
  await ask('PUT', `/hashes/${hash}/motion-identifier`, { identifier: 'motion' });
  await sql`insert into files (identifier, hash, kind) values ('nobody', ${bytesOf(hash)}, 'variant')`;
  await sql`update files set hash = ${bytesOf(other)} where identifier = 'variant'`;
  await assertFound('files_without_owner', [
    { identifier: 'nobody', kind: 'variant', hash },
    { identifier: 'variant', kind: 'variant', hash: other },
  ]);
  const { json } = await clean('files_without_owner', { enqueue: 'q' });
  assert.deepEqual(json.removed, { ...NOTHING, identifiers: ['nobody'] });
  assert.deepEqual(json.repaired, ['variant']);
  assert.deepEqual(await jobsOf('q'), ['nobody']);
  assertProblem(
    await ask('PUT', `/hashes/${newHash()}`, { identifier: 'nobody' }),
    409,
    'identifier_condemned',
  );

  await sql`delete from files where identifier = 'variant'`;
  await sql`update files set condemned_at = clock_timestamp() where identifier = any(${['motion', `${hash}.png`]})`;
  const missing = [`${hash}.png`, 'motion', 'variant'].sort();
  const { count, samples } = await findingOf('owners_without_file');
  assert.deepEqual([count, samples.map(({ identifier }) => identifier).sort()], [3, missing]);
  const dry = await clean('owners_without_file', { dry_run: true });
  assert.deepEqual(dry.json.repaired.sort(), missing);
  assert.deepEqual((await clean('owners_without_file')).json.repaired, missing);
  await assertFound('owners_without_file', []);
  await assertFound('files_without_owner', []);
});

test('inconsistent files: a pass that ends between two files of a content goes on with the next of them', async () => {
  const hashes = [await oldContent({ alias: 'a' }), await oldContent({ alias: 'b' })];
  for (const hash of hashes)
    await ask('PUT', `/hashes/${hash}/variant?variant=v`, { identifier: `${hash}v` });
  await sql`delete from files`;
  const missing = hashes.flatMap((hash) => [`${hash}.png`, `${hash}v`]).sort();
  for (const dry_run of [true, false]) {
    const repaired: string[] = [];
    let after: string | undefined;
    do {
      const { json } = await clean('owners_without_file', { limit: 1, dry_run, after });
      repaired.push(...json.repaired);
      after = json.next;
    } while (after !== undefined);
    assert.deepEqual(repaired.sort(), missing);
  }
});

test('files that do not fit: those of a content with any number of variants are found and repaired', async () => {
  const hash = await oldContent({ alias: 'a' });
  await sql`
    insert into variants (hash, variant, identifier)
    select ${Buffer.from(hash, 'hex')}, 'v' || n, ${hash} || n from generate_series(1, 1200) as n`;
  await sql`delete from files where kind = 'variant' and identifier like '%00'`;
  assert.equal((await findingOf('owners_without_file')).count, 12);
  assert.equal((await clean('owners_without_file')).json.repaired.length, 12);
  await assertFound('owners_without_file', []);
});

test('files to delete: named an hour ago at least, until somebody says that they are deleted', async () => {
  await oldDetails('old', 'deleted', 'young');
  await ask('POST', '/files/condemn', { identifiers: ['old', 'deleted', 'young'], older_than: OLD });
  // A name is free after 30 days, so this is not so long ago.
  await sql`update files set condemned_at = condemned_at - interval '2 hours' where identifier <> 'young'`;
  await ask('POST', '/files/deleted', { identifiers: ['deleted'] });
  const { count, samples, clean } = await findingOf('files_to_delete');
  assert.deepEqual([count, samples[0]?.['identifier'], clean.operation], [1, 'old', 'files.deleted']);
});

test('dead jobs: counted, with the route that redrives them', async () => {
  await ask('POST', '/queues/q/jobs', { job: 1, max_attempts: 1 });
  const { json } = await ask('POST', '/queues/q/pop', { worker_id: 'w' });
  await ask('POST', `/leases/${json.jobs[0].lease}/fail`, { retry: false });
  const { count, samples, clean } = await findingOf('dead_jobs');
  assert.deepEqual([count, samples[0]?.['queue'], samples[0]?.['id']], [1, 'q', json.jobs[0].id]);
  assert.equal(clean.operation, 'queue.redrive');
});

test('report: the oldest accesses', async () => {
  const hash = await oldContent({ alias: 'a' });
  await ask('PUT', `/hashes/${hash}/variant?variant=v`, { identifier: 'v' });
  const accessed = '2020-01-01T00:00:00.000000Z';
  await ask('PUT', '/aliases/a/access', { at: accessed });
  await ask('PUT', `/hashes/${hash}/variant/access?variant=v`, { at: accessed });
  assert.deepEqual((await ask('GET', '/report?max_age=0')).json.oldest_access, {
    alias: { alias: 'a', accessed },
    variant: { hash, variant: 'v', accessed },
  });
});

test('report: through many slices; ten samples of more', async () => {
  await sql`
    insert into details (identifier, details, created_at)
    select 'd' || n, '{}', ${LONG_AGO}::text::timestamptz from generate_series(1, 1300) as n`;
  const { count, samples } = await findingOf('details_without_owner');
  assert.deepEqual([count, samples.length], [1300, 10]);
});

test('clean: 400 for another kind, a missing or unwanted age, and what is no `next` of this kind', async () => {
  const next = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const files = 'details_without_owner';
  for (const body of [
    {},
    { kind: 'dead_jobs' },
    { kind: 'toString' },
    { kind: files },
    { kind: files, older_than: 'yesterday' },
    { kind: 'blocked_contents', older_than: OLD },
    { kind: files, older_than: OLD, limit: 0 },
    { kind: files, older_than: OLD, limit: 1001 },
    { kind: files, older_than: OLD, all: true },
    ...['', 'x', next(null), next([]), next([files]), next([files, 1]), next([files, 'a', 'b'])].map(
      (after) => ({
        kind: files,
        older_than: OLD,
        after,
      }),
    ),
    ...[...unstorable.map((name) => [files, name]), ['files_without_owner', 'a']].map((place) => ({
      kind: files,
      older_than: OLD,
      after: next(place),
    })),
    ...[
      ['yesterday', 'ab'],
      ['2026-02-30T00:00:00.000000Z', 'ab'],
      ['-infinity', 'xy'],
    ].map((place) => ({
      kind: 'hashes_without_alias',
      older_than: OLD,
      after: next(['hashes_without_alias', ...place]),
    })),
  ])
    assertProblem(await ask('POST', '/report/clean', body), 400, 'invalid_request');
});

const { explain } = planner(service.url);

test('a report and its cleaners read by index and within bounds', async () => {
  await sql.unsafe(`
    insert into hashes (hash, identifier, created_at)
    select sha256(int8send(n)), 'i' || n, '2020-01-01Z' from generate_series(1, 3000) as n;
    insert into variants (hash, variant, identifier) select hash, 'v', 'v' || identifier from hashes;
    insert into aliases (alias, hash, delete_token, expires_at)
    select 'a' || identifier, hash, 't', '2020-01-01Z' from hashes where identifier > 'i2';
    insert into proxies (url_sha256, url, alias) select sha256(convert_to(alias, 'UTF8')), alias, alias from aliases;
    insert into blocked_hashes (digest) select hash from hashes;
    insert into details (identifier, details, created_at)
    select 'd' || n, '{}', '2020-01-01Z' from generate_series(1, 3000) as n;
    insert into uploads (id, expires_at) select lpad(n::text, 32, '0')::uuid, '2100-01-01Z'::timestamptz + n * interval '1 s'
    from generate_series(1, 3000) as n;
    insert into variant_claims (hash, variant, claimer_sha256, token, lease_seconds, lease_expires_at, forget_at)
    select hash, 'w', '', '', 60, '2020-01-01Z', '2100-01-01Z' from hashes;
    analyze`);
  const options = { queue: undefined, insertJobs: undefined, isDry: false };
  const look = (after: string[]) => ({ after, size: 50, olderThan: 'infinity' });
  const statements: Record<string, (db: Database) => Promise<unknown>> = {};
  for (const [kind, { finder }] of Object.entries(KINDS))
    statements[kind] = (db) => db.run((sql) => lookStatement(sql, finder, look(finder.start), 10));
  for (const [name, remove, finder] of [
    ['remove without alias', removeWithoutAlias, KINDS.hashes_without_alias.finder],
    ['remove blocked', removeBlocked, KINDS.blocked_contents.finder],
    ['remove expired', removeExpiredProxies, KINDS.proxies_of_expired_aliases.finder],
  ] as const)
    statements[name] = (db) => db.run((sql) => remove(sql, { look: look(finder.start), limit: 20, options }));
  for (const [name, statement] of Object.entries(statements)) {
    for (const node of nodesOf(await explain(statement, 'force_generic_plan'))) {
      const what = `${name}: ${node['Node Type']} ${node['Relation Name']} ${node['Index Name']}`;
      assert.ok(!/^(Seq|Bitmap)/.test(node['Node Type']) || / files_taken_in /.test(what), what);
      assert.ok(node['Actual Rows'] * node['Actual Loops'] <= 600, `${what}: ${node['Actual Rows']} rows`);
    }
  }
});

test('stale uploads: without a result or a claimer for an hour, or not released; none that is claimed, and no id', async () => {
  const begin = async (): Promise<string> => (await ask('POST', '/uploads')).json.id;
  const ids = [await begin(), await begin(), await begin(), await begin(), await begin()];
  const [pending = '', unclaimed = '', claimed = '', over = '', young = ''] = ids;
  for (const [id, alias] of [
    [unclaimed, 'unclaimed'],
    [claimed, 'claimed'],
    [over, 'over'],
  ])
    await ask('PUT', `/uploads/${id}/result`, { alias, token: 't' });
  await ask('POST', `/uploads/${claimed}/claim`, { claimer: 'c' });
  await sql`update uploads set created_at = ${LONG_AGO} where id <> ${young}`;
  await sql`update uploads set completed_at = ${LONG_AGO} where completed_at is not null and id <> ${over}`;
  await sql`update uploads set is_over = true where id = ${over}`;
  const created_at = LONG_AGO.replace('Z', '.000000Z');
  const found = await assertFound('stale_uploads', [
    { state: 'pending', alias: null, created_at },
    { state: 'unclaimed', alias: 'unclaimed', created_at },
    { state: 'over', alias: 'over', created_at },
  ]);
  assert.equal(found.clean.operation, 'media.releaseAlias');
  assert.ok(ids.includes(pending) && !JSON.stringify(found).includes(pending));
});

test('expired claims: those that have neither ended nor been taken over', async () => {
  const hash = await oldContent();
  for (const variant of ['a', 'b', 'c'])
    await ask('POST', `/hashes/${hash}/variant/claim?variant=${variant}`, { claimer: 'c' });
  await sql`update variant_claims set lease_expires_at = ${LONG_AGO} where variant <> 'c'`;
  await sql`update variant_claims set error = 'no' where variant = 'b'`;
  const lease_expires_at = LONG_AGO.replace('Z', '.000000Z');
  const found = await assertFound('claims_that_ran_out', [{ hash, variant: 'a', lease_expires_at }]);
  assert.equal(found.clean.operation, 'variantClaims.claim');
});
