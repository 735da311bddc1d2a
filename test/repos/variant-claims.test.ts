import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDatabase } from '../support/database.js';
import { newHash } from '../support/new-hash.js';
import { atOnce, tally } from '../support/races.js';
import { assertProblem, connectRaw, get } from '../support/raw-http.js';
import { badHashes, unstorable } from '../support/refused-values.js';
import { type Answer, startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const database = await createDatabase();
const { ask, sql, waiting, base } = await startTestService({}, database);
/** Another process of the same service, as far as PostgreSQL can tell. */
const there = await startTestService({}, database);
const VARIANT = 'thumbnail/256/ü';

async function newContent(): Promise<string> {
  const hash = newHash();
  assert.equal((await ask('PUT', `/hashes/${hash}`, { identifier: `${hash}.png` })).status, 201);
  return hash;
}

const at = (hash: string, what = '', variant = VARIANT) =>
  `/hashes/${hash}/variant/claim${what}?variant=${encodeURIComponent(variant)}`;
const claim = (hash: string, claimer: string, more: object = {}, on = { ask }) =>
  on.ask('POST', at(hash), { claimer, ...more });
const heartbeat = (hash: string, token: string, more: object = {}) =>
  ask('POST', at(hash, '/heartbeat'), { token, ...more });
const finish = (hash: string, token: string, end: object) =>
  ask('POST', at(hash, '/finish'), { token, ...end });
const state = (hash: string, wait = 0, on = { ask }) => on.ask('GET', `${at(hash)}&wait=${wait}`);
const related = async (hash: string) =>
  (await ask('GET', `/hashes/${hash}/variant?variant=${encodeURIComponent(VARIANT)}`)).json.identifier;
const runOut = (hash: string) =>
  sql`update variant_claims set lease_expires_at = clock_timestamp() - interval '1 second' where hash = decode(${hash}, 'hex')`;

async function claimed(hash: string, claimer = 'one', more: object = {}): Promise<string> {
  const { status, json, text } = await claim(hash, claimer, more);
  assert.equal(status, 201, text);
  return json.token;
}

async function isCondemned(identifier: string): Promise<boolean> {
  return (
    (await sql`select from files where identifier = ${identifier} and condemned_at is not null`).length === 1
  );
}

test('a claim: created, own, held; extended, finished, and the variant exists', async () => {
  const hash = await newContent();
  assert.deepEqual((await state(hash)).json, { state: 'unclaimed' });
  const first = await claim(hash, 'one', { lease_seconds: 600 });
  assert.equal(first.status, 201);
  assert.equal(first.headers.get('cache-control'), 'no-store');
  const { token, lease_expires_at } = first.json;
  assert.deepEqual(first.json, { state: 'claimed', token, lease_seconds: 600, lease_expires_at });
  assert.match(token, /^[0-9a-f]{32}$/);
  const seconds = (Date.parse(lease_expires_at) - Date.now()) / 1000;
  assert.ok(seconds > 500 && seconds < 700, `${seconds} s`);

  const again = await claim(hash.toUpperCase(), 'one');
  assert.deepEqual([again.status, again.json.token, again.json.lease_seconds], [200, token, 600]);
  const { existing } = assertProblem(await claim(hash, 'two'), 409, 'variant_claimed');
  assert.deepEqual(existing, { hash, variant: VARIANT, lease_expires_at: again.json.lease_expires_at });
  const extended = await heartbeat(hash, token, { lease_seconds: 1200 });
  assert.ok(extended.json.lease_expires_at > again.json.lease_expires_at);
  assert.deepEqual((await state(hash)).json, {
    state: 'claimed',
    lease_expires_at: extended.json.lease_expires_at,
  });

  const end = { identifier: `${hash}/v`, bytes: 7 };
  for (const _ of ['once', 'again']) {
    const { status, json } = await finish(hash, token, end);
    assert.deepEqual([status, json], [200, { state: 'done', identifier: end.identifier, unneeded: [] }]);
  }
  assert.equal(await related(hash), end.identifier);
  for (const claimer of ['one', 'two']) {
    const done = await claim(hash, claimer);
    assert.deepEqual([done.status, done.json], [200, { state: 'done', identifier: end.identifier }]);
  }
  assert.deepEqual((await state(hash, 20)).json, { state: 'done', identifier: end.identifier });
  assertProblem(await heartbeat(hash, token), 409, 'claim_lost');
  assertProblem(await finish(hash, token, { error: 'late' }), 409, 'claim_lost');
});

test('of many claimers at two processes one gets the claim, and again after it has failed, expired, or lost its variant', async () => {
  const hash = await newContent();
  let rushes = 0;
  const rush = async () => {
    rushes++;
    const answers = await atOnce(12, (n) =>
      claim(hash, `claimer ${n} of ${rushes}`, {}, n % 2 === 0 ? { ask } : there),
    );
    assert.deepEqual(tally(answers), { '201': 1, '409 variant_claimed': 11 });
    return answers.find(({ status }) => status === 201)?.json.token;
  };
  const failing = await rush();
  for (const _ of ['once', 'again'])
    assert.deepEqual((await finish(hash, failing, { error: 'no image' })).json, { state: 'failed' });
  assertProblem(await finish(hash, failing, { error: 'other' }), 409, 'claim_lost');
  assert.deepEqual((await state(hash, 20)).json, { state: 'failed', error: 'no image' });
  await rush();
  await runOut(hash);
  assert.deepEqual((await state(hash, 20)).json, { state: 'expired' });
  const finishing = await rush();
  await finish(hash, finishing, { identifier: `${hash}/v` });
  await ask('DELETE', `/hashes/${hash}/variant?variant=${encodeURIComponent(VARIANT)}`);
  assert.deepEqual((await state(hash)).json, { state: 'unclaimed' });
  await rush();
});

test('an expired claim is still valid until somebody takes it over; then its file is condemned and pushed', async () => {
  const hash = await newContent();
  const old = await claimed(hash, 'old');
  await runOut(hash);
  assert.equal((await heartbeat(hash, old)).status, 200);
  await runOut(hash);
  const again = await claim(hash, 'old');
  assert.deepEqual([again.status, again.json.token], [200, old]);
  await runOut(hash);
  const next = await claimed(hash, 'next');
  assert.notEqual(next, old);

  assertProblem(await heartbeat(hash, old), 409, 'claim_lost');
  assertProblem(await finish(hash, old, { error: 'late' }), 409, 'claim_lost');
  const vain = `${hash}/late`;
  await ask('PUT', `/details?identifier=${encodeURIComponent(vain)}`, {});
  for (const _ of ['once', 'again']) {
    const refused = assertProblem(
      await finish(hash, old, { identifier: vain, enqueue: 'vain' }),
      409,
      'claim_lost',
    );
    assert.deepEqual(refused['unneeded'], [vain]);
  }
  assert.ok(await isCondemned(vain));
  assert.equal((await ask('GET', `/details?identifier=${encodeURIComponent(vain)}`)).status, 404);
  const jobs = await sql`select job -> 'Identifier' ->> 'identifier' as file from jobs where queue = 'vain'`;
  assert.deepEqual(
    jobs.map(({ file }) => file),
    [vain],
  );

  assert.equal((await finish(hash, next, { identifier: `${hash}/v` })).status, 200);
  assert.equal(await related(hash), `${hash}/v`);
  // A file that somebody owns is nobody else's to condemn.
  const owned = assertProblem(await finish(hash, old, { identifier: `${hash}.png` }), 409, 'claim_lost');
  assert.equal(owned['unneeded'], undefined);
  await finish(hash, old, { identifier: `${hash}/v` });
  assert.ok(!(await isCondemned(`${hash}/v`)) && !(await isCondemned(`${hash}.png`)));
});

test('a late finish and the claim that takes it over: the first one wins, and the other is refused', async () => {
  for (let round = 0; round < 6; round++) {
    const hash = await newContent();
    const old = await claimed(hash, 'old');
    await runOut(hash);
    const [late, next] = await Promise.all([
      finish(hash, old, { identifier: `${hash}/v` }),
      claim(hash, 'next'),
    ]);
    if (late.status === 200) assert.deepEqual(next.json, { state: 'done', identifier: `${hash}/v` });
    else {
      assertProblem(late, 409, 'claim_lost');
      assert.equal(next.status, 201);
      assert.equal((await finish(hash, next.json.token, { identifier: `${hash}/w` })).status, 200);
    }
  }
});

test('a claim that has waited for the finish of another one learns its file', async () => {
  const hash = await newContent();
  const token = await claimed(hash);
  await runOut(hash);
  let tries = 0;
  // Asks again where it has not waited long enough, as a client does. Nearly all of the time it waits for the row.
  const askOn = async (): Promise<Answer> => {
    const answer = await claim(hash, 'two');
    tries++;
    return answer.status === 503 ? askOn() : answer;
  };
  let asked: Promise<Answer> | undefined;
  await sql.begin(async (tx) => {
    await tx`select from variant_claims where hash = decode(${hash}, 'hex') for update`;
    asked = askOn();
    await until(() => tries > 0);
    await tx`insert into variants (hash, variant, identifier) values (decode(${hash}, 'hex'), ${VARIANT}, ${hash})`;
    await tx`update variant_claims set identifier = ${hash} where hash = decode(${hash}, 'hex')`;
  });
  assert.deepEqual((await asked)?.json, { state: 'done', identifier: hash });
  assertProblem(await finish(hash, token, { identifier: `${hash}/late` }), 409, 'claim_lost');
});

test('a variant that somebody relates without a claim stays; the claim ends with it', async () => {
  const hash = await newContent();
  const token = await claimed(hash);
  await ask('PUT', `/hashes/${hash}/variant?variant=${encodeURIComponent(VARIANT)}`, {
    identifier: `${hash}/w`,
  });
  const own = `${hash}/v`;
  assert.deepEqual((await finish(hash, token, { identifier: own })).json, {
    state: 'done',
    identifier: `${hash}/w`,
    unneeded: [own],
  });
  assert.ok(await isCondemned(own));
});

test('a finish that is sent again after its variant was removed is 409, and after it was made anew it has the new file', async () => {
  const hash = await newContent();
  const token = await claimed(hash, 'one');
  const end = { identifier: `${hash}/v` };
  for (const _ of ['once', 'again']) assert.equal((await finish(hash, token, end)).status, 200);
  const path = `/hashes/${hash}/variant?variant=${encodeURIComponent(VARIANT)}`;
  await ask('DELETE', path);
  assertProblem(await finish(hash, token, end), 409, 'identifier_condemned');
  await sql`delete from files where identifier = ${end.identifier}`;
  const freed = assertProblem(await finish(hash, token, end), 409, 'claim_lost');
  assert.deepEqual(freed['unneeded'], [end.identifier]);
  await sql`delete from files where identifier = ${end.identifier}`;
  assert.equal((await ask('PUT', `/hashes/${newHash()}`, end)).status, 201);
  assertProblem(await finish(hash, token, end), 409, 'identifier_already_used');
  await ask('PUT', path, { identifier: `${hash}/new` });
  const after = await finish(hash, token, end);
  assert.deepEqual([after.status, after.json.identifier], [200, `${hash}/new`]);
});

test('409: a file that somebody owns, or that was condemned; the claim stays', async () => {
  const [hash, other] = [await newContent(), await newContent()];
  const token = await claimed(hash);
  const refused = assertProblem(
    await finish(hash, token, { identifier: `${other}.png` }),
    409,
    'identifier_already_used',
  );
  assert.deepEqual(refused['existing'], { hash: other, identifier: `${other}.png` });
  await ask('DELETE', `/hashes/${other}`);
  assertProblem(await finish(hash, token, { identifier: `${other}.png` }), 409, 'identifier_condemned');
  assert.equal((await finish(hash, token, { identifier: `${hash}/v` })).status, 200);
});

test('waits learn success, failure, the end of a lease and of the content, on every process', async () => {
  const hashes = [await newContent(), await newContent(), await newContent(), await newContent()];
  const [done = '', failed = '', expired = '', gone = ''] = hashes;
  const tokens = [
    await claimed(done),
    await claimed(failed),
    await claimed(expired, 'one', { lease_seconds: 1 }),
  ];
  await claimed(gone);
  const waits = hashes.flatMap((hash) => [state(hash, 50), state(hash, 50, there)]);
  await until(() => waiting() === 4 && there.waiting() === 4);
  await finish(done, tokens[0] ?? '', { identifier: `${done}/v` });
  await finish(failed, tokens[1] ?? '', { error: 'no image' });
  await ask('DELETE', `/hashes/${gone}`);
  const answers = await Promise.all(waits);
  const told = answers.map(({ json }) => json.code ?? json.error ?? json.identifier ?? json.state);
  const each = [`${done}/v`, 'no image', 'expired', 'hash_not_found'];
  assert.deepEqual(
    told,
    each.flatMap((one) => [one, one]),
  );
});

test('a lease that ended or ends in another year, as in a restored backup, is read as any other', async () => {
  const [past, future] = [await newContent(), await newContent()];
  await claimed(past);
  const token = await claimed(future);
  await sql`update variant_claims set lease_expires_at = '2020-01-01Z' where hash = decode(${past}, 'hex')`;
  await sql`update variant_claims set lease_expires_at = '2300-01-01Z' where hash = decode(${future}, 'hex')`;
  assert.equal((await state(past, 1)).json.state, 'expired');
  const { status, json } = await state(future, 1);
  assert.deepEqual([status, json.state], [200, 'claimed']);
  assert.equal((await finish(future, token, { identifier: `${future}.webp` })).status, 200);
});

test('a wait goes on where a claim is extended, and where another one takes it over', async () => {
  const hash = await newContent();
  const token = await claimed(hash, 'one', { lease_seconds: 1 });
  const wait = state(hash, 50);
  await until(() => waiting() === 1);
  await heartbeat(hash, token, { lease_seconds: 60 });
  await until(async () => {
    const [row] =
      await sql`select clock_timestamp() > lease_expires_at - interval '58 seconds' as is_past from variant_claims where hash = decode(${hash}, 'hex')`;
    return row?.['is_past'];
  });
  assert.equal(waiting(), 1);
  await finish(hash, token, { identifier: `${hash}/v` });
  assert.equal((await wait).json.state, 'done');
});

test('Prefer sets the wait, and nothing waits for a client that has gone', async () => {
  const hash = await newContent();
  await claimed(hash);
  const preferred = await ask('GET', at(hash), undefined, { headers: { prefer: 'wait=0' } });
  assert.deepEqual(
    [preferred.json.state, preferred.headers.get('preference-applied')],
    ['claimed', 'wait=0'],
  );
  const connection = await connectRaw(base);
  connection.write(get(`/v1${at(hash)}&wait=50`));
  await until(() => waiting() === 1);
  connection.reset();
  await until(() => waiting() === 0);
});

test('claims are removed with their content, also in steps; a doomed hash is 404, and a file made for it is condemned', async () => {
  const [hash, large] = [await newContent(), await newContent()];
  const [token, other] = [await claimed(hash), await claimed(large)];
  await ask('DELETE', `/hashes/${hash}`);
  await sql`
    insert into variant_claims (hash, variant, claimer_sha256, token, lease_seconds, lease_expires_at, forget_at)
    select decode(${large}, 'hex'), 'v' || n, 'x', 't', 60, clock_timestamp(), clock_timestamp() + interval '1 hour'
    from generate_series(1, 2500) as n`;
  assertProblem(await ask('DELETE', `/hashes/${large}`), 409, 'enqueue_required');
  assert.equal((await ask('DELETE', `/hashes/${large}?enqueue=steps`)).json.more, true);
  for (const [one, right] of [
    [hash, token],
    [large, other],
  ] as const) {
    for (const answer of [
      await claim(one, 'two'),
      await heartbeat(one, right),
      await finish(one, right, { error: 'gone' }),
      await state(one, 20),
    ])
      assertProblem(answer, 404, 'hash_not_found');
    const vain = `${one}/vain`;
    const refused = assertProblem(await finish(one, right, { identifier: vain }), 404, 'hash_not_found');
    assert.deepEqual(refused['unneeded'], [vain]);
    assert.ok(await isCondemned(vain));
  }
  await until(async () => (await sql`select from hashes where hash = decode(${large}, 'hex')`).length === 0);
  assert.equal(
    (await sql`select from variant_claims where hash in (decode(${hash}, 'hex'), decode(${large}, 'hex'))`)
      .length,
    0,
  );
});

test('claims that ended or expired long ago are removed, except for one that is locked', async () => {
  const hashes = [await newContent(), await newContent(), await newContent()];
  const [ended = '', kept = '', locked = ''] = hashes;
  const token = await claimed(ended);
  await finish(ended, token, { error: 'no' });
  await claimed(kept);
  await claimed(locked);
  const left = async (hash: string) =>
    (await sql`select from variant_claims where hash = decode(${hash}, 'hex')`).length;
  await sql.begin(async (tx) => {
    await tx`update variant_claims set forget_at = clock_timestamp() - interval '1 second' where hash = decode(${locked}, 'hex')`;
    await sql`update variant_claims set forget_at = clock_timestamp() - interval '1 second' where hash = decode(${ended}, 'hex')`;
    await until(async () => (await left(ended)) === 0);
  });
  assert.equal(await left(kept), 1);
  await until(async () => (await left(locked)) === 0);
  assertProblem(await finish(ended, token, { identifier: `${ended}/v` }), 409, 'claim_lost');
});

test('a claim that another transaction holds is 503 soon, and delays nobody else', async () => {
  const [locked, other] = [await newContent(), await newContent()];
  const token = await claimed(locked);
  await sql.begin(async (tx) => {
    await tx`select from variant_claims where hash = decode(${locked}, 'hex') for update`;
    assertProblem(await claim(locked, 'two'), 409, 'variant_claimed');
    const answers = [
      claim(locked, 'one'),
      heartbeat(locked, token),
      finish(locked, token, { error: 'no' }),
      finish(locked, token, { identifier: 'x' }),
    ];
    for (const answer of await Promise.all(answers)) assertProblem(answer, 503, 'contended');
    assert.deepEqual((await state(locked)).json.state, 'claimed');
    await claimed(other);
  });
  assert.equal((await heartbeat(locked, token)).status, 200);
});

test('400: an invalid claim, token or end', async () => {
  const hash = await newContent();
  const token = await claimed(hash);
  for (const bad of badHashes.filter((one) => /^\w+$/.test(one)))
    assertProblem(await claim(bad, 'one'), 400, 'invalid_request');
  assertProblem(await ask('POST', `/hashes/${hash}/variant/claim`, { claimer: 'c' }), 400, 'invalid_request');
  for (const lease_seconds of [0, 43_201, 1.5, '60'])
    assertProblem(await claim(hash, 'one', { lease_seconds }), 400, 'invalid_request');
  assertProblem(await claim(hash, 'ü'.repeat(128)), 400, 'claimer_too_long');
  for (const bad of ['', 'x', token.toUpperCase().replace(/\d/g, 'A')])
    assertProblem(await heartbeat(hash, bad), 400, 'invalid_request');
  const ends = [
    {},
    { bytes: 1 },
    { identifier: 'a', error: 'b' },
    { error: 'b', bytes: 1 },
    { error: 'b', enqueue: 'q' },
    { identifier: 'a', bytes: -1 },
  ];
  for (const end of ends) assertProblem(await finish(hash, token, end), 400, 'invalid_request');
  for (const error of unstorable) assertProblem(await finish(hash, token, { error }), 400, 'invalid_text');
  assertProblem(await finish(hash, token, { error: 'x'.repeat(16_385) }), 400, 'error_too_long');
  assertProblem(await finish(hash, token, { identifier: 'x'.repeat(2049) }), 400, 'identifier_too_long');
  assert.equal((await state(hash)).json.state, 'claimed');
});
