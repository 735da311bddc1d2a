import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { readConfig } from '../../src/config.js';
import { faultsOf } from '../support/axe.js';
import { newPage, openBrowser } from '../support/browser.js';
import { atEnd } from '../support/cleanup.js';
import { listen } from '../support/listen.js';
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
  const port = await listen(server);
  atEnd(async () => server.close());
  return `http://127.0.0.1:${port}/`;
}

const operation = (page: Page, id: string) => page.locator(`article[id$="/${id}"]`);

test('/docs: a key, a request and its answer, the same with curl, by day and by night', options, () =>
  visit('/docs#/hashes/hashes.create', { colorScheme: 'light', refusals: true }, async (page) => {
    const create = operation(page, 'hashes.create');
    await create.getByRole('button', { name: 'Send' }).click();
    await create.getByText('401 Unauthorized').waitFor();
    await create.getByRole('button', { name: 'Use another key' }).click();
    await page.getByRole('textbox', { name: 'Key' }).fill('admin');
    await page.getByRole('button', { name: 'Use it' }).click();
    await page.getByRole('button', { name: 'Key: admin admin' }).waitFor();

    await create.getByLabel('Body').fill('{"identifier":"it\'s/a.webp"}');
    await create.getByRole('button', { name: 'Send' }).click();
    await create.getByText('201 Created').waitFor();
    const answer = create.getByRole('region', { name: 'Answer' });
    assert.match(await answer.innerText(), /"identifier": "it's\/a\.webp"/);
    const curl = await create.locator('.try > pre').innerText();
    assert.match(curl, /^curl -i -X PUT 'http:.*' \\\n +-H "authorization: Bearer \$KEY" \\\n/);
    assert.match(curl, /--data-binary '\{"identifier":"it'\\''s\/a\.webp"\}'$/);

    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      const background = await page.evaluate('getComputedStyle(document.body).backgroundColor');
      const [red = 0] = String(background).match(/\d+/g)?.map(Number) ?? [];
      assert.equal(red > 127, colorScheme === 'light', String(background));
    }
  }),
);

test('/docs: numbers, bytes, problems and streams are shown as they are answered', options, async () => {
  const authorization = 'Bearer admin';
  await fetch(`${base}/v1/settings/bytes`, {
    method: 'PUT',
    headers: { authorization, 'content-type': 'application/octet-stream' },
    body: new Uint8Array([0, 255, 16]),
  });
  const pushed = await fetch(`${base}/v1/queues/shown/jobs`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: '{"job":{"n":12345678901234567890,"s":"a\\"{,:<b>"}}',
  });
  const { id } = JSON.parse(await pushed.text());
  await visit('/docs', { refusals: true, key: 'admin' }, async (page) => {
    const tried = async (name: string, values: Record<string, string>): Promise<string> => {
      const article = operation(page, name);
      await article.getByRole('link').first().click();
      for (const [label, value] of Object.entries(values)) await article.getByLabel(label).fill(value);
      await article.getByRole('button', { name: 'Send' }).click();
      const answer = article.getByRole('region', { name: 'Answer' });
      // Until then more may come.
      await answer.getByText(/ bytes$/).waitFor();
      return answer.innerText();
    };
    assert.match(await tried('queue.job', { id }), /"n": 12345678901234567890,\s+"s": "a\\"\{,:<b>"/);
    assert.match(await tried('settings.get', { key: 'bytes' }), /3 bytes\s+00 ff 10\s/);
    const pop = operation(page, 'queue.pop');
    await pop.getByRole('link').first().click();
    await pop.getByLabel('queue').fill('empty');
    await pop.getByRole('button', { name: 'Send' }).click();
    await pop.getByRole('button', { name: 'Stop' }).click();
    await pop.getByText('Stopped.').waitFor();
    assert.match(await tried('hashes.hashes', { limit: '2' }), /200 OK[\s\S]*"end":true/);
    assert.match(
      await tried('hashes.identifier', { hash: 'aa' }),
      /404 Not Found[\s\S]*"code": "hash_not_found"/,
    );
  });
});

test('/docs: operations have addresses, back closes, the filter is in the address', options, () =>
  visit('/docs', {}, async (page) => {
    const push = operation(page, 'queue.push');
    await page.getByLabel('Filter the operations').fill('PUSH queue');
    await page.getByText('2 operations').waitFor();
    await push.getByRole('link').first().focus();
    await page.keyboard.press('Enter');
    assert.equal(new URL(page.url()).hash, '#/queue/queue.push');
    // Nothing is eaten by Markdown.
    assert.match(await push.innerText(), /without \/, \\ and control characters/);
    await page.goBack();
    await push.getByRole('heading', { name: 'Try it' }).waitFor({ state: 'detached' });
    await page.goForward();
    await page.reload();
    await push.getByRole('heading', { name: 'Try it' }).waitFor();
    assert.equal(new URL(page.url()).search, '?filter=PUSH+queue');
    await push.getByRole('link').first().click();
    await push.getByRole('heading', { name: 'Try it' }).waitFor({ state: 'detached' });

    // A link to what the filter hides takes the filter away.
    await page.evaluate(`location.hash = '#/media/media.resolve'`);
    const resolve = operation(page, 'media.resolve');
    await resolve.getByRole('link', { name: 'aliases.hash' }).click();
    await operation(page, 'aliases.hash').getByRole('heading', { name: 'Try it' }).waitFor();
  }),
);

test('/docs: accessible in light and dark, on a desk and a phone, folded and unfolded', options, () =>
  visit('/docs', { viewport: { width: 1280, height: 800 }, axe: true }, async (page) => {
    await page.locator('article').first().waitFor();
    assert.deepEqual(await faultsOf(page), []);
    await page.getByLabel('Filter the operations').fill('media.resolve');
    for (const id of ['media.resolve', 'media.resolveMany']) {
      await operation(page, id).getByRole('link').first().click();
    }
    await operation(page, 'media.resolve').getByRole('button', { name: 'Send' }).focus();
    const folded = page.locator('article details:not([open]) > summary');
    while ((await folded.count()) > 0) await folded.first().click();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of [1280, 390]) {
        await page.setViewportSize({ width, height: 800 });
        const only = colorScheme === 'dark' ? 'colours' : undefined;
        assert.deepEqual(await faultsOf(page, only), [], `${colorScheme} ${width}`);
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
      }
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
    const page = await newPage(opened.browser);
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
  const without = await startTestService({ DOCS: 'off' });
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

test('/key: answers the name and scope of the key, and admin if there are no keys', async () => {
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
