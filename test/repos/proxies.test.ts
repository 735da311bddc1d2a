import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { TransactionSql } from 'postgres';
import { newHash } from '../support/new-hash.js';
import { atOnce, tally, whileOpen } from '../support/races.js';
import { assertProblem } from '../support/raw-http.js';
import { askRaw, assertInvalid, badNames, unstorable, unstorableQueries } from '../support/refused-values.js';
import { startTestService } from '../support/service.js';

const { ask, sql, base } = await startTestService();
const encoded = encodeURIComponent;

const hash = newHash();
await ask('PUT', `/hashes/${hash}`, { identifier: `${hash}.png` });

function relate(url: string, alias: string) {
  return ask('PUT', '/proxies', { url, alias });
}

function related(url: string) {
  return ask('GET', `/proxies?url=${encoded(url)}`);
}

async function newAlias(): Promise<string> {
  const alias = newHash();
  assert.equal((await ask('PUT', `/aliases/${alias}`, { hash, delete_token: 't' })).status, 201);
  return alias;
}

function insertProxy(url: string, alias: string) {
  const digest = createHash('sha256').update(url).digest();
  return (tx: TransactionSql) => tx`
    insert into proxies (url_sha256, url, alias) values (${digest}, ${url}, ${alias})`;
}

test('relateUrl: 201, then 200 with the same body; 409 with the existing alias', async () => {
  const [alias, other] = [await newAlias(), await newAlias()];
  const url = 'https://images.example.org/a.png?size=large&x=%2F#ü 😀';
  const created = await relate(url, alias);
  const again = await relate(url, alias);
  assert.deepEqual([created.status, again.status], [201, 200]);
  assert.deepEqual(created.json, { url, alias });
  assert.equal(again.text, created.text);
  const existing = await relate(url, other);
  assert.deepEqual(assertProblem(existing, 409, 'proxy_already_exists')['existing'], { alias });
  assertProblem(await relate('https://example.org/', 'unknown'), 404, 'alias_not_found');
});

test('related: byte for byte, 404 for every other spelling', async () => {
  const alias = await newAlias();
  const url = 'HTTPS://Example.org/é+%2f/../a b?q=1&q=2';
  await relate(url, alias);
  assert.deepEqual((await related(url)).json, { alias });
  for (const other of [
    url.toLowerCase(),
    url.replace('%2f', '%2F'),
    url.replace('é', 'e\u0301'),
    `${url}#`,
    `${url} `,
  ]) {
    assertProblem(await related(other), 404, 'proxy_not_found');
  }
});

test('every URL: 8,192 bytes pass, one more is too long, in letters of one byte or two', async () => {
  const alias = await newAlias();
  const long = newHash()
    .repeat(105)
    .slice(0, 8192 - 2);
  for (const url of [`${long}aa`, `${long}é`, 'é'.repeat(4096)]) {
    assert.equal((await relate(url, alias)).status, 201);
    assert.deepEqual((await related(url)).json, { alias });
  }
  for (const url of [`${long}aé`, `${long}aaa`, `${'é'.repeat(4096)}a`, '😀'.repeat(5000)]) {
    assertProblem(await relate(url, alias), 400, 'url_too_long');
    assertProblem(await related(url), 400, 'url_too_long');
  }
  assertProblem(await relate('u', 'é'.repeat(128)), 400, 'alias_too_long');
});

test('every route: 400 for an invalid URL or alias', async () => {
  const alias = await newAlias();
  for (const body of [
    undefined,
    null,
    {},
    [],
    { url: 'u' },
    { alias },
    { url: '', alias },
    { url: 1, alias },
  ]) {
    assertProblem(await ask('PUT', '/proxies', body), 400, 'invalid_request');
  }
  assertProblem(await ask('PUT', '/proxies', { url: 'u', alias, more: 1 }), 400, 'invalid_request');
  for (const name of badNames) assertProblem(await relate('u', name), 400, 'invalid_request');
  for (const text of unstorable) assertProblem(await relate(text, alias), 400, 'invalid_text');
  for (const query of [
    '',
    '?url=a&url=b',
    '?url=a&more=b',
    ...unstorableQueries.map((url) => `?url=${url}`),
  ]) {
    assertInvalid(await askRaw(base, 'GET', `/proxies${query}`));
  }
});

test('removeRelation: every URL of the alias and of no other; it can be sent again', async () => {
  const [alias, other] = [await newAlias(), await newAlias()];
  for (const n of [1, 2, 3]) await relate(`${alias}/${n}`, alias);
  await relate(`${other}/1`, other);
  for (const _ of ['once', 'again'])
    assert.equal((await ask('DELETE', `/aliases/${alias}/proxies`)).status, 204);
  for (const n of [1, 2, 3]) assertProblem(await related(`${alias}/${n}`), 404, 'proxy_not_found');
  assert.equal((await related(`${other}/1`)).status, 200);
  assert.equal((await ask('GET', `/aliases/${alias}/hash`)).status, 200);
  assert.equal((await ask('DELETE', '/aliases/unknown/proxies')).status, 204);
  assert.equal((await relate(`${alias}/1`, other)).status, 201);
});

// Naive: insert, or else select, in one snapshot: 500 or nothing where the rival commits in between.
test('relateUrl, race: of 200 aliases for one URL one wins, and all others learn which', async () => {
  const aliases = [await newAlias(), await newAlias(), await newAlias()];
  const url = newHash();
  const answers = await atOnce(198, (n) => relate(url, aliases[n % 3] ?? ''));
  assert.deepEqual(tally(answers), { 201: 1, 200: 65, '409 proxy_already_exists': 132 });
  const winner = answers.find(({ status }) => status === 201)?.json.alias;
  for (const { status, json } of answers)
    if (status === 409) assert.deepEqual(json.existing, { alias: winner });
  assert.deepEqual((await related(url)).json, { alias: winner });
});

// Naive: run once, the statement returns nothing, because its snapshot is older than the rival's commit.
test('relateUrl, race: a rival that commits is seen, one that rolls back is not', async () => {
  const [alias, other] = [await newAlias(), await newAlias()];
  const [first, second] = [newHash(), newHash()];
  assert.equal(
    (await whileOpen(sql, insertProxy(first, other), () => relate(first, alias), 'rollback')).status,
    201,
  );
  const late = await whileOpen(sql, insertProxy(second, other), () => relate(second, alias));
  assert.deepEqual(assertProblem(late, 409, 'proxy_already_exists')['existing'], { alias: other });
});

// Naive: what the snapshot still shows is taken for what stands, although the URL was related.
test('relateUrl, race: 201 where the relation in the way is removed meanwhile', async () => {
  const [alias, other] = [await newAlias(), await newAlias()];
  await relate(`${other}/x`, other);
  const late = await whileOpen(
    sql,
    (tx) => tx`delete from proxies where alias = ${other}`,
    () => relate(`${other}/x`, alias),
  );
  assert.deepEqual((await related(`${other}/x`)).json, { alias });
  assert.equal(late.status, 201);
});

// Naive: the foreign key answers 500 where the alias goes meanwhile.
test('relateUrl, race: 404 where the alias is removed meanwhile', async () => {
  const alias = await newAlias();
  const late = await whileOpen(
    sql,
    (tx) => tx`delete from aliases where alias = ${alias}`,
    () => relate(alias, alias),
  );
  assertProblem(late, 404, 'alias_not_found');
});
