import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testKey } from '../support/keys.js';
import { newHash } from '../support/new-hash.js';
import { assertProblem } from '../support/raw-http.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const { ask, sql, base } = await startTestService({ ACCESS_GRANULARITY_SECONDS: '0' });
const encoded = encodeURIComponent;
const DETAILS = '{"width":1920, "z":-0,"n":1e300,"text":"\\u00e9"}';
const FUTURE = '2099-01-01T00:00:00.000000Z';

let names = 0;

/** An image with all that one may have, whose files are named after its hash. */
async function newImage() {
  const hash = newHash();
  const alias = `image-${++names}.png`;
  const url = `https://example.org/${hash}?a=%2F`;
  const steps: [string, string, unknown][] = [
    ['PUT', `/hashes/${hash}`, { identifier: `${hash}.png` }],
    ['PUT', `/details?identifier=${hash}.png`, DETAILS],
    ['PUT', `/hashes/${hash}/motion-identifier`, { identifier: `${hash}.mp4` }],
    ['PUT', `/hashes/${hash}/blurhash`, { blurhash: 'LEHV6n"' }],
    ['PUT', `/hashes/${hash}/variant?variant=thumb%2F1`, { identifier: `${hash}.webp` }],
    ['PUT', `/details?identifier=${hash}.webp`, DETAILS],
    ['PUT', `/aliases/${alias}`, { hash, delete_token: 'secret', owner: 'alice', expires_at: FUTURE }],
    ['PUT', '/proxies', { url, alias }],
  ];
  for (const [method, path, body] of steps) assert.ok((await ask(method, path, body)).status < 300, path);
  return { hash, alias, url };
}

/** What is answered, byte for byte. */
function textOf({ hash, alias }: { hash: string; alias: string }, variant = 'null'): string {
  return (
    `{"alias":"${alias}","hash":"${hash}","identifier":"${hash}.png","motion_identifier":"${hash}.mp4",` +
    `"blurhash":"LEHV6n\\"","details":${DETAILS},"owner":"alice","expires_at":"${FUTURE}","variant":${variant}}`
  );
}

const variantOf = (hash: string): string =>
  `{"variant":"thumb/1","identifier":"${hash}.webp","details":${DETAILS}}`;

test('resolve: an image by its alias and by its URL, its details byte for byte, with and without a variant', async () => {
  const image = await newImage();
  const { hash, alias, url } = image;
  for (const key of [`alias=${alias}`, `url=${encoded(url)}`]) {
    const plain = await ask('GET', `/media?${key}`);
    assert.equal(plain.text, textOf(image));
    assert.equal(plain.headers.get('cache-control'), 'private, no-cache');
    assert.equal((await ask('GET', `/media?${key}&variant=thumb/1`)).text, textOf(image, variantOf(hash)));
    assert.equal((await ask('GET', `/media?${key}&variant=other`)).text, textOf(image));
  }
});

test('resolve: null for unknown values', async () => {
  const hash = newHash();
  await ask('PUT', `/hashes/${hash}`, { identifier: `${hash}.png` });
  await ask('PUT', `/hashes/${hash}/variant?variant=v`, { identifier: `${hash}.webp` });
  await ask('PUT', '/aliases/bare', { hash, delete_token: 't' });
  const nothing = { motion_identifier: null, blurhash: null, details: null, owner: null, expires_at: null };
  assert.deepEqual((await ask('GET', '/media?alias=bare&variant=v')).json, {
    alias: 'bare',
    hash,
    identifier: `${hash}.png`,
    ...nothing,
    variant: { variant: 'v', identifier: `${hash}.webp`, details: null },
  });
});

test('resolve: details of any size, also when many are asked for at once', async () => {
  const { hash, alias } = await newImage();
  const large = `{"is":${' '.repeat(900_000)}1}`;
  await ask('PUT', `/details?identifier=${hash}.png`, large);
  await ask('PUT', `/details?identifier=${hash}.webp`, large);
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => ask('GET', `/media?alias=${alias}&variant=thumb/1`)),
  );
  for (const { text } of answers) assert.ok(text.includes(large) && text.endsWith(`"details":${large}}}`));
});

test('resolve: 404 for an alias and a URL that are unknown or expired', async () => {
  assertProblem(await ask('GET', '/media?alias=unknown'), 404, 'alias_not_found');
  assertProblem(await ask('GET', '/media?url=unknown'), 404, 'proxy_not_found');
  const { alias, url } = await newImage();
  await ask('PUT', `/aliases/${alias}/expiry`, { expires_at: '2026-01-01T00:00:00Z' });
  assertProblem(await ask('GET', `/media?alias=${alias}`), 404, 'alias_not_found');
  assertProblem(await ask('GET', `/media?url=${encoded(url)}`), 404, 'proxy_not_found');
});

test('resolve: 400 without an alias and a URL, and with both', async () => {
  for (const query of ['', '?variant=v', '?alias=a&url=u', '?alias=a&record_access=yes', '?alias=a&alias=a'])
    assertProblem(await ask('GET', `/media${query}`), 400, 'invalid_request');
});

test('resolve: 304 with the current ETag, until anything changes or the alias expires', async () => {
  const { hash, alias } = await newImage();
  const path = `/media?alias=${alias}&variant=thumb/1`;
  const etags: string[] = [];
  const askIf = (known: string) => ask('GET', path, undefined, { headers: { 'if-none-match': known } });
  const changes: [string, string, unknown][] = [
    ['PUT', `/details?identifier=${hash}.png`, '{"width":1}'],
    ['PUT', `/details?identifier=${hash}.webp`, '{"width":1}'],
    ['PUT', `/aliases/${alias}/owner`, { owner: 'bob' }],
    ['PUT', `/hashes/${hash}/blurhash`, { blurhash: 'other' }],
  ];
  for (const [method, url, body] of [['GET', path, undefined] as [string, string, unknown], ...changes]) {
    await ask(method, url, body);
    const etag = (await ask('GET', path)).headers.get('etag') ?? '';
    assert.match(etag, /^"[\w-]+"$/);
    assert.ok(!etags.includes(etag));
    assert.equal((await askIf(etags.join(', '))).status, 200);
    etags.push(etag);
    for (const known of [etag, `W/${etag}`, `"other" , ${etag}`, '*']) {
      const answer = await askIf(known);
      assert.deepEqual([answer.status, answer.text], [304, ''], known);
      assert.equal(answer.headers.get('etag'), etag);
      assert.equal(answer.headers.get('cache-control'), 'private, no-cache');
    }
  }
  await ask('PUT', `/aliases/${alias}/expiry`, { expires_at: '2026-01-01T00:00:00Z' });
  assertProblem(await askIf('*'), 404, 'alias_not_found');
});

async function accesses() {
  const rows = await sql`
    select (select count(*) from alias_accesses)::integer as aliases, (select count(*) from variant_accesses)::integer as variants`;
  return rows[0];
}

test('resolve: record_access records the alias and the variant; HEAD and a plain read record nothing', async () => {
  const { hash, alias, url } = await newImage();
  const path = `/media?url=${encoded(url)}&variant=thumb/1`;
  assert.equal((await ask('GET', path)).status, 200);
  const head = await fetch(`${base}/v1${path}&record_access=true`, { method: 'HEAD' });
  assert.equal(Number(head.headers.get('content-length')), (await ask('GET', path)).text.length);
  assert.equal((await ask('GET', `${path}&record_access=false`)).status, 200);
  assert.deepEqual(await accesses(), { aliases: 0, variants: 0 });
  const { headers } = await ask('GET', `/media?alias=${alias}&variant=other&record_access=true`);
  await until(async () => (await accesses())?.['aliases'] === 1);
  assert.equal((await accesses())?.['variants'], 0);
  // Also where the client has it already.
  const known = { 'if-none-match': (await ask('GET', path)).headers.get('etag') ?? '' };
  assert.ok(headers.get('etag'));
  assert.equal((await ask('GET', `${path}&record_access=true`, undefined, { headers: known })).status, 304);
  await until(async () => (await accesses())?.['variants'] === 1);
  const [row] = await sql`select encode(hash, 'hex') as hash, variant from variant_accesses`;
  assert.deepEqual({ ...row }, { hash, variant: 'thumb/1' });
});

test('resolve: an access that must wait for a lock delays no answer', async () => {
  const { alias } = await newImage();
  await sql.begin(async (tx) => {
    await tx`lock table alias_accesses in access exclusive mode`;
    for (let n = 0; n < 3; n++)
      assert.equal((await ask('GET', `/media?alias=${alias}&record_access=true`)).status, 200);
  });
  await until(async () => (await sql`select from alias_accesses where alias = ${alias}`).length === 1);
});

test('resolve: record_access needs the scope write, and is refused to pages of other origins', async () => {
  const { alias } = await newImage();
  const path = `/media?alias=${alias}&record_access=true`;
  for (const headers of [{ origin: 'https://other.example' }, { 'sec-fetch-site': 'cross-site' }]) {
    assertProblem(await ask('GET', path, undefined, { headers }), 403, 'cross_site');
    assert.equal((await ask('GET', `/media?alias=${alias}`, undefined, { headers })).status, 200);
  }
  const keys = [testKey('r', 'read'), testKey('w', 'write')] as const;
  const guarded = await startTestService({ PICT_REPO_KEYS: keys.map(({ line }) => line).join(',') });
  const [read, write] = keys.map(({ headers }) => ({ headers }));
  const refused = await guarded.ask('GET', path, undefined, read);
  assertProblem(refused, 403, 'insufficient_scope');
  assert.match(refused.headers.get('www-authenticate') ?? '', /scope="write"/);
  assert.equal((await guarded.ask('GET', path, undefined, write)).status, 404);
  assert.equal((await guarded.ask('GET', `/media?alias=${alias}`, undefined, read)).status, 404);
});

test('resolveMany: each by itself, in order, null where there is none; 400 for an item that names none or two', async () => {
  const [one, two] = [await newImage(), await newImage()];
  const items = [
    { alias: two.alias, variant: 'thumb/1' },
    { alias: 'unknown' },
    { url: one.url },
    { url: 'unknown', variant: 'thumb/1' },
    { alias: two.alias, variant: 'thumb/1' },
  ];
  const [first, second] = [textOf(two, variantOf(two.hash)), textOf(one)];
  const answer = await ask('POST', '/media/resolve', { items });
  assert.equal(answer.text, `{"results":[${first},null,${second},null,${first}]}`);
  assert.equal((await ask('POST', '/media/resolve', { items: [] })).text, '{"results":[]}');
  for (const item of [{}, { variant: 'v' }, { alias: 'a', url: 'u' }])
    assertProblem(await ask('POST', '/media/resolve', { items: [item] }), 400, 'invalid_request');
  const many = Array.from({ length: 1001 }, () => ({ alias: 'a' }));
  assertProblem(await ask('POST', '/media/resolve', { items: many }), 413, 'batch_too_large');
});
