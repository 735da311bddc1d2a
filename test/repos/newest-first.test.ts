import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '../../src/database/database.js';
import { aliasesRepo } from '../../src/repos/aliases/repo.js';
import { filtersDigest, toCursor } from '../../src/repos/cursor.js';
import { INCLUDED } from '../../src/repos/hash-record.js';
import { hashesRepo } from '../../src/repos/hashes/repo.js';
import { createDatabase } from '../support/database.js';
import { newHash } from '../support/new-hash.js';
import { NO_QUEUE } from '../support/no-queue.js';
import { buffersOf, nodesOf, planner } from '../support/queue-plans.js';
import { assertProblem } from '../support/raw-http.js';
import { type Answer, startTestService } from '../support/service.js';

const { ask, sql } = await startTestService();
const encoded = encodeURIComponent;

const place = { direction: 'older', isInclusive: false, createdAt: '2024-01-01T00:30:00.000000Z' } as const;
const DEEP = {
  hash: toCursor('hash', { ...place, key: 'ff' }),
  alias: toCursor('alias', { ...place, key: 'z' }, filtersDigest(['deep'])),
};

interface Listed {
  hash?: string;
  alias?: string;
}

/** The keys of all pages from this one on, in the order in which they were sent, and how many pages there were. */
async function follow(path: string, list: 'hashes' | 'aliases', way: 'next' | 'previous', from: Answer) {
  const keys: string[][] = [];
  for (let answer = from; ; ) {
    assert.equal(answer.status, 200, answer.text);
    keys.push(answer.json[list].map(({ alias, hash }: Listed) => alias ?? hash));
    const cursor = answer.json[way];
    if (cursor === undefined) return { keys, last: answer };
    answer = await ask('GET', `${path}&cursor=${cursor}`);
  }
}

/** 25 contents, of which each five were created at the same time. */
await sql`
  insert into hashes (hash, identifier, created_at)
  select int4send(n), 'i' || n, '2026-01-01T00:00:00Z'::timestamptz + n / 5 * interval '1 microsecond'
  from generate_series(0, 24) as n`;
await sql`
  insert into aliases (alias, hash, delete_token, owner, created_at)
  select 'a' || lpad(n::text, 2, '0'), int4send(n), 't', case when n % 2 = 0 then 'of/ümläut' else 'b' end,
    case when n < 10 then '1970-01-01Z' else '2026-01-01T00:00:00Z'::timestamptz + n / 5 * interval '1 microsecond' end
  from generate_series(0, 24) as n`;
const newestFirst = Array.from({ length: 25 }, (_, n) => (24 - n).toString(16).padStart(8, '0'));
const ofOwner = Array.from({ length: 13 }, (_, n) => `a${String(24 - 2 * n).padStart(2, '0')}`);

test('before: what was created at that time is not on the page, and its pages have no others either', async () => {
  const before = '2026-01-01T00:00:00.000003Z';
  const older = newestFirst.slice(10);
  for (const limit of [3, 100]) {
    const path = `/hashes/page?before=${encoded(before)}&limit=${limit}`;
    const { keys, last } = await follow(path, 'hashes', 'next', await ask('GET', path));
    assert.deepEqual(keys.flat(), older);
    assert.deepEqual((await follow(path, 'hashes', 'previous', last)).keys.toReversed().flat(), older);
  }
  assert.deepEqual((await ask('GET', '/aliases?owner=nobody')).json, { aliases: [] });
});

test('before and cursor together: the page begins at the older of the two, and backwards it ends at `before`', async () => {
  const page = async (query: string) => (await ask('GET', `/hashes/page?${query}`)).json;
  const namesOf = ({ hashes }: { hashes: Listed[] }) => hashes.map(({ hash }) => hash);
  const before = `limit=3&before=${encoded('2026-01-01T00:00:00.000003Z')}`;
  const { next: newer } = await page('limit=3');
  const { next: older } = await page('limit=12');
  const { previous } = await page(`limit=3&cursor=${older}`);
  assert.deepEqual(namesOf(await page(`${before}&cursor=${newer}`)), newestFirst.slice(10, 13));
  assert.deepEqual(namesOf(await page(`${before}&cursor=${older}`)), newestFirst.slice(12, 15));
  assert.deepEqual(namesOf(await page(`${before}&cursor=${previous}`)), newestFirst.slice(10, 12));
});

for (const [list, path, all] of [
  ['hashes', '/hashes/page?limit=7', newestFirst],
  ['aliases', `/aliases?owner=${encoded('of/ümläut')}&limit=5`, ofOwner],
] as const) {
  test(`${list}: pages hold every row once, newest first, where many have the same time, and lead back`, async () => {
    const first = await ask('GET', path);
    assert.equal(first.json.previous, undefined);
    const { keys, last } = await follow(path, list, 'next', first);
    assert.deepEqual(keys.flat(), all);
    assert.equal(keys[0]?.length, Number(path.at(-1)));
    const back = await follow(path, list, 'previous', last);
    assert.deepEqual(back.keys.toReversed().flat(), all);
    assert.deepEqual((await follow(path, list, 'next', back.last)).keys.flat().slice(-5), all.slice(-5));
  });

  test(`${list}: cursors stay good when the rows of their pages are removed`, async () => {
    const first = await ask('GET', path);
    const second = await ask('GET', `${path}&cursor=${first.json.next}`);
    const table = sql(list);
    await sql.begin(async (tx) => {
      for (const { alias = null, hash } of [...first.json[list], ...second.json[list]]) {
        await (list === 'aliases'
          ? tx`delete from ${table} where alias = ${alias}`
          : tx`update hashes set created_at = created_at - interval '1 year' where hash = decode(${hash}, 'hex')`);
      }
    });
    const after = await ask('GET', `${path}&cursor=${second.json.next}`);
    assert.equal(
      Object.values<Listed>(after.json[list])[0]?.alias ?? after.json[list][0].hash,
      all[2 * second.json[list].length],
    );
    const empty = await ask('GET', `${path}&cursor=${after.json.previous}`);
    assert.deepEqual([empty.json[list], empty.json.previous], [[], undefined]);
    assert.deepEqual((await ask('GET', `${path}&cursor=${empty.json.next}`)).json[list], after.json[list]);
  });
}

test('a cursor of another list is 400, and never the first page', async () => {
  const one = (await ask('GET', '/hashes/page?limit=1')).json.next;
  const other = (await ask('GET', '/aliases?owner=b&limit=1')).json.next;
  const text = (cursor: string) => Buffer.from(cursor, 'base64url').toString();
  const cursor = (of: string) => Buffer.from(of).toString('base64url');
  const bad = ['', 'x', '%00', `${one}A`, `${one}=`, `+${one}`, one.slice(0, -2), cursor(`${text(one)}zz`)];
  bad.push(
    cursor(text(one).replace('2026', '2o26')),
    cursor(text(one).replace('-01-', '-13-')),
    cursor('ho,'),
  );
  for (const wrong of [...bad, other]) {
    const answer = await ask('GET', `/hashes/page?cursor=${encoded(wrong)}`);
    assertProblem(answer, 400, 'invalid_request');
    assert.equal(answer.json.errors[0].path, '/query/cursor', wrong);
  }
  const otherOwner = (await ask('GET', `/aliases?owner=${encoded('of/ümläut')}&limit=1`)).json.next;
  assert.ok(other && otherOwner);
  for (const wrong of [...bad, one, cursor(`${text(other)}\0`), otherOwner]) {
    assertProblem(await ask('GET', `/aliases?owner=b&cursor=${encoded(wrong)}`), 400, 'invalid_request');
  }
  for (const wrong of [
    'limit=0',
    'limit=1001',
    'before=now',
    'include=',
    'include=all',
    'include=aliases,',
    'after=ab',
  ]) {
    assertProblem(await ask('GET', `/hashes/page?${wrong}`), 400, 'invalid_request');
  }
  assertProblem(await ask('GET', '/aliases'), 400, 'invalid_request');
  assertProblem(await ask('GET', `/aliases?owner=${'ü'.repeat(128)}`), 400, 'owner_too_long');
});

test('include: the first 100 of a kind without expired ones, whether there are more, and details byte for byte', async () => {
  const [many, few] = [newHash(), newHash()];
  for (const hash of [many, few]) await ask('PUT', `/hashes/${hash}`, { identifier: `${hash}.png` });
  const details = '{ "n":-0, "big":1e300,"a":1, "a":2 }';
  await ask('PUT', `/details?identifier=${few}.png`, details);
  await sql`
    insert into aliases (alias, hash, delete_token, expires_at)
    select 'm' || lpad(n::text, 5, '0'), decode(${many}, 'hex'), 't', case when n <= 950 then now() end
    from generate_series(1, 1060) as n`;
  await sql`
    insert into aliases (alias, hash, delete_token, expires_at)
    select 'f' || lpad(n::text, 5, '0'), decode(${few}, 'hex'), 't', case when n = 7 then now() else now() + interval '1 h' end
    from generate_series(1, 101) as n`;
  await sql`
    insert into variants (hash, variant, identifier, bytes)
    select decode(${few}, 'hex'), 'v' || lpad(n::text, 5, '0'), 'file ' || n, n from generate_series(1, 101) as n`;
  const page = await ask('GET', '/hashes/page?limit=2&include=variants,aliases,details');
  const [first, second] = page.json.hashes;
  assert.deepEqual([first.hash, second.hash], [few, many]);
  assert.deepEqual([first.aliases.length, first.aliases_more, first.aliases[6]], [100, false, 'f00008']);
  assert.deepEqual([first.variants.length, first.variants_more], [100, true]);
  assert.deepEqual(first.variants[99], { variant: 'v00100', identifier: 'file 100', bytes: 100 });
  assert.ok(page.text.includes(`"details":${details}`));
  // Of very many aliases, most of which have expired, only the first thousand are looked at.
  assert.deepEqual([second.aliases.length, second.aliases[0], second.aliases_more], [50, 'm00951', true]);
  assert.deepEqual([second.variants, second.variants_more, second.details], [[], false, null]);
  const several = await ask('POST', '/hashes/variants', { hashes: [few] });
  assert.deepEqual(several.json.results, [{ hash: few, variants: first.variants, variants_more: true }]);
  const plain = (await ask('GET', '/hashes/page?limit=1')).json.hashes[0];
  assert.deepEqual(Object.keys(plain), [
    'hash',
    'identifier',
    'motion_identifier',
    'blurhash',
    'bytes',
    'created_at',
  ]);
});

test('a page and several answers end at 8 MiB, have one record at least, and the next ones go on', async () => {
  const hashes = Array.from({ length: 12 }, () => newHash());
  // Twelve bytes of JSON each for two bytes that are stored.
  await sql`
    insert into hashes (hash, identifier, created_at)
    select decode(hash, 'hex'), hash || repeat(E'\\x01', 1900), '2020-01-01Z' from unnest(${hashes}::text[]) as hash`;
  await sql`
    insert into details (identifier, details)
    select identifier, ('{"is":"' || repeat('x', 1000000) || '"}')::json from hashes where created_at = '2020-01-01Z'`;
  const limit = 9 * 1024 * 1024;
  const path = '/hashes/page?before=2020-01-02T00:00:00Z&limit=1000&include=details';
  const first = await ask('GET', path);
  assert.ok(first.text.length < limit && first.json.hashes.length >= 8, `${first.text.length} bytes`);
  const { keys } = await follow(path, 'hashes', 'next', first);
  assert.deepEqual(keys.flat().sort(), hashes.toSorted());
  let left = hashes;
  while (left.length > 0) {
    const { json, text } = await ask('POST', '/hashes/details', { hashes: left });
    assert.ok(
      text.length < limit &&
        json.results.length >= Math.min(8, left.length) &&
        (json.more === true) === json.results.length < left.length,
    );
    assert.deepEqual(
      json.results.map(({ hash }: Listed) => hash),
      left.slice(0, json.results.length),
    );
    left = left.slice(json.results.length);
  }
});

test('each record of a page is one look into the index, also deep in the list and by a plan of an empty table', async () => {
  const young = await createDatabase();
  const { plan, explain } = planner(young.url);
  const asked = (db: Database) => hashesRepo(db, NO_QUEUE).page({ limit: 20, cursor: DEEP.hash }, INCLUDED);
  const owned = (db: Database) => aliasesRepo(db).ofOwner('deep', { limit: 20, cursor: DEEP.alias });
  const later = [await plan(asked), await plan(owned)];
  await young.sql`
    insert into hashes (hash, identifier, created_at)
    select int8send(n), 'deep' || n, '2024-01-01Z'::timestamptz + n * interval '1 s' from generate_series(1, 10000) as n`;
  await young.sql`
    insert into aliases (alias, hash, delete_token, owner, created_at)
    select identifier, hash, 't', 'deep', created_at from hashes where identifier like 'deep%'`;
  const plans = [await later[0]?.(asked), await later[1]?.(owned)];
  // PostgreSQL plans prepared statements again after this.
  await young.sql`analyze hashes, aliases`;
  plans.push(await explain(asked, 'force_generic_plan'), await explain(owned, 'force_generic_plan'));
  for (const plan of plans) {
    assert.ok(plan);
    const scans = nodesOf(plan).filter((node) => node['Relation Name'] !== undefined);
    for (const scan of scans) {
      assert.match(scan['Node Type'], /^Index (Only )?Scan/);
      assert.ok(scan['Actual Rows'] * scan['Actual Loops'] <= 21, JSON.stringify(scan));
    }
    // Usually 270, and more on a busy machine. From the newest on it would be 1,000.
    assert.ok(buffersOf(plan) < 700, `${buffersOf(plan)} buffers`);
  }
});
