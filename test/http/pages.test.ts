import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { readConfig } from '../../src/config.js';
import { openBrowser } from '../support/browser.js';
import { atEnd } from '../support/cleanup.js';
import { startTestService } from '../support/service.js';
import { type VisitOptions, visit as visitWith } from '../support/visit.js';

const opened = await openBrowser();
const options = 'skip' in opened ? { skip: opened.skip } : {};

const KEYS = { reader: 'read', admin: 'admin' };
const PICT_REPO_KEYS = Object.entries(KEYS)
  .map(([key, scope]) => `${key} ${scope} sha256:${createHash('sha256').update(key).digest('hex')}`)
  .join('\n');
const { base } = await startTestService({ PICT_REPO_KEYS });

const visit = (path: string, context: VisitOptions, look: (page: Page) => Promise<void>) =>
  'skip' in opened ? Promise.resolve() : visitWith(opened.browser, base, path, context, look);

/** A page of another origin: another port of this machine. */
async function serveElsewhere(html: string): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  atEnd(async () => server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
}

test('/docs: authorize, try hashes.create, see the answer, by day and by night', options, () =>
  visit('/docs', { colorScheme: 'light' }, async (page) => {
    await page.locator('.auth-wrapper .authorize').click();
    await page.locator('.auth-container input').fill('admin');
    await page.locator('.auth-btn-wrapper .authorize').click();
    await page.locator('.auth-btn-wrapper .btn-done').click();

    const create = page.locator('.opblock').filter({ has: page.getByText('hashes.create', { exact: true }) });
    await create.locator('.opblock-summary-control').click();
    await create.getByRole('button', { name: 'Execute' }).click();
    const answer = create.locator('.live-responses-table');
    assert.equal((await answer.locator('tbody .response-col_status').innerText()).trim(), '201');
    assert.match(await answer.innerText(), /"identifier": "3a\/7d/);

    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      const [red = 0] = String(background).match(/\d+/g)?.map(Number) ?? [];
      assert.equal(red > 127, colorScheme === 'light', String(background));
    }
  }),
);

test(
  'without keys a page of another origin purges nothing, by form, fetch or beacon; our own page acts',
  options,
  async () => {
    if ('skip' in opened) return;
    const open = await startTestService();
    await open.ask('POST', '/queues/kept/jobs', { job: 1 });
    const target = `${open.base}/v1/queues/kept/purge?which=waiting`;
    const page = await opened.browser.newPage();
    const answers: number[] = [];
    page.on('response', (response) => {
      if (response.url() === target) answers.push(response.status());
    });
    await page.goto(
      await serveElsewhere(`<form method="post" action="${target}" target="frame"></form>
      <form method="post" enctype="text/plain" action="${target}" target="frame"><input name="a"></form>
      <iframe name="frame"></iframe>`),
    );
    for (const act of [
      'document.forms[0].submit()',
      'document.forms[1].submit()',
      `fetch(${JSON.stringify(target)}, { method: 'POST', mode: 'no-cors' })`,
      `fetch(${JSON.stringify(target)}, { method: 'POST', mode: 'no-cors', referrerPolicy: 'no-referrer' })`,
      `navigator.sendBeacon(${JSON.stringify(target)})`,
    ]) {
      await Promise.all([page.waitForResponse(target), page.evaluate(`void (${act})`)]);
    }
    await page.close();
    assert.deepEqual(answers, [403, 403, 403, 403, 403]);
    assert.equal((await open.ask('GET', '/queues/kept')).json.ready, 1);

    await visitWith(opened.browser, open.base, '/console/queue?queue=kept', {}, async (own) => {
      await own.getByRole('button', { name: 'Pause' }).click();
      await own.getByRole('button', { name: 'Resume' }).waitFor();
    });
    assert.equal((await open.ask('GET', '/queues/kept')).json.paused, true);
  },
);

test('the pages need no key, forbid inline code and other origins, and are off with DOCS=off', async () => {
  for (const path of ['/', '/console/queues', '/console/content', '/pages/console.js', '/pages/theme.css']) {
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
  const without = await startTestService({ DOCS: 'off' });
  for (const path of ['/', '/queues', '/console', '/console/queues', '/pages/console.js', '/docs']) {
    assert.equal((await fetch(without.base + path)).status, 404, path);
  }
});

test('the console: old addresses lead to it, views that are not there are 404', async () => {
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
  const template = 'https://img.example:8443/files/{identifier}?a=1&b="';
  const { base } = await startTestService({ PREVIEW_URL_TEMPLATE: template.slice(0, -1) });
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

test('/key: tells the name and scope of the key, and admin where there are no keys', async () => {
  const ofKey = async (key: string) => fetch(`${base}/key`, { headers: { authorization: `Bearer ${key}` } });
  assert.deepEqual(await (await ofKey('reader')).json(), { name: 'reader', scope: 'read', expires_at: null });
  assert.equal((await ofKey('nobody')).status, 401);
  const open = await startTestService();
  assert.deepEqual(await (await fetch(`${open.base}/key`)).json(), {
    name: null,
    scope: 'admin',
    expires_at: null,
  });
});
