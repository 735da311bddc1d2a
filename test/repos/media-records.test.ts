import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newHash } from '../support/new-hash.js';
import { atOnce, tally } from '../support/races.js';
import { assertProblem } from '../support/raw-http.js';
import { unstorable } from '../support/refused-values.js';
import { startTestService } from '../support/service.js';

const { ask, sql } = await startTestService();

/** A content of the test's own, with a file that is named after it. */
async function newContent(more: object = {}): Promise<string> {
  const hash = newHash();
  assert.equal((await ask('PUT', `/hashes/${hash}`, { identifier: `${hash}.png`, ...more })).status, 201);
  return hash;
}

let names = 0;

async function newAlias(hash: string, more: object = {}): Promise<string> {
  const alias = `alias-${++names}`;
  assert.equal((await create(alias, hash, more)).status, 201);
  return alias;
}

function create(alias: string, hash: string, more: object = {}) {
  return ask('PUT', `/aliases/${alias}`, { hash, delete_token: 't', ...more });
}

const PAST = '2026-01-01T00:00:00.000000Z';
const EARLIEST = '0001-01-02T00:00:00.000000Z';
const TOO_EARLY = '0001-01-01T23:59:59.999999Z';
const FUTURE = '2099-01-01T00:00:00.000000Z';

test('hash: its known values, and null for unknown ones; 404 for an unknown hash', async () => {
  const plain = await newContent();
  const { created_at, ...rest } = (await ask('GET', `/hashes/${plain.toUpperCase()}`)).json;
  const nothing = { motion_identifier: null, blurhash: null, bytes: null };
  assert.deepEqual(rest, { hash: plain, identifier: `${plain}.png`, ...nothing });
  assert.ok(Math.abs(Date.parse(created_at) - Date.now()) < 600_000, created_at);
  const hash = await newContent({ bytes: Number.MAX_SAFE_INTEGER });
  await ask('PUT', `/hashes/${hash}/motion-identifier`, { identifier: `${hash}.mp4` });
  await ask('PUT', `/hashes/${hash}/blurhash`, { blurhash: 'LEHV6n "\\ü' });
  await sql`update hashes set created_at = '1970-01-01Z' where hash = decode(${hash}, 'hex')`;
  assert.deepEqual((await ask('GET', `/hashes/${hash}`)).json, {
    hash,
    identifier: `${hash}.png`,
    motion_identifier: `${hash}.mp4`,
    blurhash: 'LEHV6n "\\ü',
    bytes: Number.MAX_SAFE_INTEGER,
    created_at: null,
  });
  assertProblem(await ask('GET', `/hashes/${newHash()}`), 404, 'hash_not_found');
});

test('blurhash: 204, and the last one is kept; 404 without a hash or a blurhash, 400 for an invalid one', async () => {
  const hash = await newContent();
  assertProblem(await ask('GET', `/hashes/${hash}/blurhash`), 404, 'blurhash_not_found');
  for (const blurhash of ['first', 'ü'.repeat(127), 'last', 'last']) {
    assert.equal((await ask('PUT', `/hashes/${hash}/blurhash`, { blurhash })).status, 204);
    assert.deepEqual((await ask('GET', `/hashes/${hash}/blurhash`)).json, { blurhash });
  }
  const unknown = `/hashes/${newHash()}/blurhash`;
  assertProblem(await ask('GET', unknown), 404, 'hash_not_found');
  assertProblem(await ask('PUT', unknown, { blurhash: 'b' }), 404, 'hash_not_found');
  assertProblem(await ask('PUT', unknown, { blurhash: 'ü'.repeat(128) }), 400, 'blurhash_too_long');
  for (const bad of ['', 1, null]) {
    assertProblem(await ask('PUT', unknown, { blurhash: bad }), 400, 'invalid_request');
  }
  for (const bad of unstorable)
    assertProblem(await ask('PUT', unknown, { blurhash: bad }), 400, 'invalid_text');
});

test('bytes of an original and a variant: filled in if missing, and never replaced or compared', async () => {
  const hash = newHash();
  const variant = { hash, variant: 'v', identifier: `${hash}.v` };
  const original = { hash, identifier: `${hash}.png` };
  for (const [path, record] of [
    [`/hashes/${hash}`, original],
    [`/hashes/${hash}/variant?variant=v`, variant],
  ] as const) {
    const put = async (bytes?: number) => {
      const { status, json } = await ask('PUT', path, { identifier: record.identifier, bytes });
      return [status, json];
    };
    assert.deepEqual(await put(), [201, record]);
    assert.deepEqual(await put(), [200, record]);
    assert.deepEqual(await put(0), [200, { ...record, bytes: 0 }]);
    assert.deepEqual(await put(5), [200, { ...record, bytes: 0 }]);
    assert.deepEqual(await put(), [200, { ...record, bytes: 0 }]);
    for (const bytes of [-1, 1.5, 2 ** 53, '1', null]) {
      assertProblem(await ask('PUT', path, { identifier: 'other', bytes }), 400, 'invalid_request');
    }
  }
  assert.equal((await ask('GET', `/hashes/${hash}`)).json.bytes, 0);
});

test('bytes, race: of many sizes at once, for new and existing files, all are answered with one', async () => {
  for (const hash of [newHash(), await newContent()]) {
    const answers = await atOnce(50, (n) =>
      ask('PUT', `/hashes/${hash}`, { identifier: `${hash}.png`, bytes: n }),
    );
    const { bytes } = (await ask('GET', `/hashes/${hash}`)).json;
    assert.deepEqual(new Set(answers.map(({ json }) => json.bytes)), new Set([bytes]));
  }
});

test('create of an alias: owner and expiry are kept; the same again is 200, others are 409 with the existing alias', async () => {
  const hash = await newContent();
  const values = { owner: 'https://example.org/u/älice', expires_at: '2099-01-01T02:00:00+02:00' };
  const record = { alias: 'owned', hash, delete_token: 't', owner: values.owner, expires_at: FUTURE };
  for (const [status, more] of [
    [201, values],
    [200, values],
    [200, {}],
    [200, { owner: values.owner }],
  ] as const) {
    const answer = await create('owned', hash, more);
    assert.deepEqual([answer.status, answer.json], [status, record]);
  }
  for (const other of [
    { owner: 'bob' },
    { owner: null },
    { expires_at: null },
    { expires_at: '2098-01-01T00:00:00Z' },
  ]) {
    const { existing } = assertProblem(await create('owned', hash, other), 409, 'alias_already_exists');
    assert.deepEqual(existing, { alias: 'owned', hash, owner: values.owner, expires_at: FUTURE });
  }
  const { created_at, ...rest } = (await ask('GET', '/aliases/owned')).json;
  assert.deepEqual(rest, { alias: 'owned', hash, owner: values.owner, expires_at: FUTURE });
  assert.ok(Math.abs(Date.parse(created_at) - Date.now()) < 600_000, created_at);
  assertProblem(await create('x', hash, { owner: 'ü'.repeat(128) }), 400, 'owner_too_long');
  for (const bad of [
    { owner: '' },
    ...['soon', 'infinity', '', TOO_EARLY].map((expires_at) => ({ expires_at })),
  ]) {
    assertProblem(await create('x', hash, bad), 400, 'invalid_request');
  }
  assert.equal((await create('ancient', hash, { expires_at: EARLIEST })).status, 201);
});

test('create of an alias, race: of 60 owners at once one has it', async () => {
  const hash = await newContent();
  const answers = await atOnce(60, (n) => create('contested', hash, { owner: `owner-${n}` }));
  assert.deepEqual(tally(answers), { 201: 1, '409 alias_already_exists': 59 });
  const { owner } = (await ask('GET', '/aliases/contested')).json;
  for (const { json } of answers) assert.equal(json.owner ?? json.existing.owner, owner);
});

test('an expired alias is 404 to all reads but its own and the list of its owner, and its name is taken', async () => {
  const hash = await newContent();
  const url = `https://example.org/${hash}`;
  const alias = await newAlias(hash, { owner: hash });
  const kept = await newAlias(hash, { expires_at: FUTURE });
  await ask('PUT', '/proxies', { url, alias });
  const asked = async () => {
    const reads = [`/aliases/${alias}/hash`, `/aliases/${alias}/delete-token`, `/proxies?url=${url}`];
    const statuses = await Promise.all(reads.map(async (path) => (await ask('GET', path)).status));
    const several = (await ask('POST', '/hashes/aliases', { hashes: [hash] })).json.results[0].aliases;
    const listed = (await ask('GET', `/hashes/${hash}/aliases`)).json.aliases;
    assert.deepEqual(several, listed);
    return [...statuses, listed.includes(alias), listed.includes(kept)];
  };
  assert.deepEqual(await asked(), [200, 200, 200, true, true]);
  assert.equal((await ask('PUT', `/aliases/${alias}/expiry`, { expires_at: PAST })).status, 204);
  assert.deepEqual(await asked(), [404, 404, 404, false, true]);
  const { created_at, ...rest } = (await ask('GET', `/aliases/${alias}`)).json;
  const record = { alias, hash, owner: hash, expires_at: PAST, expired: true };
  assert.deepEqual(rest, record);
  assert.deepEqual((await ask('GET', `/aliases?owner=${hash}`)).json.aliases, [
    { ...record, created_at, identifier: `${hash}.png` },
  ]);
  assertProblem(await create(alias, await newContent()), 409, 'alias_already_exists');
  assertProblem(await ask('DELETE', `/hashes/${hash}?only_if_unreferenced=true`), 409, 'hash_in_use');
  assert.equal((await ask('PUT', `/aliases/${alias}/expiry`, { expires_at: null })).status, 204);
  assert.deepEqual(await asked(), [200, 200, 200, true, true]);
  assert.equal((await ask('GET', `/aliases/${alias}`)).json.expired, undefined);
});

test('setOwner and setExpiry: 204 and the last one is kept, null removes it; 404 for an unknown alias', async () => {
  const alias = await newAlias(await newContent());
  for (const [member, path, values] of [
    ['owner', 'owner', ['alice', 'a/b', null, null, 'bob']],
    ['expires_at', 'expiry', [FUTURE, PAST, PAST, EARLIEST, null]],
  ] as const) {
    for (const value of values) {
      assert.equal((await ask('PUT', `/aliases/${alias}/${path}`, { [member]: value })).status, 204);
      assert.equal((await ask('GET', `/aliases/${alias}`)).json[member], value);
    }
    assertProblem(await ask('PUT', `/aliases/nobody/${path}`, { [member]: null }), 404, 'alias_not_found');
    for (const bad of [{}, { [member]: '' }, { [member]: 1 }, { [member]: null, more: 1 }]) {
      assertProblem(await ask('PUT', `/aliases/${alias}/${path}`, bad), 400, 'invalid_request');
    }
  }
  assertProblem(
    await ask('PUT', `/aliases/${alias}/expiry`, { expires_at: TOO_EARLY }),
    400,
    'invalid_request',
  );
  assertProblem(
    await ask('PUT', `/aliases/${alias}/owner`, { owner: 'ü'.repeat(128) }),
    400,
    'owner_too_long',
  );
  assertProblem(await ask('GET', '/aliases/nobody'), 404, 'alias_not_found');
});

test('several hashes: each has its answer in order, null where there is no such hash, and no more than 1,000', async () => {
  const [one, two, gone] = [await newContent(), await newContent(), newHash()];
  const alias = await newAlias(one);
  await ask('PUT', `/hashes/${two}/variant?variant=v`, { identifier: `${two}.v`, bytes: 3 });
  await ask('PUT', `/details?identifier=${one}.png`, '{"n":-0}');
  const hashes = [two, gone, one.toUpperCase(), two];
  const several = async (what: string) => (await ask('POST', `/hashes/${what}`, { hashes })).json;
  const answer = (...[of1, of2]: [object, object]) => {
    const second = { hash: two, ...of2 };
    return { results: [second, null, { hash: one, ...of1 }, second] };
  };
  const [file1, file2] = [{ identifier: `${one}.png` }, { identifier: `${two}.png` }];
  assert.deepEqual(await several('identifiers'), answer(file1, file2));
  assert.deepEqual(
    await several('aliases'),
    answer({ aliases: [alias], aliases_more: false }, { aliases: [], aliases_more: false }),
  );
  assert.deepEqual(
    await several('variants'),
    answer(
      { variants: [], variants_more: false },
      { variants: [{ variant: 'v', identifier: `${two}.v`, bytes: 3 }], variants_more: false },
    ),
  );
  assert.deepEqual(
    await several('details'),
    answer({ ...file1, details: { n: -0 } }, { ...file2, details: null }),
  );
  const many = Array.from({ length: 1000 }, (_, n) => (n === 999 ? one : newHash().padEnd(128, '0')));
  for (const what of ['identifiers', 'aliases', 'variants', 'details']) {
    assert.deepEqual((await ask('POST', `/hashes/${what}`, { hashes: [] })).json, { results: [] });
    const { results } = (await ask('POST', `/hashes/${what}`, { hashes: many })).json;
    assert.deepEqual([results.length, results[998], results[999].hash], [1000, null, one]);
    assertProblem(await ask('POST', `/hashes/${what}`, { hashes: [...many, one] }), 413, 'batch_too_large');
    assertProblem(await ask('POST', `/hashes/${what}`, { hashes: ['x'] }), 400, 'invalid_request');
    assertProblem(await ask('POST', `/hashes/${what}`, {}), 400, 'invalid_request');
  }
});

test('what only raw SQL could write is refused by the tables', async () => {
  const hash = await newContent();
  const alias = await newAlias(hash);
  const key = Buffer.from(hash, 'hex');
  const refused = /hashes_record|variants_bytes|aliases_record/;
  for (const statement of [
    sql`update hashes set bytes = -1 where hash = ${key}`,
    sql`update hashes set blurhash = '' where hash = ${key}`,
    sql`update hashes set created_at = 'infinity' where hash = ${key}`,
    sql`insert into variants (hash, variant, identifier, bytes) values (${key}, 'v', 'v', -1)`,
    sql`update aliases set owner = repeat('x', 256) where alias = ${alias}`,
    sql`update aliases set expires_at = 'infinity' where alias = ${alias}`,
    sql`update aliases set created_at = '-infinity' where alias = ${alias}`,
  ]) {
    await assert.rejects(async () => await statement, refused);
  }
});
