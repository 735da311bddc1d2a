import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDatabase } from '../support/database.js';
import { newHash } from '../support/new-hash.js';
import { atOnce, tally, whileOpen } from '../support/races.js';
import { assertProblem, connectRaw, get } from '../support/raw-http.js';
import { badNames, unstorable } from '../support/refused-values.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const database = await createDatabase();
const { ask, sql, waiting, base } = await startTestService({}, database);
/** Another process of the same service, as far as PostgreSQL can tell. */
const there = await startTestService({ QUEUE_MAX_WAITING_POLLS: '2' }, database);

const NOTHING = { aliases: [], hashes: [], variants: [], identifiers: [] };
const FAILURE = { message: 'too wide', code: 'validate-width' };

async function begin(body?: object): Promise<string> {
  const { status, json } = await ask('POST', '/uploads', body);
  assert.equal(status, 201);
  assert.match(json.id, /^[0-9a-f]{32}$/);
  return json.id;
}

/** A content with one alias, both named after its hash. */
async function newImage() {
  const hash = newHash();
  const [alias, token] = [`${hash.slice(0, 40)}.png`, `token of ${hash}`];
  const body = { hash, identifier: `${hash}.png`, delete_token: token, details: { width: 1 } };
  assert.equal((await ask('PUT', `/media/${alias}`, body)).status, 201);
  return {
    hash,
    alias,
    token,
    removed: { ...NOTHING, aliases: [alias], hashes: [hash], identifiers: [`${hash}.png`] },
  };
}

const complete = (id: string, result: object) => ask('PUT', `/uploads/${id}/result`, result);
const state = (id: string, wait = 0, on = { ask }) => on.ask('GET', `/uploads/${id}?wait=${wait}`);
const claim = (id: string, claimer: string) => ask('POST', `/uploads/${id}/claim`, { claimer });
const discard = (id: string, query = '') => ask('DELETE', `/uploads/${id}${query}`);
const expire = (id: string) =>
  sql`update uploads set expires_at = clock_timestamp() - interval '1 second' where id = ${id}`;
const isGone = async (id: string): Promise<boolean> =>
  (await sql`select from uploads where id = ${id}`).length === 0;
const isAlias = async (alias: string): Promise<boolean> =>
  (await ask('GET', `/aliases/${alias}`)).status === 200;

/** The files that jobs of the queue name. */
async function jobsOf(queue: string) {
  const rows =
    await sql`select job -> 'Identifier' ->> 'identifier' as file from jobs where queue = ${queue}`;
  return rows.map(({ file }) => file);
}

test('an upload: pending, completed, claimed; only its claimer gets alias and token', async () => {
  const id = await begin();
  const pending = await state(id);
  assert.equal(pending.json.state, 'pending');
  assert.equal(pending.headers.get('cache-control'), 'no-store');
  assertProblem(await claim(id, 'one'), 409, 'upload_pending');

  const { alias, token } = await newImage();
  assert.equal((await complete(id, { alias, token })).status, 204);
  assert.equal((await complete(id, { alias, token })).status, 204);
  for (const other of [{ alias, token: 'other' }, { alias: 'other', token }, FAILURE])
    assertProblem(await complete(id, other), 409, 'upload_completed');
  const done = await state(id, 20);
  assert.deepEqual(
    { ...done.json, created_at: '', expires_at: '' },
    {
      id,
      state: 'completed',
      claimed: false,
      created_at: '',
      expires_at: '',
    },
  );

  const claimed = await claim(id, 'one');
  assert.deepEqual(claimed.json, { id, state: 'completed', alias, token });
  assert.equal(claimed.headers.get('cache-control'), 'no-store');
  assert.deepEqual((await claim(id, 'one')).json, claimed.json);
  assertProblem(await claim(id, 'two'), 409, 'upload_claimed');
  assert.equal((await complete(id, { alias, token })).status, 204, 'a lost answer can be asked for again');
  assert.equal((await state(id)).json.claimed, true);
  assert.deepEqual((await discard(id)).json, { removed: NOTHING });
  assert.ok(await isAlias(alias), 'what was claimed stays');
  for (const answer of [await state(id), await claim(id, 'one')])
    assertProblem(answer, 404, 'upload_not_found');
  // Naive: whoever says the result again hears 404, and releases the alias of the claimer.
  assert.equal((await complete(id, { alias, token })).status, 204);
  assertProblem(await complete(id, { alias, token: 'other' }), 409, 'upload_completed');
  assert.deepEqual((await discard(id)).json, { removed: NOTHING });
  assert.ok(!(await isGone(id)) && (await isAlias(alias)));
  await expire(id);
  await until(() => isGone(id));
  assertProblem(await complete(id, { alias, token }), 404, 'upload_not_found');
  assert.ok(await isAlias(alias));
});

test('a failure: shown to all who know the id, claimed and repeated like a success', async () => {
  const id = await begin({});
  assert.equal((await complete(id, FAILURE)).status, 204);
  assert.equal((await complete(id, FAILURE)).status, 204);
  for (const other of [
    { ...FAILURE, code: 'other' },
    { alias: 'a', token: 't' },
  ])
    assertProblem(await complete(id, other), 409, 'upload_completed');
  const { json } = await state(id);
  assert.deepEqual([json.state, json.message, json.code], ['failed', FAILURE.message, FAILURE.code]);
  assert.deepEqual((await claim(id, 'one')).json, { id, state: 'failed', ...FAILURE });
  assertProblem(await claim(id, 'two'), 409, 'upload_claimed');
});

test('of many claimers at two processes one wins; of many results the first is kept', async () => {
  const id = await begin();
  const completed = await atOnce(8, (n) => complete(id, { alias: `alias-${n}`, token: 't' }));
  assert.deepEqual(tally(completed), { 204: 1, '409 upload_completed': 7 });
  const at = (n: number) => (n % 2 === 0 ? ask : there.ask);
  const claims = await atOnce(8, (n) => at(n)('POST', `/uploads/${id}/claim`, { claimer: `claimer ${n}` }));
  assert.deepEqual(tally(claims), { 200: 1, '409 upload_claimed': 7 });
});

test('a wait is woken on every process, and by a discard', async () => {
  const [id, gone] = [await begin(), await begin()];
  const waits = [state(id, 50), state(id, 50), state(id, 50, there), state(gone, 50, there)];
  await until(() => waiting() === 2 && there.waiting() === 2);
  await complete(id, FAILURE);
  await discard(gone);
  const answers = await Promise.all(waits);
  assert.deepEqual(tally(answers), { '200 validate-width': 3, '404 upload_not_found': 1 });
  assert.deepEqual(
    answers.slice(0, 3).map(({ json }) => json.state),
    ['failed', 'failed', 'failed'],
  );
  assert.equal(waiting() + there.waiting(), 0);
});

test('a wait finds a result that no process has announced', async () => {
  const id = await begin();
  const wait = state(id, 50);
  await until(() => waiting() === 1);
  await sql`update uploads set message = 'm', code = 'c', completed_at = clock_timestamp() where id = ${id}`;
  assert.equal((await wait).json.state, 'failed');
});

test('a wait ends in time with the current state; Prefer sets the time, HEAD does not wait', async () => {
  const id = await begin();
  const headers = { prefer: 'respond-async, wait=1' };
  const preferred = await ask('GET', `/uploads/${id}`, undefined, { headers });
  assert.equal(preferred.json.state, 'pending');
  assert.equal(preferred.headers.get('preference-applied'), 'wait=1');
  assert.equal((await fetch(`${base}/v1/uploads/${id}?wait=50`, { method: 'HEAD' })).status, 200);
  assertProblem(await state(id, 56), 400, 'invalid_request');
});

test('nothing waits for a client that has gone', async () => {
  const id = await begin();
  const connection = await connectRaw(base);
  connection.write(get(`/v1/uploads/${id}?wait=50`));
  await until(() => waiting() === 1);
  connection.destroy();
  await until(() => waiting() === 0);
});

test('503: one wait more than QUEUE_MAX_WAITING_POLLS, unless there is a result', async () => {
  const id = await begin();
  const waits = [state(id, 50, there), state(id, 50, there)];
  await until(() => there.waiting() === 2);
  const refused = await state(id, 50, there);
  assertProblem(refused, 503, 'overloaded');
  assert.equal(refused.headers.get('retry-after'), '1');
  assert.equal((await state(id, 0, there)).json.state, 'pending');
  const other = await begin();
  await complete(other, FAILURE);
  assert.equal((await state(other, 50, there)).json.state, 'failed');
  await complete(id, FAILURE);
  assert.deepEqual(tally(await Promise.all(waits)), { '200 validate-width': 2 });
});

test('waits are answered when the service closes', async () => {
  const service = await startTestService({}, database);
  const id = await begin();
  const wait = state(id, 50, service);
  await until(() => service.waiting() === 1);
  await service.close();
  assert.equal((await wait).json.state, 'pending');
});

test('discard: an unclaimed alias is released with its content, and its files are named and pushed', async () => {
  const [own, given] = [await begin({ enqueue: 'at-creation' }), await begin({ enqueue: 'at-creation' })];
  for (const [id, query, queue] of [
    [own, '', 'at-creation'],
    [given, '?enqueue=at-discard', 'at-discard'],
  ] as const) {
    const image = await newImage();
    await complete(id, { alias: image.alias, token: image.token });
    assert.deepEqual((await discard(id, query)).json, { removed: image.removed });
    assert.deepEqual(await jobsOf(queue), image.removed.identifiers);
    assert.deepEqual((await discard(id)).json, { removed: NOTHING });
    assert.ok(await isGone(id));
  }
  assert.deepEqual((await discard('0'.repeat(32))).json, { removed: NOTHING });
});

test('an unclaimed upload expires with its alias; a claimed one is forgotten and its alias stays', async () => {
  const [unclaimed, claimed, pending] = [await begin({ enqueue: 'expired' }), await begin(), await begin()];
  const [lost, kept] = [await newImage(), await newImage()];
  await complete(unclaimed, { alias: lost.alias, token: lost.token });
  await complete(claimed, { alias: kept.alias, token: kept.token });
  await claim(claimed, 'one');
  for (const id of [unclaimed, claimed, pending]) await expire(id);
  for (const id of [unclaimed, pending]) assertProblem(await claim(id, 'late'), 404, 'upload_not_found');
  await until(async () => (await isGone(unclaimed)) && (await isGone(claimed)) && (await isGone(pending)));
  assert.deepEqual([await isAlias(lost.alias), await isAlias(kept.alias)], [false, true]);
  assert.deepEqual(await jobsOf('expired'), lost.removed.identifiers);
});

test('an expiry never releases the alias of another token, and a claim that was first keeps its alias', async () => {
  const [foreign, raced] = [await begin(), await begin()];
  const [other, image] = [await newImage(), await newImage()];
  await complete(foreign, { alias: other.alias, token: 'wrong' });
  await expire(foreign);
  await until(() => isGone(foreign));
  assert.ok(await isAlias(other.alias));

  await complete(raced, { alias: image.alias, token: image.token });
  await sql.begin(async (tx) => {
    await tx`update uploads set claimer_sha256 = 'x', expires_at = clock_timestamp() - interval '1 second' where id = ${raced}`;
    // The sweep passes by.
    const [later] = [await begin()];
    await expire(later);
    await until(() => isGone(later));
  });
  await until(() => isGone(raced));
  assert.ok(await isAlias(image.alias));
});

test('an alias that is locked, or whose release fails, stops no other, and comes again later', async () => {
  const images = [await newImage(), await newImage(), await newImage()];
  const ids = [await begin(), await begin(), await begin()];
  for (const [n, { alias, token }] of images.entries()) await complete(ids[n] ?? '', { alias, token });
  const [[locked = '', failing = '', fine = ''], [first, second]] = [ids, images];
  // With more than a statement may remove, and no queue.
  await sql`
    insert into variants (hash, variant, identifier)
    select decode(${second?.hash ?? ''}, 'hex'), 'v' || n, ${second?.hash ?? ''} || n from generate_series(1, 1001) as n`;
  await sql.begin(async (tx) => {
    await tx`select from aliases where alias = ${first?.alias ?? ''} for update`;
    for (const id of [locked, failing, fine]) await expire(id);
    await until(() => isGone(fine));
    const tried = async (id: string) =>
      (
        await sql`select from uploads where id = ${id} and is_over and releases > 0 and expires_at > clock_timestamp()`
      ).length;
    await until(async () => (await tried(locked)) + (await tried(failing)) === 2);
  });
  assertProblem(await state(locked), 404, 'upload_not_found');
  await sql`update uploads set expires_at = clock_timestamp(), queue = 'steps' where id in (${locked}, ${failing})`;
  await until(async () => (await isGone(locked)) && (await isGone(failing)));
  for (const { alias } of images) assert.ok(!(await isAlias(alias)));
});

test('discard: 409 if the release needs a queue; with one it goes on', async () => {
  const id = await begin();
  const { hash, alias, token } = await newImage();
  await complete(id, { alias, token });
  await sql`
    insert into variants (hash, variant, identifier)
    select decode(${hash}, 'hex'), 'v' || n, ${hash} || n from generate_series(1, 1001) as n`;
  assertProblem(await discard(id), 409, 'enqueue_required');
  const { json } = await discard(id, '?enqueue=large');
  assert.deepEqual([json.more, json.removed.aliases], [true, [alias]]);
});

test('a claim and a result wait for the row, and see its new state', async () => {
  const id = await begin();
  const result = { alias: 'won', token: 't' };
  const lost = await whileOpen(
    sql,
    (tx) => tx`
      update uploads set alias = 'won', delete_token = 't', completed_at = clock_timestamp() where id = ${id}`,
    () => complete(id, { alias: 'late', token: 't' }),
  );
  assertProblem(lost, 409, 'upload_completed');
  const early = await begin();
  const claimed = await whileOpen(
    sql,
    (tx) => tx`
      update uploads set alias = 'early', delete_token = 't', completed_at = clock_timestamp() where id = ${early}`,
    () => claim(early, 'one'),
  );
  assert.deepEqual([claimed.status, claimed.json.alias], [200, 'early']);
  assertProblem(await claim(early, 'two'), 409, 'upload_claimed');
  const again = await whileOpen(
    sql,
    (tx) => tx`delete from uploads where id = ${id}`,
    () => claim(id, 'one'),
  );
  assertProblem(again, 404, 'upload_not_found');
  assertProblem(await complete(id, result), 404, 'upload_not_found');
});

test('an upload that another transaction holds is 503 soon, also for many requests at once', async () => {
  const id = await begin();
  await sql.begin(async (tx) => {
    await tx`select from uploads where id = ${id} for update`;
    const answers = Array.from({ length: 10 }, (_, n) => [
      complete(id, FAILURE),
      claim(id, `${n}`),
      discard(id),
    ]);
    for (const answer of await Promise.all(answers.flat())) assertProblem(answer, 503, 'contended');
    assert.equal((await state(id)).json.state, 'pending');
  });
  assert.equal((await complete(id, FAILURE)).status, 204);
});

test('400: an invalid upload, result or claimer', async () => {
  const id = await begin();
  for (const bad of [
    'x',
    id.toUpperCase().replace(/\d/g, 'A'),
    `${id}0`,
    '00000000-0000-0000-0000-000000000000',
  ])
    assertProblem(await state(bad), 400, 'invalid_request');
  const results = [
    {},
    { alias: 'a' },
    { token: 't' },
    { message: 'm' },
    { alias: 'a', token: 't', message: 'm' },
    { alias: 'a', token: 't', ...FAILURE },
    { alias: 'a', code: 'c' },
    { alias: 'a', token: 't', more: 1 },
    ...badNames.map((alias) => ({ alias, token: 't' })),
  ];
  for (const result of results) assertProblem(await complete(id, result), 400, 'invalid_request');
  for (const message of unstorable)
    assertProblem(await complete(id, { message, code: 'c' }), 400, 'invalid_text');
  const long = 'ü'.repeat(128);
  for (const [result, code] of [
    [{ alias: long, token: 't' }, 'alias_too_long'],
    [{ alias: 'a', token: long }, 'delete_token_too_long'],
    [{ message: 'x'.repeat(16_385), code: 'c' }, 'error_too_long'],
    [{ message: 'm', code: long }, 'error_code_too_long'],
  ] as const)
    assertProblem(await complete(id, result), 400, code);
  assertProblem(await claim(id, long), 400, 'claimer_too_long');
  assertProblem(await claim(id, ''), 400, 'invalid_request');
  assertProblem(await ask('POST', '/uploads', { enqueue: 'a/b' }), 400, 'invalid_request');
  assert.equal((await state(id)).json.state, 'pending');
});
