import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clock } from '../support/database.js';
import { linger, watchDeadlocks } from '../support/deadlocks.js';
import { newHash } from '../support/new-hash.js';
import { atOnce, tally, untilWaiting, whileOpen } from '../support/races.js';
import { assertProblem } from '../support/raw-http.js';
import { type Answer, linesOf, startTestService } from '../support/service.js';

const { ask, sql, url } = await startTestService({ ACCESS_GRANULARITY_SECONDS: '0' });
const encoded = encodeURIComponent;

const hash = newHash();
await ask('PUT', `/hashes/${hash}`, { identifier: `${hash}.png` });

async function newAlias(alias = newHash()): Promise<string> {
  assert.equal((await ask('PUT', `/aliases/${encoded(alias)}`, { hash, delete_token: 't' })).status, 201);
  return alias;
}

function access(alias: string, body?: unknown) {
  return ask('PUT', `/aliases/${encoded(alias)}/access`, body);
}

function older(time: string, more = '') {
  return ask('GET', `/alias-access?older_than=${encoded(time)}${more}`);
}

/** The stored time in UTC with microseconds. */
async function accessedAt(alias: string): Promise<string | undefined> {
  const [row] = await sql<{ accessed: string }[]>`
    select to_char(accessed at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as accessed
    from alias_accesses
    where alias = ${alias}`;
  return row?.accessed;
}

test('accessed: now, with no body, {}, an empty one, or a time to come', async () => {
  const alias = await newAlias('ü,%');
  for (const body of [undefined, {}, '', '\n{ }', { at: '9999-12-31T23:59:59.999999Z' }]) {
    const before = await clock(sql);
    assert.equal((await access(alias, body)).status, 204);
    const accessed = await accessedAt(alias);
    assert.ok(
      accessed && before < accessed && accessed < (await clock(sql)),
      `${JSON.stringify(body)}: ${accessed}`,
    );
  }
});

test('accessed: a given time keeps its microseconds and never moves backwards', async () => {
  const alias = await newAlias();
  for (const [at, then] of [
    ['2024-02-29T12:00:00.123456Z', '2024-02-29T12:00:00.123456Z'],
    ['2024-02-29T12:00:00.123455Z', '2024-02-29T12:00:00.123456Z'],
    ['2024-02-29T12:00:00.1234579Z', '2024-02-29T12:00:00.123457Z'],
    ['2024-02-29T13:00:00.5+00:30', '2024-02-29T12:30:00.500000Z'],
    ['0001-01-01T00:00:00Z', '2024-02-29T12:30:00.500000Z'],
    ['2024-12-31T23:59:60Z', '2025-01-01T00:00:00.000000Z'],
  ] as const) {
    assert.equal((await access(alias, { at })).status, 204);
    assert.equal(await accessedAt(alias), then);
  }
});

test('accessed: "now" is skipped where the stored time is younger than the granularity; a given time is not', async () => {
  const coarse = await startTestService({ ACCESS_GRANULARITY_SECONDS: '3600' }, { url, sql });
  const alias = await newAlias();
  const path = `/aliases/${alias}/access`;
  const secondsAgo = (seconds: number) =>
    new Date(Date.now() - seconds * 1000).toISOString().replace('Z', '000Z');
  const old = secondsAgo(3700);
  await access(alias, { at: old });
  assert.equal((await coarse.ask('PUT', path)).status, 204);
  const first = (await accessedAt(alias)) ?? '';
  assert.ok(first > old);
  assert.equal((await coarse.ask('PUT', path)).status, 204);
  assert.equal(await accessedAt(alias), first);
  await coarse.ask('PUT', path, { at: '9999-01-01T00:00:00Z' });
  assert.ok(((await accessedAt(alias)) ?? '') > first);
  await coarse.close();
});

test('accessed: 404 for an unknown alias, 400 and 415 for what is no access', async () => {
  const alias = await newAlias();
  assertProblem(await access(newHash()), 404, 'alias_not_found');
  for (const body of [
    'null',
    [],
    '0',
    { at: null },
    { at: 1 },
    { at: 'infinity' },
    { at: '2023-02-29T00:00:00Z' },
    { to: 1 },
  ]) {
    assertProblem(await access(alias, body), 400, 'invalid_request');
  }
  for (const body of [' ', '{', '{"at":}']) assertProblem(await access(alias, body), 400, 'malformed_json');
  const typed = await ask('PUT', `/aliases/${alias}/access`, '{}', {
    headers: { 'content-type': 'text/plain' },
  });
  assertProblem(typed, 415, 'unsupported_media_type');
  assert.equal(await accessedAt(alias), undefined);
});

test('removeAccess: the alias stays, and it can be sent again, also for what never was', async () => {
  const alias = await newAlias();
  await access(alias);
  for (const _ of ['once', 'again']) {
    assert.equal((await ask('DELETE', `/aliases/${alias}/access`)).status, 204);
    assert.equal(await accessedAt(alias), undefined);
  }
  assert.equal((await ask('GET', `/aliases/${alias}/hash`)).status, 200);
  assert.equal((await ask('DELETE', `/aliases/${newHash()}/access`)).status, 204);
});

test('olderAliases: strictly older, oldest first, ties by the bytes of the alias, commas and all', async () => {
  await sql`truncate alias_accesses`;
  const expected = [];
  for (const alias of ['Z', 'a', 'a,', 'a,2024-01-01T00:00:00Z,', 'é', '😀']) {
    await access(await newAlias(alias), { at: '2024-01-01T00:00:00.000001Z' });
    expected.push({ alias, accessed: '2024-01-01T00:00:00.000001Z' });
  }
  await access('Z', { at: '2024-01-01T00:00:00.000002Z' });
  expected.push({ alias: 'Z', accessed: '2024-01-01T00:00:00.000002Z' });
  expected.shift();

  const all = linesOf(await older('2023-12-31T19:00:00.000003-05:00'));
  assert.deepEqual(all, [...expected, { end: true, count: 6 }]);
  const strictly = linesOf(await older('2024-01-01T00:00:00.000002Z'));
  assert.deepEqual(strictly, [...expected.slice(0, -1), { end: true, count: 5 }]);
  assert.equal((await older('2024-01-01T00:00:00.000001Z')).text, '{"end":true,"count":0}\n');
  assert.equal(linesOf(await older('2024-02-29T00:00:00Z', '&limit=6')).at(-1)?.['next'], undefined);

  const seen = [];
  let after: string | undefined;
  do {
    const [row, end] = linesOf(
      await older('2024-02-29T00:00:00Z', `&limit=1${after ? `&after=${encoded(after)}` : ''}`),
    );
    seen.push(row);
    after = end?.['next'];
    if (after) assert.equal(after, `${row?.['accessed']},${row?.['alias']}`);
  } while (after);
  assert.deepEqual(seen, expected);
});

test('olderAliases: ties are not skipped where a page of the server ends', async () => {
  await sql`truncate alias_accesses`;
  await sql`
    with alias as (
      insert into aliases (alias, hash, delete_token)
      select 'tie-' || n, decode(${hash}, 'hex'), 't'
      from generate_series(1, 5001) as n
      returning alias
    )
    insert into alias_accesses (alias, accessed)
    select alias, '2024-01-01T00:00:00Z'
    from alias`;
  const lines = linesOf(await older('2024-01-02T00:00:00Z'));
  assert.deepEqual(lines.pop(), { end: true, count: 5001 });
  assert.equal(new Set(lines.map(({ alias }) => alias)).size, 5001);
});

test('olderAliases: 400 for what is no time of the calendar, no limit, and no key to resume after', async () => {
  const times = [
    '2024-02-30T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2024-04-31T00:00:00Z',
    '2024-13-01T00:00:00Z',
  ];
  times.push(
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:60:00Z',
    '2024-01-01T12:00:60Z',
    '2024-01-01T00:00:00+24:00',
  );
  times.push(
    '0000-12-31T23:59:59Z',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    '10000-01-01T00:00:00Z',
  );
  times.push(
    'infinity',
    '-infinity',
    'now',
    'epoch',
    '',
    '2024-01-01',
    '2024-01-01 00:00:00Z',
    '2024-01-01T00:00:00',
  );
  for (const time of times) assertProblem(await older(time), 400, 'invalid_request');
  const leap = ['2024-12-31T23:59:60Z', '2025-01-01T00:59:60.999999+01:00', '2024-02-29T00:00:00-00:00'];
  for (const time of [...leap, '9999-12-31T23:59:59.9999999Z', '0001-01-01T00:00:00z']) {
    assert.equal((await older(time, '&limit=1')).status, 200, time);
  }
  const time = '2024-01-01T00:00:00Z';
  for (const key of [
    '',
    'x',
    ',',
    time,
    `${time},`,
    ',alias',
    '2024-02-30T00:00:00Z,a',
    'infinity,a',
    `${time},a\0`,
  ]) {
    assertProblem(await older(time, `&after=${encoded(key)}`), 400, 'invalid_request');
  }
  for (const limit of ['0', '-1', '1.5', ''])
    assertProblem(await older(time, `&limit=${limit}`), 400, 'invalid_request');
  assertProblem(await ask('GET', '/alias-access'), 400, 'invalid_request');
});

// Naive: `now()` is when the statement began, before it waited for its row.
test('accessed, race: the clock is read after the locks', async () => {
  const alias = await newAlias();
  const { answer, unlocked } = await sql.begin(async (tx) => {
    await tx`select from aliases where alias = ${alias} for update`;
    const pending = access(alias);
    await untilWaiting(sql);
    return { answer: { pending }, unlocked: await clock(sql) };
  });
  assert.equal((await answer.pending).status, 204);
  assert.ok(((await accessedAt(alias)) ?? '') > unlocked);
});

// Naive: the whole batch fails with 23503, or every call of it gets the answer of the first.
test('accessed, race: accesses that come together get their own answers', async () => {
  const alias = await newAlias();
  const times = ['2024-01-01T00:00:00.000003Z', '2024-01-01T00:00:00.000009Z', '2024-01-01T00:00:00.000001Z'];
  const gathered: Promise<Answer>[] = [];
  const first = await whileOpen(
    sql,
    (tx) => tx`select from aliases where alias = ${alias} for update`,
    () => {
      const pending = access(alias, { at: times[0] });
      gathered.push(access(newHash()), ...times.map((at) => access(alias, { at })), access(newHash()));
      return pending;
    },
  );
  const statuses = [first, ...(await Promise.all(gathered))].map(({ status }) => status);
  assert.deepEqual(statuses, [204, 404, 204, 204, 204, 404]);
  assert.equal(await accessedAt(alias), times[1]);
});

// Naive: the foreign key answers 500 where the alias goes meanwhile.
test('accessed, race: 404 where the alias is removed meanwhile', async () => {
  const alias = await newAlias();
  const late = await whileOpen(
    sql,
    (tx) => tx`delete from aliases where alias = ${alias}`,
    () => access(alias),
  );
  assertProblem(late, 404, 'alias_not_found');
});

// Naive: rows are locked in the order of arrival, or of a scan, and two batches wait for each other.
test('accessed, race: a statement for many aliases locks them in the order of their names', async () => {
  const names = ['order-f', 'order-e', 'order-d', 'order-c', 'order-b', 'order-a'];
  for (const name of ['order-busy', ...names]) await access(await newAlias(name));
  for (const table of ['aliases', 'alias_accesses']) {
    const answers: Promise<Answer>[] = [];
    await sql.begin(async (tx) => {
      await tx`select from ${tx(table)} where alias = 'order-a' for update`;
      // While this one waits, the others gather.
      await whileOpen(
        sql,
        (busy) => busy`select from ${busy(table)} where alias = 'order-busy' for update`,
        () => {
          const first = access('order-busy');
          answers.push(...names.map((name) => access(name)));
          return first;
        },
      );
      await untilWaiting(sql);
      const free = await sql`
        select from ${sql(table)} where alias = any(${names.slice(0, -1)}) for update skip locked`;
      assert.equal(free.length, names.length - 1, table);
    });
    assert.deepEqual(tally(await Promise.all(answers)), { 204: names.length });
  }
});

// Naive: batches in the order of arrival, or children before parents: PostgreSQL kills one of two that wait for each
// other.
test('accesses, creates and cleanups of the same rows on two replicas never deadlock', async () => {
  const { database, deadlocks } = await watchDeadlocks({ url, sql });
  await linger(sql, ['aliases', 'variants', 'proxies', 'alias_accesses', 'variant_accesses']);
  const replicas = await Promise.all(
    [1, 2].map(() => startTestService({ ACCESS_GRANULARITY_SECONDS: '0' }, database)),
  );
  const some = (most: number) => Math.floor(Math.random() * most);
  const answers: Answer[] = [];
  // Statements that lock in any order deadlock ten times within these.
  const giveUp = performance.now() + 1000;
  const isOver = () => performance.now() > giveUp && answers.length > 500;

  /** Four hashes; what hangs on the nth has a number that leaves the remainder n. */
  async function round(call: typeof ask): Promise<void> {
    const nth = some(4);
    const view = () => atOnce(24, () => call('PUT', `/aliases/hammer-${some(16)}/access`));
    const viewVariants = () =>
      atOnce(12, () => call('PUT', `/hashes/0${some(4)}/variant/access?variant=v${some(6)}`));
    const create = async () => [
      await call('PUT', `/hashes/0${nth}`, { identifier: `i${nth}` }),
      ...(await atOnce(6, (n) =>
        call('PUT', `/hashes/0${nth}/variant?variant=v${n}`, { identifier: `${nth}/${n}` }),
      )),
      ...(await atOnce(4, (n) =>
        call('PUT', `/aliases/hammer-${4 * n + nth}`, { hash: `0${nth}`, delete_token: 't' }),
      )),
      ...(await atOnce(6, (n) => call('PUT', '/proxies', { url: `u${n}`, alias: `hammer-${some(16)}` }))),
    ];
    const remove = [
      () => call('DELETE', `/hashes/0${nth}?enqueue=hammer`),
      () => call('DELETE', `/aliases/hammer-${some(16)}`),
      () => call('DELETE', `/aliases/hammer-${some(16)}/proxies`),
      () => call('DELETE', `/hashes/0${nth}/variant?variant=v${some(6)}`),
      () => call('PUT', `/hashes/0${nth}/identifier`, { identifier: `i${some(8)}` }),
    ];
    answers.push(...(await create()));
    for (let n = 0; n < 6 && !isOver(); n++) {
      answers.push(...(await view()), ...(await viewVariants()));
    }
    const removed = await remove[some(remove.length)]?.();
    if (removed) answers.push(removed);
  }

  async function work(call: typeof ask): Promise<void> {
    while (!isOver()) await round(call);
  }

  await Promise.all(replicas.flatMap(({ ask: call }) => [work(call), work(call), work(call), work(call)]));
  await Promise.all(replicas.map(({ close }) => close()));
  assert.equal(await deadlocks(), 0);
  const counts = tally(answers);
  assert.deepEqual(
    Object.keys(counts).filter((status) => status.startsWith('5')),
    [],
    JSON.stringify(counts),
  );
});
