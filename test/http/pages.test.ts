import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
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
const { base, ask: askBare } = await startTestService({ PICT_REPO_KEYS });
const ask = (method: string, path: string, body?: object) =>
  askBare(method, path, body, { headers: { authorization: 'Bearer admin' } });

const EVIL_NAME = '<img src=x onerror=alert(1)>';
const EVIL_ERROR = '</pre><script>alert(1)</script>';
const evil = `/queues/${encodeURIComponent(EVIL_NAME)}`;

const visit = (path: string, context: VisitOptions, look: (page: Page) => Promise<void>) =>
  'skip' in opened ? Promise.resolve() : visitWith(opened.browser, base, path, context, look);

async function enterKey(page: Page, key: string): Promise<void> {
  await page.getByRole('button', { name: 'Key', exact: true }).click();
  await page.locator('input[name=key]').fill(key);
  await page.getByRole('button', { name: 'Use it' }).click();
}

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

const cell = (page: Page, queue: string, column: string) =>
  page.getByRole('row').filter({ hasText: queue }).locator(`[data-field="${column}"]`);

const shows = (page: Page, queue: string, column: string, text: string) =>
  cell(page, queue, column)
    .and(page.getByText(text, { exact: true }))
    .waitFor();

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
  '/queues: without a key it says so; with one a pushed job is counted; a foreign scope is told',
  options,
  async () => {
    await ask('POST', '/queues/counted/jobs', { job: 1 });
    await visit('/queues', { refusals: true }, async (page) => {
      await page.getByRole('alert').filter({ hasText: 'Authorization' }).waitFor();
      await page.getByRole('button', { name: 'Enter a key' }).click();
      await page.locator('input[name=key]').fill('reader');
      await page.keyboard.press('Enter');
      await shows(page, 'counted', 'ready', '1');
      assert.equal(await page.evaluate('localStorage.length + document.cookie.length'), 0);

      await ask('POST', '/queues/counted/jobs', { job: 2 });
      await shows(page, 'counted', 'ready', '2');

      await page.getByRole('button', { name: 'Pause: counted' }).click();
      await page.getByText('This needs a key for admin; the key given is for read.').waitFor();
      assert.equal((await ask('GET', '/queues/counted')).json.paused, false);
    });
  },
);

test(
  '/queues: pause, resume, try the dead again, purge them; names and errors stay text',
  options,
  async () => {
    for (const job of [1, 2]) {
      await ask('POST', `${evil}/jobs`, { job });
      const { json } = await ask('POST', `${evil}/pop`, { worker_id: 'w', wait_seconds: 0 });
      await ask('POST', `/leases/${json.jobs[0].lease}/fail`, { retry: false, error: EVIL_ERROR });
    }
    await visit('/queues', { refusals: true }, async (page) => {
      await enterKey(page, 'admin');
      await shows(page, EVIL_NAME, 'dead', '2');

      await page.getByRole('button', { name: `Pause: ${EVIL_NAME}` }).click();
      const resume = page.getByRole('button', { name: `Resume: ${EVIL_NAME}` });
      await resume.waitFor();
      assert.equal((await ask('GET', evil)).json.paused, true);
      await resume.click();
      await page.getByRole('button', { name: `Pause: ${EVIL_NAME}` }).waitFor();

      await page.getByRole('button', { name: `Dead jobs: ${EVIL_NAME}` }).click();
      const dead = page.getByRole('dialog', { name: 'Dead jobs of' });
      await dead.getByText(EVIL_ERROR).first().waitFor();
      assert.equal(await dead.getByRole('listitem').count(), 2);
      await dead.getByRole('button', { name: 'Purge…' }).click();
      const purge = page.getByRole('dialog', { name: 'Purge' });
      await purge.getByRole('button', { name: 'Remove 2 dead jobs' }).waitFor();
      await purge.getByRole('button', { name: 'Cancel' }).click();
      assert.equal((await ask('GET', evil)).json.dead, 2);

      await dead.getByRole('button', { name: 'Try all again' }).click();
      await page.getByText(`2 jobs of ${EVIL_NAME} ready again.`).waitFor();
      await shows(page, EVIL_NAME, 'ready', '2');

      await page.getByRole('button', { name: `Purge: ${EVIL_NAME}` }).click();
      await purge.getByText('2 waiting jobs (2 ready, 0 scheduled)').waitFor();
      await purge.getByRole('button', { name: 'Remove 2 waiting jobs' }).click();
      await page.getByText(`2 jobs removed from ${EVIL_NAME}.`).waitFor();
      assert.equal((await ask('GET', evil)).json.ready, 0);
      assert.equal(await page.locator('main img, main script').count(), 0);
    });
  },
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

    await visitWith(opened.browser, open.base, '/queues', {}, async (own) => {
      await own.getByRole('button', { name: 'Pause: kept' }).click();
      await own.getByRole('button', { name: 'Resume: kept' }).waitFor();
    });
    assert.equal((await open.ask('GET', '/queues/kept')).json.paused, true);
  },
);

test('/queues: a service that is away is said, and looked for; a hidden page asks nothing', options, () =>
  visit('/queues', { refusals: true }, async (page) => {
    await enterKey(page, 'admin');
    await page.getByText('Live', { exact: true }).waitFor();
    await page.route('**/v1/queues', (route) => route.abort());
    await page
      .getByRole('alert')
      .filter({ hasText: 'The service does not answer. What you see is from' })
      .waitFor();
    await page.unroute('**/v1/queues');
    await page.getByText('Live', { exact: true }).waitFor();

    let asked = 0;
    page.on('request', () => asked++);
    await page.clock.install();
    await page.evaluate(`Object.defineProperty(document, 'hidden', { value: true, configurable: true })`);
    await page.clock.runFor(60_000);
    const before = asked;
    await page.clock.runFor(60_000);
    assert.equal(asked, before);
    const again = page.waitForRequest('**/v1/queues');
    await page.evaluate(`delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))`);
    await again;
  }),
);

test('/ and /queues fit a phone, with a hundred queues and long names', options, async () => {
  const names = Array.from({ length: 100 }, (_, at) => `q${at}-${'long'.repeat(at % 50)}`);
  await Promise.all(names.map((name) => ask('POST', `/queues/${name}/jobs`, { job: 1 })));
  await visit('/', { viewport: { width: 390, height: 800 }, refusals: true }, async (page) => {
    const fits = 'document.documentElement.scrollWidth <= innerWidth';
    assert.ok(await page.evaluate(fits));
    await page.getByRole('navigation').getByRole('link', { name: 'Queues' }).click();
    // Loaded, or the button is there before what it does.
    await page.waitForURL('**/queues');
    await enterKey(page, 'admin');
    await page.getByText('q99-', { exact: false }).first().waitFor();
    assert.ok(await page.evaluate(fits));
    await page.getByLabel('Find').fill('q42-');
    await page.getByText(/^1 of \d+$/).waitFor();
    assert.equal(await page.locator('tbody tr:visible').count(), 1);
  });
});

test('the pages are open, forbid what is inline or from elsewhere, and are gone with DOCS=off', async () => {
  for (const path of ['/', '/queues', '/pages/queues.js', '/pages/theme.css']) {
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
  for (const path of ['/', '/queues', '/pages/queues.js', '/docs']) {
    assert.equal((await fetch(without.base + path)).status, 404, path);
  }
});
