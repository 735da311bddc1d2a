import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnce, tally } from '../support/races.js';
import { assertProblem, sendRaw } from '../support/raw-http.js';
import { askRaw, assertInvalid, badSegments } from '../support/refused-values.js';
import { startTestService } from '../support/service.js';

const { ask, base, sql } = await startTestService();
const encoded = encodeURIComponent;
const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/** PUT with just these headers. */
function put(key: string, body: Uint8Array, ...headers: string[]) {
  const head = [`PUT /v1/settings/${key} HTTP/1.1`, 'Host: localhost', ...headers];
  return sendRaw(base, Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]));
}

async function bytesOf(key: string): Promise<Buffer> {
  const response = await fetch(`${base}/v1/settings/${encoded(key)}`);
  assert.equal(response.status, 200);
  return Buffer.from(await response.arrayBuffer());
}

test('set, get: the same bytes, whatever the content type', async () => {
  const types = [
    'text/html',
    'application/json',
    'application/json; charset=utf-16',
    'text/plain; charset=latin1',
  ];
  types.push(
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'x/y;z="',
    'application/JSON+x',
  );
  for (const [n, type] of types.entries()) {
    const value = Buffer.concat([everyByte, Buffer.from(`{not json ${n}`)]);
    const answer = await put('typed', value, `Content-Type: ${type}`, `Content-Length: ${value.length}`);
    assert.deepEqual([answer.status, answer.text], [204, ''], type);
    assert.deepEqual(await bytesOf('typed'), value);
  }
});

test('set: without a content type, in chunks, and with no body at all, which is zero bytes', async () => {
  assert.equal((await put('untyped', everyByte, 'Content-Length: 256')).status, 204);
  assert.deepEqual(await bytesOf('untyped'), everyByte);
  const chunks = Buffer.from('3\r\na\0b\r\n1\r\n\xff\r\n0\r\n\r\n', 'latin1');
  assert.equal((await put('untyped', chunks, 'Transfer-Encoding: chunked')).status, 204);
  assert.deepEqual(await bytesOf('untyped'), Buffer.from('a\0b\xff', 'latin1'));
  for (const headers of [
    [],
    ['Content-Length: 0'],
    ['Content-Type: application/json', 'Content-Length: 0'],
  ]) {
    await put('untyped', everyByte, 'Content-Length: 256');
    assert.equal((await put('untyped', Buffer.alloc(0), ...headers)).status, 204);
    assert.deepEqual(await bytesOf('untyped'), Buffer.alloc(0));
  }
});

test('get: never as a type that a browser would run', async () => {
  await ask('PUT', '/settings/page', '<script>', { headers: { 'content-type': 'text/html' } });
  const answer = await ask('GET', '/settings/page');
  assert.equal(answer.headers.get('content-type'), 'application/octet-stream');
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(answer.text, '<script>');
  assertProblem(await ask('GET', '/settings/Page'), 404, 'setting_not_found');
});

test('set: the last write wins', async () => {
  for (const value of ['first', 'second', 'second', '']) {
    assert.equal((await ask('PUT', '/settings/last', value)).status, 204);
    assert.equal((await ask('GET', '/settings/last')).text, value);
  }
});

// Naive: update, or else insert: of two first writers one gets 500.
test('set, race: 50 writers of a new key all succeed, and one of their values is kept', async () => {
  const answers = await atOnce(50, (n) => ask('PUT', '/settings/contested', `value ${n}`));
  assert.deepEqual(tally(answers), { 204: 50 });
  assert.match((await ask('GET', '/settings/contested')).text, /^value \d+$/);
});

test('set: 64 KiB pass, one byte more is too large, declared or in chunks', async () => {
  const largest = Buffer.alloc(65_536, 0xee);
  assert.equal((await ask('PUT', '/settings/large', largest)).status, 204);
  assert.deepEqual(await bytesOf('large'), largest);
  const larger = Buffer.alloc(65_537);
  assertProblem(await ask('PUT', '/settings/large', larger), 413, 'settings_value_too_large');
  const chunks = Buffer.concat([Buffer.from('10001\r\n'), larger, Buffer.from('\r\n0\r\n\r\n')]);
  assertProblem(await put('large', chunks, 'Transfer-Encoding: chunked'), 413, 'settings_value_too_large');
  assert.deepEqual(await bytesOf('large'), largest);
});

test('remove: 204, and it can be sent again', async () => {
  await ask('PUT', '/settings/gone', 'x');
  for (const _ of ['once', 'again']) {
    assert.equal((await ask('DELETE', '/settings/gone')).status, 204);
    assertProblem(await ask('GET', '/settings/gone'), 404, 'setting_not_found');
  }
});

test('every key: 255 bytes pass, 256 are too long; Unicode and percent come back', async () => {
  for (const key of ['404-alias', 'a b', '%2F', 'ü😀', '...', 'k'.repeat(255), `${'é'.repeat(127)}k`]) {
    assert.equal((await ask('PUT', `/settings/${encoded(key)}`, key)).status, 204);
    assert.equal((await ask('GET', `/settings/${encoded(key)}`)).text, key);
    const rows = await sql`select from settings where key = ${key}`;
    assert.equal(rows.length, 1);
  }
  for (const key of ['é'.repeat(128), 'k'.repeat(256)]) {
    for (const method of ['PUT', 'GET', 'DELETE']) {
      assertProblem(await ask(method, `/settings/${encoded(key)}`), 400, 'settings_key_too_long');
    }
  }
});

test('every key: 400 for names that a URL library would rewrite, and for invalid text', async () => {
  for (const method of ['PUT', 'GET', 'DELETE']) {
    for (const segment of badSegments) {
      assertInvalid(await askRaw(base, method, `/settings/${segment}`));
    }
  }
});
