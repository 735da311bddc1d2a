import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { readConfig } from '../../src/config.js';
import { startTestService } from '../support/service.js';

const KEYS = { reader: 'read', admin: 'admin' };
const PICT_REPO_KEYS = Object.entries(KEYS)
  .map(([key, scope]) => `${key} ${scope} sha256:${createHash('sha256').update(key).digest('hex')}`)
  .join('\n');
const service = await startTestService({ PICT_REPO_KEYS });
const { base } = service;
const template = 'https://img.example:8443/files/{identifier}?a=1&b="';
const open = await startTestService({ PREVIEW_URL_TEMPLATE: template.slice(0, -1) }, service);

test('the pages need no key, forbid inline code and other origins, and are off with DOCS=off', async () => {
  for (const path of [
    '/',
    '/console/queues',
    '/console/content',
    '/pages/console.js',
    '/pages/theme.css',
    '/docs',
  ]) {
    const { status, headers } = await fetch(base + path);
    assert.equal(status, 200, path);
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*script-src 'self';/);
    assert.doesNotMatch(headers.get('content-security-policy') ?? '', /unsafe|https?:|\*/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.equal(
      (await fetch(base + path, { method: 'POST', headers: { authorization: 'Bearer admin' } })).status,
      405,
    );
  }
  const without = await startTestService({ DOCS: 'off' }, service);
  for (const path of ['/', '/queues', '/console', '/console/queues', '/pages/console.js', '/docs']) {
    assert.equal((await fetch(without.base + path)).status, 404, path);
  }
});

test('the console: old addresses redirect to it, and unknown views are 404', async () => {
  for (const [from, to] of [
    ['/queues', 'console/queues'],
    ['/console', 'console/queues'],
    ['/console/', 'queues'],
  ]) {
    const { status, headers } = await fetch(base + from, { redirect: 'manual' });
    assert.deepEqual([status, headers.get('location')], [302, to], from);
  }
  assert.equal((await fetch(`${base}/console/nothing`)).status, 404);
});

test('the console: sent once, compressed below 100 KB in all, and then only if it has changed', async () => {
  const html = await (await fetch(`${base}/console/queues`)).text();
  const files = [...html.matchAll(/(?:src|href)="\.\.(\/pages\/[^"]+)"/g)].map(([, path = '']) => path);
  assert.ok(files.includes('/pages/console.js'));
  let bytes = 0;
  for (const path of files) {
    const { headers } = await fetch(base + path, { headers: { 'accept-encoding': 'gzip' } });
    assert.equal(headers.get('content-encoding'), 'gzip', path);
    bytes += Number(headers.get('content-length'));
    const again = await fetch(base + path, { headers: { 'if-none-match': headers.get('etag') ?? '' } });
    assert.equal(again.status, 304, path);
  }
  assert.ok(bytes > 0 && bytes < 100_000, `${bytes} bytes`);
});

test('PREVIEW_URL_TEMPLATE: images of that origin alone are an exception', async () => {
  const { base } = open;
  const page = await fetch(`${base}/console/media`);
  assert.match(await page.text(), /content="https:\/\/img\.example:8443\/files\/\{identifier\}\?a=1&amp;b="/);
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /; img-src 'self' https:\/\/img\.example:8443;/);
  assert.equal(policy.split('https:').length, 2);
  const start = await fetch(`${base}/`);
  assert.doesNotMatch(start.headers.get('content-security-policy') ?? '', /https?:/);
  for (const wrong of [
    template,
    'https://{identifier}/',
    'img.example/{identifier}',
    'https://img.example/',
  ]) {
    assert.throws(
      () => readConfig({ PREVIEW_URL_TEMPLATE: wrong }),
      /PREVIEW_URL_TEMPLATE must be a URL/,
      wrong,
    );
  }
});

test('/key: answers the name and scope of the key, and admin if there are no keys', async () => {
  const ofKey = async (key: string) => fetch(`${base}/key`, { headers: { authorization: `Bearer ${key}` } });
  assert.deepEqual(await (await ofKey('reader')).json(), { name: 'reader', scope: 'read', expires_at: null });
  assert.equal((await ofKey('nobody')).status, 401);
  assert.deepEqual(await (await fetch(`${open.base}/key`)).json(), {
    name: null,
    scope: 'admin',
    expires_at: null,
  });
});
