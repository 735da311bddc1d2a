import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TransactionSql } from 'postgres';
import { newHash } from '../support/new-hash.js';
import { atOnce, tally, whileOpen } from '../support/races.js';
import { assertProblem } from '../support/raw-http.js';
import { askRaw, assertInvalid, badNames, badSegments, unstorable } from '../support/refused-values.js';
import { startTestService } from '../support/service.js';

const { ask, sql, base } = await startTestService();
const encoded = encodeURIComponent;

function create(alias: string, hash: string, token = 'token') {
  return ask('PUT', `/aliases/${encoded(alias)}`, { hash, delete_token: token });
}

async function newContent(): Promise<string> {
  const hash = newHash();
  assert.equal((await ask('PUT', `/hashes/${hash}`, { identifier: `${hash}.png` })).status, 201);
  return hash;
}

function insertAlias(alias: string, hash: string) {
  return (tx: TransactionSql) => tx`
    insert into aliases (alias, hash, delete_token) values (${alias}, decode(${hash}, 'hex'), 'secret of another')`;
}

test('create: 201, then 200 with the same body, never to be cached', async () => {
  const hash = await newContent();
  const alias = '7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg';
  const created = await create(alias, hash.toUpperCase(), 'a/token, "quoted" \\ ü');
  const again = await create(alias, hash, 'a/token, "quoted" \\ ü');
  assert.deepEqual([created.status, again.status], [201, 200]);
  assert.deepEqual(created.json, { alias, hash, delete_token: 'a/token, "quoted" \\ ü' });
  assert.equal(again.text, created.text);
  for (const answer of [created, again]) assert.equal(answer.headers.get('cache-control'), 'no-store');
});

test('create: 409 with the hash that stands, and without its delete token', async () => {
  const [hash, other] = [await newContent(), await newContent()];
  const secret = `secret-${newHash()}`;
  await create('existing', hash, secret);
  // An unknown hash applies too: 409 comes first.
  for (const [claimed, token] of [
    [other, secret],
    [hash, 'mine'],
    [newHash(), 'mine'],
  ] as const) {
    const answer = await create('existing', claimed, token);
    const { existing } = assertProblem(answer, 409, 'alias_already_exists');
    assert.deepEqual(existing, { alias: 'existing', hash });
    assert.ok(!answer.text.includes(secret));
  }
  assert.deepEqual((await ask('GET', '/aliases/existing/delete-token')).json, { delete_token: secret });
  assertProblem(await create('homeless', newHash()), 404, 'hash_not_found');
});

test('every alias: Unicode, percent and comma come back; letters are not folded', async () => {
  const hash = await newContent();
  const names = [
    'ü😀.png',
    '%2F',
    '100%',
    'a,b',
    'a b',
    'a+b',
    '?#&=',
    'Ä',
    'A\u0308',
    '...',
    '.a',
    '~',
    "it's",
    'Z',
    'a',
  ];
  for (const name of names) {
    assert.equal((await create(name, hash, name)).status, 201);
    assert.deepEqual((await ask('GET', `/aliases/${encoded(name)}/hash`)).json, { hash });
    assert.deepEqual((await ask('GET', `/aliases/${encoded(name)}/delete-token`)).json, {
      delete_token: name,
    });
  }
  const { aliases } = (await ask('GET', `/hashes/${hash.toUpperCase()}/aliases`)).json;
  assert.deepEqual(
    aliases,
    names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  );
  assert.deepEqual((await ask('GET', `/hashes/${newHash()}/aliases`)).json, { aliases: [] });
});

test('every alias in a path: 400 for what a URL library would rewrite, and what is no text', async () => {
  const body = JSON.stringify({ hash: await newContent(), delete_token: 't' });
  for (const [method, below, json] of [
    ['PUT', '', body],
    ['DELETE', ''],
    ['GET', '/hash'],
    ['GET', '/delete-token'],
    ['DELETE', '/proxies'],
    ['PUT', '/access'],
    ['DELETE', '/access'],
  ] as const) {
    for (const segment of badSegments) {
      const fault = assertInvalid(await askRaw(base, method, `/aliases/${segment}${below}`, json));
      if (fault) assert.equal(fault, '/params/alias');
    }
  }
});

test('every alias and token: 255 bytes pass, 256 are too long, in letters of one byte or two', async () => {
  const hash = await newContent();
  for (const text of ['a'.repeat(255), 'é'.repeat(127), `${'é'.repeat(127)}a`]) {
    assert.equal((await create(text, hash, text)).status, 201);
  }
  for (const text of ['é'.repeat(128), 'a'.repeat(256), '😀'.repeat(300)]) {
    assertProblem(await create(text, hash), 400, 'alias_too_long');
    assertProblem(await create('fine', hash, text), 400, 'delete_token_too_long');
    assertProblem(await ask('GET', `/aliases/${encoded(text)}/hash`), 400, 'alias_too_long');
  }
});

test('create: 400 for a body that is no hash with a token', async () => {
  const hash = await newContent();
  const token = { delete_token: 't' };
  for (const body of [
    undefined,
    null,
    {},
    [],
    { hash },
    token,
    { ...token, hash, more: 1 },
    { hash, delete_token: '' },
  ]) {
    assertProblem(await ask('PUT', '/aliases/unborn', body), 400, 'invalid_request');
  }
  for (const bad of ['', 'a', 'zz', 'ab'.repeat(65), 'ab\n', 1, null]) {
    assertProblem(await ask('PUT', '/aliases/unborn', { ...token, hash: bad }), 400, 'invalid_request');
  }
  for (const bad of unstorable) {
    assertProblem(await ask('PUT', '/aliases/unborn', { hash, delete_token: bad }), 400, 'invalid_text');
  }
  assertProblem(await ask('GET', '/aliases/unborn/hash'), 404, 'alias_not_found');
  for (const name of badNames) {
    assertProblem(await ask('PUT', '/proxies', { url: 'u', alias: name }), 400, 'invalid_request');
  }
});

test('deleteToken: no-store, and 404 for an unknown alias', async () => {
  await create('secretive', await newContent(), 'hush');
  const answer = await ask('GET', '/aliases/secretive/delete-token');
  assert.deepEqual(answer.json, { delete_token: 'hush' });
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assertProblem(await ask('GET', '/aliases/nobody/delete-token'), 404, 'alias_not_found');
  assertProblem(await ask('GET', '/aliases/nobody/hash'), 404, 'alias_not_found');
});

test('cleanup: proxies and access go too, the hash and other aliases stay, and it can be sent again', async () => {
  const hash = await newContent();
  for (const alias of ['gone', 'kept']) {
    await create(alias, hash);
    await ask('PUT', `/aliases/${alias}/access`);
    await ask('PUT', '/proxies', { url: `https://example.org/${alias}`, alias });
  }
  for (const _ of ['once', 'again']) assert.equal((await ask('DELETE', '/aliases/gone')).status, 204);
  assertProblem(await ask('GET', '/aliases/gone/hash'), 404, 'alias_not_found');
  assertProblem(await ask('GET', '/proxies?url=https://example.org/gone'), 404, 'proxy_not_found');
  assert.deepEqual((await ask('GET', '/proxies?url=https://example.org/kept')).json, { alias: 'kept' });
  const accesses = await sql`select alias from alias_accesses`;
  assert.deepEqual(
    accesses.map(({ alias }) => alias),
    ['kept'],
  );
  assert.deepEqual((await ask('GET', `/hashes/${hash}/aliases`)).json, { aliases: ['kept'] });
});

// Naive: insert, or else select, in one snapshot: 500 or nothing where the rival commits in between.
test('create, race: of 200 tokens for one alias one wins, and nobody else learns it', async () => {
  const hash = await newContent();
  const answers = await atOnce(200, (n) => create('contested', hash, `secret-${n}`));
  assert.deepEqual(tally(answers), { 201: 1, '409 alias_already_exists': 199 });
  for (const { status, text, json } of answers) {
    if (status === 201) continue;
    assert.deepEqual(json.existing, { alias: 'contested', hash });
    assert.ok(!text.includes('secret-'));
  }
  assert.deepEqual(tally(await atOnce(200, () => create('retried', hash))), { 200: 199, 201: 1 });
});

// Naive: run once, the statement returns nothing, because its snapshot is older than the rival's commit.
test('create, race: a rival that commits is seen, one that rolls back is not', async () => {
  const [hash, other] = [await newContent(), await newContent()];
  assert.equal(
    (await whileOpen(sql, insertAlias('open', other), () => create('open', hash), 'rollback')).status,
    201,
  );
  const late = await whileOpen(sql, insertAlias('closed', other), () => create('closed', hash));
  assert.deepEqual(assertProblem(late, 409, 'alias_already_exists')['existing'], {
    alias: 'closed',
    hash: other,
  });
});

// Naive: what the snapshot still shows is taken for what stands, although the alias was created.
test('create, race: 201 where the alias in the way is removed meanwhile', async () => {
  const [hash, other] = [await newContent(), await newContent()];
  await create('leaving', other);
  const late = await whileOpen(
    sql,
    (tx) => tx`delete from aliases where alias = 'leaving'`,
    () => create('leaving', hash),
  );
  assert.deepEqual((await ask('GET', '/aliases/leaving/hash')).json, { hash });
  assert.equal(late.status, 201);
});

// Naive: the foreign key answers 500 where the hash goes meanwhile.
test('create, race: 404 where the hash is removed meanwhile', async () => {
  const hash = await newContent();
  const late = await whileOpen(
    sql,
    (tx) => tx`delete from hashes where hash = decode(${hash}, 'hex')`,
    () => create('late', hash),
  );
  assertProblem(late, 404, 'hash_not_found');
});

// Naive: ON DELETE CASCADE takes an alias along that was acknowledged with 201 and is named nowhere.
test('cleanup of a hash, race: an alias that came meanwhile is named', async () => {
  const hash = await newContent();
  const removed = await whileOpen(sql, insertAlias('late-0', hash), () => ask('DELETE', `/hashes/${hash}`));
  assert.deepEqual(removed.json.removed, {
    aliases: ['late-0'],
    variants: [],
    identifiers: [`${hash}.png`],
  });
});

test('cleanup of a hash, race: a proxy and an access that came meanwhile go too', async () => {
  const hash = await newContent();
  await create('late-1', hash);
  const removed = await whileOpen(
    sql,
    async (tx) => {
      await tx`insert into proxies (url_sha256, url, alias) values ('\\x01', 'u', 'late-1')`;
      await tx`insert into alias_accesses (alias, accessed) values ('late-1', now())`;
    },
    () => ask('DELETE', `/hashes/${hash}`),
  );
  assert.deepEqual(removed.json.removed.aliases, ['late-1']);
  assertProblem(await ask('GET', '/aliases/late-1/hash'), 404, 'alias_not_found');
});

// Naive: the check for aliases and the removal see the same snapshot, which is older than the alias.
test('cleanup of a hash, race: an alias that came meanwhile keeps it, if only_if_unreferenced', async () => {
  const hash = await newContent();
  const kept = await whileOpen(sql, insertAlias('late-2', hash), () =>
    ask('DELETE', `/hashes/${hash}?only_if_unreferenced=true&enqueue=never`),
  );
  assert.deepEqual(assertProblem(kept, 409, 'hash_in_use')['existing'], { aliases: ['late-2'] });
  assert.deepEqual((await ask('GET', '/aliases/late-2/hash')).json, { hash });
  assert.equal((await sql`select from jobs where queue = 'never'`).length, 0);
});

// Naive: the check reads aliases without locking them, and refuses for one that is on its way out.
test('cleanup of a hash, race: an alias that goes meanwhile does not keep it', async () => {
  const hash = await newContent();
  await create('leaver', hash);
  const removed = await whileOpen(
    sql,
    (tx) => tx`delete from aliases where alias = 'leaver'`,
    () => ask('DELETE', `/hashes/${hash}?only_if_unreferenced=true`),
  );
  assert.deepEqual([removed.status, removed.json.removed?.identifiers], [200, [`${hash}.png`]]);
});

// Naive: the rows that came between are not seen, and the foreign keys answer 500.
test('cleanup, race: a proxy and an access that came meanwhile go too', async () => {
  await create('busy', await newContent());
  const removed = await whileOpen(
    sql,
    async (tx) => {
      await tx`insert into proxies (url_sha256, url, alias) values ('\\x02', 'u', 'busy')`;
      await tx`insert into alias_accesses (alias, accessed) values ('busy', now())`;
    },
    () => ask('DELETE', '/aliases/busy'),
  );
  assert.equal(removed.status, 204);
  assert.equal((await sql`select from proxies where alias = 'busy'`).length, 0);
});

test('cleanup of a hash, race: of creates during 20 cleanups each answer is true', async () => {
  for (let round = 0; round < 20; round++) {
    const hash = await newContent();
    const alias = `round-${round}`;
    const [created, removed] = await Promise.all([
      create(alias, hash),
      ask('DELETE', `/hashes/${hash}?only_if_unreferenced=${round % 2 === 0}`),
    ]);
    const stands = (await ask('GET', `/aliases/${alias}/hash`)).status === 200;
    if (created.status === 404) assert.deepEqual([removed.status, stands], [200, false]);
    else
      assert.ok(stands ? removed.status === 409 : removed.json.removed.aliases.includes(alias), removed.text);
  }
});
