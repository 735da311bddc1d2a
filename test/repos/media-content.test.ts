import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillMedia } from '../support/console-data.js';
import { assertProblem } from '../support/raw-http.js';
import { startTestService } from '../support/service.js';

const { ask, sql } = await startTestService();
const [content] = await fillMedia(ask, 1);
assert.ok(content);
const { hash, identifier, alias } = content;

test('content: all that hangs on it, with owners, URLs and accesses', async () => {
  await ask('PUT', '/proxies', { url: 'https://elsewhere.example/a.jpeg', alias });
  await ask('PUT', `/aliases/${alias}/access`, { at: '2026-11-20T00:00:00Z' });
  await ask('PUT', `/aliases/${alias}/expiry`, { expires_at: '2026-01-01T00:00:00Z' });
  const { status, json } = await ask('GET', `/hashes/${hash}/content`);
  assert.equal(status, 200);
  assert.equal(json.identifier, identifier);
  assert.equal(json.details.width, 640);
  const [again, first] = json.aliases;
  assert.equal(again.owner, 'grace');
  assert.deepEqual(
    { ...first, created_at: undefined },
    {
      alias,
      owner: 'ada',
      expires_at: '2026-01-01T00:00:00.000000Z',
      expired: true,
      created_at: undefined,
      accessed_at: '2026-11-20T00:00:00.000000Z',
      urls: ['https://elsewhere.example/a.jpeg'],
      urls_more: false,
    },
  );
  const [small] = json.variants;
  assert.deepEqual([small.variant, small.bytes], ['thumbnail/128/webp', 7680]);
  assert.match(small.accessed_at, /^20/);
  assert.deepEqual([json.aliases_more, json.variants_more], [false, false]);
});

test('content: 100 aliases and variants and three URLs at most, and says that there are more', async () => {
  await sql`
    insert into aliases (alias, hash, delete_token)
    select 'many-' || n, decode(${hash}, 'hex'), 'token'
    from generate_series(1, 150) as n`;
  await sql`
    insert into proxies (url_sha256, url, alias)
    select sha256(convert_to('https://elsewhere.example/' || n, 'UTF8')), 'https://elsewhere.example/' || n, ${alias}
    from generate_series(1, 5) as n`;
  const { json } = await ask('GET', `/hashes/${hash}/content`);
  assert.equal(json.aliases.length, 100);
  assert.equal(json.aliases_more, true);
  assert.equal(json.variants_more, false);
  const named = json.aliases.find((one: { alias: string }) => one.alias === alias);
  assert.deepEqual([named.urls.length, named.urls_more], [3, true]);
});

test('find: whatever a name names, also the beginning of a hash', async () => {
  const found = async (name: string) =>
    (await ask('GET', `/find?name=${encodeURIComponent(name)}`)).json.found.map(
      ({ kind, name: shown, hash: of }: Record<string, string | null>) => [kind, shown, of],
    );
  const variant = identifier.replace('.', '-128.');
  assert.deepEqual(await found(alias), [['alias', alias, hash]]);
  for (const part of [hash, hash.slice(0, 64), hash.slice(0, 8), hash.slice(0, 9).toUpperCase()])
    assert.deepEqual(await found(part), [['hash', hash, hash]]);
  assert.deepEqual(await found('https://elsewhere.example/a.jpeg'), [['url', alias, hash]]);
  assert.deepEqual(await found(identifier), [['original', identifier, hash]]);
  assert.deepEqual(await found(variant), [['variant', variant, hash]]);
  assert.deepEqual(await found('grace'), [['owner', 'grace', null]]);
  for (const nothing of [
    'nobody',
    hash.slice(0, 7),
    'ffffffffff',
    `${hash}00`,
    'Grace',
    "'",
    '00'.repeat(70),
  ])
    assert.deepEqual(await found(nothing), [], nothing);
  await ask('PUT', `/aliases/${hash.slice(0, 12)}`, { hash, delete_token: 't' });
  assert.deepEqual(await found(hash.slice(0, 12)), [
    ['alias', hash.slice(0, 12), hash],
    ['hash', hash, hash],
  ]);
});

test('find: 400 without a name, or with one that is too long', async () => {
  assertProblem(await ask('GET', '/find'), 400, 'invalid_request');
  assertProblem(await ask('GET', '/find?name='), 400, 'invalid_request');
  assertProblem(await ask('GET', `/find?name=${'n'.repeat(8193)}`), 400, 'name_too_long');
});

test('content: 404 where there is none, and where it is being removed', async () => {
  assert.equal((await ask('GET', '/hashes/00ff/content')).json.code, 'hash_not_found');
  await sql`update hashes set doomed_at = now() where hash = decode(${hash}, 'hex')`;
  assert.equal((await ask('GET', `/hashes/${hash}/content`)).status, 404);
  for (const name of [hash, alias, identifier, 'https://elsewhere.example/a.jpeg'])
    assert.deepEqual((await ask('GET', `/find?name=${encodeURIComponent(name)}`)).json.found, [], name);
});
