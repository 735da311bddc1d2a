import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TransactionSql } from 'postgres';
import { clock } from '../support/database.js';
import { newHash } from '../support/new-hash.js';
import { atOnce, tally, untilWaiting, whileOpen } from '../support/races.js';
import { assertProblem } from '../support/raw-http.js';
import { askRaw, assertInvalid, unstorableQueries } from '../support/refused-values.js';
import { linesOf, startTestService } from '../support/service.js';

/** The variants of a hash, and when they were last asked for. */
const { ask, sql, base, url } = await startTestService({ ACCESS_GRANULARITY_SECONDS: '0' });
const encoded = encodeURIComponent;

function relate(hash: string, variant: string, identifier: string) {
  return ask('PUT', `/hashes/${hash}/variant?variant=${encoded(variant)}`, { identifier });
}

function access(hash: string, variant: string, body?: unknown) {
  return ask('PUT', `/hashes/${hash}/variant/access?variant=${encoded(variant)}`, body);
}

async function accessedAt(hash: string, variant: string): Promise<string | undefined> {
  return (await ask('GET', `/hashes/${hash}/variant/access?variant=${encoded(variant)}`)).json.accessed;
}

/** A hash with its file, `<hash>.png`, and with variants whose files are `<hash>/<variant>`. */
async function newContent(...variants: string[]): Promise<string> {
  const hash = newHash();
  assert.equal((await ask('PUT', `/hashes/${hash}`, { identifier: `${hash}.png` })).status, 201);
  for (const variant of variants)
    assert.equal((await relate(hash, variant, `${hash}/${variant}`)).status, 201);
  return hash;
}

test('variants: 201, 200 with the same body, 409 with the existing variant, 404', async () => {
  const [hash, other] = [await newContent(), await newContent()];
  const created = await relate(hash.toUpperCase(), 'thumbnail/256/webp', `${hash}/t`);
  assert.equal(created.status, 201);
  const record = { hash, variant: 'thumbnail/256/webp', identifier: `${hash}/t` };
  assert.deepEqual(created.json, record);
  const again = await relate(hash, 'thumbnail/256/webp', `${hash}/t`);
  assert.deepEqual([again.status, again.text], [200, created.text]);

  const existing = await relate(hash, 'thumbnail/256/webp', `${hash}/u`);
  assert.deepEqual(assertProblem(existing, 409, 'variant_already_exists')['existing'], record);
  for (const [holder, variant] of [
    [hash, 'more'],
    [other, 'thumbnail/256/webp'],
  ] as const) {
    const used = await relate(holder, variant, `${hash}/t`);
    assert.deepEqual(assertProblem(used, 409, 'identifier_already_used')['existing'], record);
  }
  // Where both apply, the variant itself comes first.
  await relate(hash, 'second', `${hash}/2`);
  assertProblem(await relate(hash, 'second', `${hash}/t`), 409, 'variant_already_exists');
  assertProblem(await relate(newHash(), 'v', `${hash}/3`), 404, 'hash_not_found');
});

test('variants: named byte for byte, listed in the order of bytes', async () => {
  const hash = await newContent();
  const names = [
    'Z',
    'a/b',
    'a%2Fb',
    'a+b',
    'a b',
    '..',
    '😀',
    '\uffee',
    'e\u0301',
    'é',
    'a?b&variant=c',
    '\t',
  ];
  for (const name of names) assert.equal((await relate(hash, name, `${hash}/${name}`)).status, 201);
  for (const name of names) {
    const answer = await ask('GET', `/hashes/${hash}/variant?variant=${encoded(name)}`);
    assert.deepEqual(answer.json, { identifier: `${hash}/${name}` });
  }
  const inOrder = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const { variants } = (await ask('GET', `/hashes/${hash.toUpperCase()}/variants`)).json;
  assert.deepEqual(
    variants,
    inOrder.map((variant) => ({ variant, identifier: `${hash}/${variant}` })),
  );
  assert.deepEqual((await ask('GET', `/hashes/${newHash()}/variants`)).json, { variants: [] });
  assertProblem(await ask('GET', `/hashes/${hash}/variant?variant=A`), 404, 'variant_not_found');
  assertProblem(await ask('GET', `/hashes/${newHash()}/variant?variant=a`), 404, 'variant_not_found');
});

test('every variant in a query: 400 for none, two, or what cannot be stored', async () => {
  const hash = await newContent();
  for (const [method, below, body] of [
    ['PUT', '', '{"identifier":"i"}'],
    ['GET', ''],
    ['DELETE', ''],
    ['PUT', '/access'],
    ['GET', '/access'],
    ['DELETE', '/access'],
  ] as const) {
    const path = `/hashes/${hash}/variant${below}`;
    for (const text of unstorableQueries) {
      assertInvalid(await askRaw(base, method, `${path}?variant=${text}`, body));
    }
    assertInvalid(await askRaw(base, method, path, body));
    assertInvalid(await askRaw(base, method, `${path}?variant=a&variant=b`, body));
    assertInvalid(await askRaw(base, method, `${path}?variant=a&more=b`, body));
  }
});

test('removeVariant: names its file, takes details and access along, and can be sent again', async () => {
  const hash = await newContent();
  await relate(hash, 'v', `${hash}/v`);
  await ask('PUT', `/details?identifier=${hash}/v`, {});
  await ask('PUT', `/hashes/${hash}/variant/access?variant=v`);
  const removed = await ask('DELETE', `/hashes/${hash}/variant?variant=v`);
  assert.deepEqual([removed.status, removed.json], [200, { removed: { identifiers: [`${hash}/v`] } }]);
  assertProblem(await ask('GET', `/details?identifier=${hash}/v`), 404, 'details_not_found');
  assert.deepEqual((await ask('GET', `/hashes/${hash}/variant/access?variant=v`)).json, { contains: false });
  const again = await ask('DELETE', `/hashes/${hash}/variant?variant=v`);
  assert.deepEqual([again.status, again.json], [200, { removed: { identifiers: [] } }]);
});

test('removeVariant: a file that is also an original or a motion file is not named, its details stay', async () => {
  const hash = await newContent();
  await ask('PUT', `/hashes/${hash}/motion-identifier`, { identifier: `${hash}.mp4` });
  for (const identifier of [`${hash}.png`, `${hash}.mp4`]) {
    await relate(hash, 'same', identifier);
    await ask('PUT', `/details?identifier=${identifier}`, {});
    const removed = await ask('DELETE', `/hashes/${hash}/variant?variant=same`);
    assert.deepEqual(removed.json, { removed: { identifiers: [] } });
    assert.equal((await ask('GET', `/details?identifier=${identifier}`)).status, 200);
  }
});

// Naive: as for create in hashes.test.ts; the rival commits after the snapshot.
test('variants, race: of 200 files for one variant one wins, and all others learn which', async () => {
  const hash = await newContent();
  const answers = await atOnce(200, (n) => relate(hash, 'v', `${hash}-${n}`));
  assert.deepEqual(tally(answers), { 201: 1, '409 variant_already_exists': 199 });
  const winner = answers.find(({ status }) => status === 201)?.json;
  for (const { status, json } of answers) assert.deepEqual(status === 201 ? json : json.existing, winner);
  assert.deepEqual(tally(await atOnce(200, () => relate(hash, 'w', `${hash}-w`))), { 200: 199, 201: 1 });
});

// Naive: `on conflict (hash, variant)` fails on the identifier's own key.
test('variants, race: of 200 variants for one file one wins, and all others learn which', async () => {
  const hash = await newContent();
  const answers = await atOnce(200, (n) => relate(hash, `v${n}`, `${hash}/one`));
  assert.deepEqual(tally(answers), { 201: 1, '409 identifier_already_used': 199 });
  const winner = answers.find(({ status }) => status === 201)?.json;
  for (const { status, json } of answers) assert.deepEqual(status === 201 ? json : json.existing, winner);
});

// Naive: run once, the statement returns nothing, because its snapshot is older than the rival's commit.
test('variants, race: a rival that commits is seen', async () => {
  const hash = await newContent();
  const rival = (tx: TransactionSql) => tx`
    insert into variants (hash, variant, identifier) values (decode(${hash}, 'hex'), 'v', ${`${hash}/1`})`;
  const late = await whileOpen(sql, rival, () => relate(hash, 'v', `${hash}/2`));
  const existing = { hash, variant: 'v', identifier: `${hash}/1` };
  assert.deepEqual(assertProblem(late, 409, 'variant_already_exists')['existing'], existing);
});

// Naive: what the snapshot still shows is taken for what stands, although the variant was created.
test('variants, race: 201 where the variant in the way is removed meanwhile', async () => {
  const hash = await newContent('v');
  const remove = (tx: TransactionSql) => tx`delete from variants where hash = decode(${hash}, 'hex')`;
  const answer = await whileOpen(sql, remove, () => relate(hash, 'v', `${hash}/new`));
  assert.equal(answer.status, 201);
});

// Naive: the foreign key answers 500 where the parent goes meanwhile.
test('variants, race: 404 where the hash is removed meanwhile', async () => {
  const hash = await newContent();
  const late = await whileOpen(
    sql,
    (tx) => tx`delete from hashes where hash = decode(${hash}, 'hex')`,
    () => relate(hash, 'v', `${hash}/v`),
  );
  assertProblem(late, 404, 'hash_not_found');
});

test('accessed: now, with no body, {}, an empty one, or a time to come', async () => {
  const hash = await newContent('a/b');
  assert.deepEqual((await ask('GET', `/hashes/${hash}/variant/access?variant=a%2Fb`)).json, {
    contains: false,
  });
  for (const body of [undefined, {}, '', ' {} ', { at: '9999-12-31T23:59:59.999999Z' }]) {
    const before = await clock(sql);
    assert.equal((await access(hash.toUpperCase(), 'a/b', body)).status, 204);
    const accessed = await accessedAt(hash, 'a/b');
    assert.ok(
      accessed && before < accessed && accessed < (await clock(sql)),
      `${JSON.stringify(body)}: ${accessed}`,
    );
  }
});

test('accessed: a given time keeps its microseconds and never moves backwards', async () => {
  const hash = await newContent('v');
  for (const [at, then] of [
    ['2024-02-29T12:00:00.123456Z', '2024-02-29T12:00:00.123456Z'],
    ['2024-02-29T12:00:00.123455Z', '2024-02-29T12:00:00.123456Z'],
    ['2024-02-29T14:00:00.123457+02:00', '2024-02-29T12:00:00.123457Z'],
    ['0001-01-01T00:00:00Z', '2024-02-29T12:00:00.123457Z'],
    ['2024-02-29t12:00:01.1234569z', '2024-02-29T12:00:01.123456Z'],
    ['2024-12-31T23:59:60Z', '2025-01-01T00:00:00.000000Z'],
    ['2025-06-30T18:59:60.5-05:00', '2025-07-01T00:00:00.500000Z'],
  ] as const) {
    assert.equal((await access(hash, 'v', { at })).status, 204);
    assert.equal(await accessedAt(hash, 'v'), then);
  }
});

test('accessed: 404 for an unknown variant, 400 and 415 for an invalid access', async () => {
  const hash = await newContent('v');
  assertProblem(await access(hash, 'V'), 404, 'variant_not_found');
  assertProblem(await access(newHash(), 'v'), 404, 'variant_not_found');
  assertProblem(await access(hash, 'v'.repeat(2049)), 400, 'variant_too_long');
  for (const body of [
    'null',
    [],
    'true',
    { at: null },
    { at: 0 },
    { at: 'now' },
    { at: '2024-02-30T00:00:00Z' },
    { to: 1 },
  ]) {
    assertProblem(await access(hash, 'v', body), 400, 'invalid_request');
  }
  assertProblem(await access(hash, 'v', ' '), 400, 'malformed_json');
  const path = `/hashes/${hash}/variant/access?variant=v`;
  assertProblem(
    await ask('PUT', path, '{}', { headers: { 'content-type': 'text/plain' } }),
    415,
    'unsupported_media_type',
  );
  assert.deepEqual((await ask('GET', path)).json, { contains: false });
});

test('removeAccess: the variant stays, and it can be sent again, also for what never was', async () => {
  const hash = await newContent('v');
  await access(hash, 'v');
  const path = `/hashes/${hash}/variant/access?variant=v`;
  for (const _ of ['once', 'again']) {
    assert.equal((await ask('DELETE', path)).status, 204);
    assert.deepEqual((await ask('GET', path)).json, { contains: false });
  }
  assert.equal((await ask('GET', `/hashes/${hash}/variant?variant=v`)).status, 200);
  assert.equal((await ask('DELETE', `/hashes/${newHash()}/variant/access?variant=v`)).status, 204);
});

test('olderVariants: strictly older, oldest first, ties by the bytes of hash and variant', async () => {
  await sql`truncate variant_accesses`;
  const expected = [];
  for (const hash of ['0a', '0a00', 'a0']) {
    await ask('PUT', `/hashes/${hash}`, { identifier: `${hash}.png` });
    for (const variant of ['Z,1', 'a,', 'é,2', '😀\n']) {
      await relate(hash, variant, `${hash}/${variant}`);
      await access(hash, variant, { at: '2024-01-01T00:00:00.000001Z' });
      expected.push({ hash, variant, accessed: '2024-01-01T00:00:00.000001Z' });
    }
  }
  const [first] = expected;
  assert.ok(first);
  await access(first.hash, first.variant, { at: '2024-01-01T00:00:00.000002Z' });
  expected.push({ ...expected.shift(), accessed: '2024-01-01T00:00:00.000002Z' });

  const older = (time: string, more = '') => ask('GET', `/variant-access?older_than=${encoded(time)}${more}`);
  const all = linesOf(await older('2024-01-01T01:00:00.000003+01:00'));
  assert.deepEqual(all, [...expected, { end: true, count: expected.length }]);
  const strictly = linesOf(await older('2024-01-01T00:00:00.000002Z'));
  assert.deepEqual(strictly, [...expected.slice(0, -1), { end: true, count: expected.length - 1 }]);
  assert.equal((await older('2024-01-01T00:00:00.000001Z')).text, '{"end":true,"count":0}\n');

  const seen = [];
  let after: string | undefined;
  do {
    const page = await older('2024-02-29T00:00:00Z', `&limit=1${after ? `&after=${encoded(after)}` : ''}`);
    const [row, end] = linesOf(page);
    seen.push(row);
    after = end?.['next'];
    if (after) assert.equal(after, `${row?.['accessed']},${row?.['hash']},${row?.['variant']}`);
  } while (after);
  assert.deepEqual(seen, expected);
});

test('olderVariants: ties are not skipped where a page of the server ends', async () => {
  const hash = await newContent();
  await sql`truncate variant_accesses`;
  await sql`
    with variant as (
      insert into variants (hash, variant, identifier)
      select decode(${hash}, 'hex'), 'v' || n, ${hash} || n
      from generate_series(1, 5001) as n
      returning hash, variant
    )
    insert into variant_accesses (hash, variant, accessed)
    select hash, variant, '2024-01-01T00:00:00Z'
    from variant`;
  const lines = linesOf(await ask('GET', '/variant-access?older_than=2024-01-02T00:00:00Z'));
  assert.deepEqual(lines.pop(), { end: true, count: 5001 });
  assert.equal(new Set(lines.map(({ variant }) => variant)).size, 5001);
});

test('olderVariants: 400 for an invalid key to resume after', async () => {
  const time = '2024-01-01T00:00:00Z';
  for (const key of [
    '',
    'x',
    time,
    `${time},`,
    `${time},v`,
    `${time},zz,v`,
    `${time},ab`,
    `${time},ab,`,
    `,ab,v`,
  ]) {
    const answer = await ask('GET', `/variant-access?older_than=${time}&after=${encoded(key)}`);
    assertProblem(answer, 400, 'invalid_request');
  }
  const good = await ask('GET', `/variant-access?older_than=${time}&after=${encoded(`${time},AB,v,w`)}`);
  assert.equal(good.status, 200);
  assertProblem(await ask('GET', '/variant-access'), 400, 'invalid_request');
});

// Naive: `now()` is when the statement began, before it waited for its row.
test('accessed, race: the clock is read after the locks', async () => {
  const hash = await newContent('v');
  const { answer, unlocked } = await sql.begin(async (tx) => {
    await tx`select from variants where hash = decode(${hash}, 'hex') for update`;
    const answer = access(hash, 'v');
    await untilWaiting(sql);
    return { answer: { pending: answer }, unlocked: await clock(sql) };
  });
  assert.equal((await answer.pending).status, 204);
  assert.ok(((await accessedAt(hash, 'v')) ?? '') > unlocked);
});

// Naive: the access that came between is not seen, and the foreign key answers 500 to the removal.
test('removeVariant, race: an access that came meanwhile is removed too', async () => {
  const hash = await newContent('v');
  const removed = await whileOpen(
    sql,
    (tx) =>
      tx`insert into variant_accesses (hash, variant, accessed) values (decode(${hash}, 'hex'), 'v', now())`,
    () => ask('DELETE', `/hashes/${hash}/variant?variant=v`),
  );
  assert.deepEqual([removed.status, removed.json], [200, { removed: { identifiers: [`${hash}/v`] } }]);
  assert.deepEqual((await ask('GET', `/hashes/${hash}/variant/access?variant=v`)).json, { contains: false });
});

// Naive: `set accessed = excluded.accessed` without a condition; the last to come wins.
test('accessed, race: of times that arrive in any order the latest is kept', async () => {
  const hash = await newContent('v');
  const times = Array.from({ length: 60 }, (_, n) => `2024-01-01T00:00:00.0000${n + 10}Z`);
  const shuffled = times.toSorted((a, b) => Number(a.at(-2)) - Number(b.at(-2)));
  const other = await startTestService({ ACCESS_GRANULARITY_SECONDS: '0' }, { url, sql });
  const path = `/hashes/${hash}/variant/access?variant=v`;
  const answers = await atOnce(60, (n) => (n % 2 ? ask : other.ask)('PUT', path, { at: shuffled[n] }));
  assert.deepEqual(tally(answers), { 204: 60 });
  assert.equal(await accessedAt(hash, 'v'), times.at(-1));
  await other.close();
});
