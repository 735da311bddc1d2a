import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Database } from '../../src/database/database.js';
import { FORMATS } from '../../src/repos/formats.js';
import type { Filters } from '../../src/repos/hashes/filtered-page.js';
import { hashesRepo } from '../../src/repos/hashes/repo.js';
import { NO_QUEUE } from '../support/no-queue.js';
import { nodesOf, type PlanNode, planner } from '../support/queue-plans.js';
import { assertProblem } from '../support/raw-http.js';
import { startTestService } from '../support/service.js';

const { ask, sql, url } = await startTestService();
const encoded = encodeURIComponent;

const COUNT = 10_500;
const JPEGS = [10_400, 7000, 3, 2];
const FEW = [10_400, 7000, 2];

/** The nth content is created in the nth second. Those with an even number have an alias of `many`; a few are JPEGs. */
async function fill(): Promise<void> {
  await sql`
    insert into hashes (hash, identifier, created_at)
    select int4send(n) || decode(repeat('00', 34) || case when n = any(${JPEGS}) then '05' else '07' end, 'hex'),
      'i' || n, '2026-01-01Z'::timestamptz + n * interval '1 s'
    from generate_series(1, ${COUNT}::integer) as n`;
  await sql`
    insert into aliases (alias, hash, delete_token, owner)
    select 'm' || identifier, hash, 't', 'many' from hashes where get_byte(hash, 3) % 2 = 0`;
  await sql`
    insert into aliases (alias, hash, delete_token, owner, expires_at)
    select 'f' || identifier || '-' || twice, hash, 't', 'few/ü', case when twice = 1 then now() end
    from hashes cross join generate_series(1, 2) as twice
    where identifier = any(${FEW.map((n) => `i${n}`)})`;
}

const { plan, explain } = planner(url);
/** Pages, and how many rows each may read by an index. */
const bounded: [Filters, Record<string, number>][] = [
  [{ format: 'jpeg' }, { hashes_created_at: 10_000 }],
  [
    { format: 'jpeg', without_alias: true },
    { hashes_created_at: 10_000, aliases_hash: 5 },
  ],
  [{ without_alias: true }, { hashes_created_at: 100, aliases_hash: 50 }],
  [{ owner: 'few/ü' }, { hashes_created_at: 0, aliases_owner_hash: 20 }],
  [{ owner: 'many' }, { hashes_created_at: 100, aliases_owner_hash: 5100 }],
];
interface Planned {
  filters: Filters;
  most: Record<string, number>;
  asked: (db: Database) => Promise<unknown>;
  youngPlan: Awaited<ReturnType<typeof plan>>;
}

/** Each with a plan that was made before the tables had rows, as PostgreSQL keeps it until it analyzes them. */
const planned: Planned[] = [];
for (const [filters, most] of bounded) {
  const asked = (db: Database) => hashesRepo(db, NO_QUEUE).page({ limit: 20, ...filters }, []);
  planned.push({ filters, most, asked, youngPlan: await plan(asked) });
}
await fill();

interface Page {
  hashes: { identifier: string }[];
  next?: string;
  previous?: string;
}

async function read(query: string): Promise<Page> {
  const answer = await ask('GET', `/hashes/page?${query}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}

const numbersOf = ({ hashes }: Page) => hashes.map(({ identifier }) => Number(identifier.slice(1)));

/** The numbers on each page from this one on. */
async function follow(query: string, way: 'next' | 'previous', from: Page) {
  const pages = [numbersOf(from)];
  let last = from;
  for (let cursor = from[way]; cursor !== undefined; cursor = last[way]) {
    last = await read(`${query}&cursor=${cursor}`);
    pages.push(numbersOf(last));
  }
  return { pages, last };
}

const timeOf = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString();
const numbers = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, n) => from - n);

for (const [query, all, pages] of [
  ['format=jpeg', JPEGS, [[10_400, 7000], [], [3, 2]]],
  ['format=jpeg&limit=3', JPEGS, [[10_400, 7000], [], [3, 2]]],
  ['format=jpeg&limit=1', JPEGS, [[10_400], [7000], [], [3], [2]]],
  [`owner=${encoded('few/ü')}`, FEW, [FEW]],
  [`owner=${encoded('few/ü')}&limit=2`, FEW, [[10_400, 7000], [2]]],
  ['owner=nobody', [], [[]]],
  ['format=jpeg&owner=many', [10_400, 7000, 2], [[10_400, 7000], [], [2]]],
  ['format=jpeg&without_alias=true', [3], [[], [], [3]]],
  [`format=jpeg&since=${timeOf(3)}&before=${timeOf(7000)}`, [3], [[], [3]]],
  [`format=jpeg&owner=${encoded('few/ü')}&since=${timeOf(3)}&before=${timeOf(10_400)}`, [7000], [[7000]]],
  [`since=${timeOf(10_498)}&limit=2`, numbers(COUNT, 10_498), [[COUNT, 10_499], [10_498]]],
  [`since=${timeOf(COUNT + 1)}`, [], [[]]],
  ['format=unknown', [], [[], [], []]],
  ['owner=many&without_alias=true', [], [[]]],
] as const) {
  test(`${query}: each that fits once, newest first, on pages that end at 5,000 others, and backwards`, async () => {
    const ahead = await follow(query, 'next', await read(query));
    assert.deepEqual(ahead.pages, pages);
    const back = await follow(query, 'previous', ahead.last);
    assert.deepEqual(back.pages.toReversed().flat(), all);
    assert.deepEqual((await follow(query, 'next', back.last)).pages.flat(), all);
  });
}

test('format: each as usage names it, and the rest is unknown, also hashes of other lengths', async () => {
  const before = '1999-01-01T00:00:00Z';
  const thirtyEight = 'ab'.repeat(38);
  const hashes = [...FORMATS, 'none'].map((_, n) => `${thirtyEight}${n.toString(16).padStart(2, '0')}`);
  const others = [thirtyEight, `${thirtyEight}0505`, '05', `${thirtyEight}ff`];
  await sql`
    insert into hashes (hash, identifier, created_at)
    select decode(hash, 'hex'), 'x' || hash, '1998-01-01Z' from unnest(${[...hashes, ...others]}::text[]) as hash`;
  const listed = async (format: string): Promise<string[]> => {
    const page = await ask('GET', `/hashes/page?format=${encoded(format)}&before=${before}`);
    return page.json.hashes.map(({ hash }: { hash: string }) => hash);
  };
  for (const [n, format] of FORMATS.entries()) assert.deepEqual(await listed(format), [hashes[n]]);
  assert.deepEqual((await listed('unknown')).sort(), [...others, hashes.at(-1)].sort());
  const { groups } = (await ask('GET', '/usage?by=format')).json;
  const unknown = groups.find(({ name }: { name: string }) => name === 'unknown');
  assert.equal(unknown.contents, others.length + 1);
  await sql`delete from hashes where created_at = '1998-01-01Z'`;
});

test('without_alias: an expired alias is one; false filters nothing, and a content that is being removed is left out', async () => {
  const young = (query: string) => read(`since=${timeOf(COUNT)}&${query}`);
  const create = async (n: number) => {
    const hash = `ee${n.toString(16).padStart(4, '0')}`;
    await ask('PUT', `/hashes/${hash}`, { identifier: `i${n}` });
    return hash;
  };
  const [free, expired, doomed] = [await create(20_001), await create(20_002), await create(20_003)];
  await sql`
    insert into aliases (alias, hash, delete_token, owner, expires_at)
    values ('old', decode(${expired}, 'hex'), 't', 'past', '2026-01-01Z')`;
  await sql`update hashes set doomed_at = clock_timestamp() + interval '1 h' where hash = decode(${doomed}, 'hex')`;
  await sql`insert into aliases (alias, hash, delete_token, owner) values ('last', decode(${doomed}, 'hex'), 't', 'past')`;
  assert.deepEqual(numbersOf(await young('without_alias=true')), [20_001]);
  assert.deepEqual(numbersOf(await young('without_alias=false')), [20_002, 20_001, COUNT]);
  assert.deepEqual(numbersOf(await young('owner=past')), [20_002]);
  const { hashes } = await young('without_alias=true&include=aliases,variants,details');
  assert.deepEqual(hashes, [
    {
      ...(await ask('GET', `/hashes/${free}`)).json,
      details: null,
      aliases: [],
      aliases_more: false,
      variants: [],
      variants_more: false,
    },
  ]);
  await sql`delete from aliases where owner = 'past'`;
  await sql`delete from hashes where created_at > '2026-06-01Z'`;
});

test('cursors stay good when the rows of their pages are gone', async () => {
  const path = 'format=jpeg&limit=1';
  const first = await read(path);
  const second = await read(`${path}&cursor=${first.next}`);
  await sql`update hashes set created_at = created_at - interval '1 year' where identifier in ('i10400', 'i7000')`;
  const { pages, last } = await follow(path, 'next', await read(`${path}&cursor=${second.next}`));
  assert.deepEqual(pages.flat(), [3, 2, 10_400, 7000]);
  const back = await follow(path, 'previous', last);
  assert.deepEqual(back.pages.toReversed().flat(), [3, 2, 10_400, 7000]);
  await sql`update hashes set created_at = created_at + interval '1 year' where identifier in ('i10400', 'i7000')`;
});

test('400 for a cursor of other filters, which is never the first page, and for what is no filter', async () => {
  const plain = (await read('limit=1')).next;
  const jpeg = (await read('format=jpeg&limit=1')).next;
  const many = (await read(`owner=many&limit=1&since=${timeOf(1)}`)).next;
  for (const query of [
    `cursor=${jpeg}`,
    `format=png&cursor=${jpeg}`,
    `format=jpeg&without_alias=true&cursor=${jpeg}`,
    `format=jpeg&cursor=${plain}`,
    `without_alias=true&cursor=${plain}`,
    `owner=many&cursor=${many}`,
    `owner=many&since=${timeOf(2)}&cursor=${many}`,
    `owner=other&since=${timeOf(1)}&cursor=${many}`,
    `owner=many&without_alias=true&since=${timeOf(1)}&cursor=${many}`,
  ]) {
    const answer = await ask('GET', `/hashes/page?${query}`);
    assertProblem(answer, 400, 'invalid_request');
    assert.equal(answer.json.detail, '/query/cursor must be a cursor of a list with the same filters.');
    assert.deepEqual(answer.json.errors, [
      { path: '/query/cursor', reason: 'must be a cursor of a list with the same filters' },
    ]);
  }
  assertProblem(await ask('GET', `/aliases?owner=many&cursor=${jpeg}`), 400, 'invalid_request');
  // The same filters, written in another way; `before` and `limit` may change.
  const since = encoded('2026-01-01T01:00:01+01:00');
  assert.deepEqual(
    numbersOf(await read(`since=${since}&owner=many&limit=2&cursor=${many}`)),
    [10_498, 10_496],
  );
  assert.deepEqual(numbersOf(await read(`without_alias=false&limit=1&cursor=${plain}`)), [COUNT - 1]);
  for (const [wrong, path] of [
    ['format=jpg', 'format'],
    ['format=', 'format'],
    ['without_alias=yes', 'without_alias'],
    ['owner=', 'owner'],
    ['owner=a%00', 'owner'],
    ['since=yesterday', 'since'],
    ['since=2026-02-30T00:00:00Z', 'since'],
  ]) {
    const answer = await ask('GET', `/hashes/page?${wrong}`);
    assert.equal(answer.status, 400, wrong);
    assert.equal(answer.json.errors[0].path, `/query/${path}`, answer.text);
  }
  assertProblem(await ask('GET', `/hashes/page?owner=${'ü'.repeat(128)}`), 400, 'owner_too_long');
});

test('a page of one content ends at 8 MiB, and the next one goes on', async () => {
  const details = `{"is":"${'x'.repeat(1_000_000)}"}`;
  await sql`
    insert into details (identifier, details)
    select 'i' || n, ${details}::text::json from generate_series(${COUNT - 11}::integer, ${COUNT}) as n`;
  const path = `since=${timeOf(COUNT - 11)}&include=details`;
  const first = await read(path);
  assert.equal(first.hashes.length, 8);
  assert.deepEqual((await follow(path, 'next', first)).pages.flat(), numbers(COUNT, COUNT - 11));
});

test('a page reads 5,000 entries of an index and the records that it sends, also by a plan of an empty table', async () => {
  const assertBounded = (found: PlanNode, { filters, most }: Planned): void => {
    const rowsBy: Record<string, number> = {};
    for (const node of nodesOf(found)) {
      if (node['Relation Name'] === undefined) continue;
      assert.match(node['Node Type'], /^Index (Only )?Scan/);
      const index = node['Index Name'] ?? '';
      rowsBy[index] = (rowsBy[index] ?? 0) + node['Actual Rows'] * node['Actual Loops'];
    }
    for (const [index, rows] of Object.entries(rowsBy)) {
      assert.ok(rows <= (most[index] ?? 50), `${JSON.stringify(filters)}: ${rows} rows by ${index}`);
    }
  };
  for (const page of planned) assertBounded(await page.youngPlan(page.asked), page);
  await sql`analyze hashes, aliases`;
  for (const page of planned) assertBounded(await explain(page.asked, 'force_generic_plan'), page);
});
