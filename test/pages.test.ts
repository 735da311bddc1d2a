import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { createKey } from '../src/keys.js';
import { noBrowser, openBrowser } from './support/browser.js';
import { startTestService } from './support/service.js';

const admin = createKey('admin', 'admin');
const reader = createKey('reader', 'read');
const { base, ask } = await startTestService({ PICT_REPO_KEYS: `${admin.line},${reader.line}` });
const asAdmin = { headers: { authorization: `Bearer ${admin.key}` } };
const HOSTILE = '<img src=x onerror=alert(1)>';
let browser: Browser;

before(async () => {
  if (noBrowser === undefined) browser = await openBrowser();
});

/** A page that must not complain, nor ask any other host. */
async function openPage(path: string, colorScheme: 'light' | 'dark' = 'light') {
  const page = await browser.newPage({ colorScheme, viewport: { width: 1280, height: 900 } });
  const faults: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('dialog', (dialog) => faults.push(`dialog: ${dialog.message()}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith('data:')) faults.push(request.url());
  });
  await page.goto(base + path);
  return { page, faults };
}

async function useKey(page: Page, key: string): Promise<void> {
  await page.fill('#key', key);
  await page.click('#key-form button[type=submit]');
}

const inBrowser = { skip: noBrowser ?? false };

test('/docs: hashes.create can be tried, with a key, in light and dark', inBrowser, async () => {
  for (const scheme of ['light', 'dark'] as const) {
    const { page, faults } = await openPage('/docs', scheme);
    await page.click('.auth-wrapper .authorize');
    await page.fill('.auth-container input', admin.key);
    await page.click('.auth-btn-wrapper .authorize');
    await page.click('.btn-done');
    const operation = page
      .locator('.opblock', { has: page.locator('[data-path="/v1/hashes/{hash}"]') })
      .filter({
        hasText: 'PUT',
      });
    await operation.locator('.opblock-summary-control').click();
    await operation.locator('.execute').click();
    const status = operation.locator('.live-responses-table tbody .response-col_status').first();
    await status.waitFor();
    // What the page offers is the same both times: created, then there already.
    assert.match(await status.innerText(), scheme === 'light' ? /^201/ : /^200/);
    const ground = String(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
    const [red = 0] = ground.match(/\d+/g)?.map(Number) ?? [];
    assert.equal(red > 128, scheme === 'light', ground);
    assert.deepEqual(faults, []);
    await page.close();
  }
});

test(
  '/queues: what waits is counted, paused, resumed and purged, and names stay text',
  inBrowser,
  async () => {
    const { page, faults } = await openPage('/');
    await page.waitForSelector('#status.trouble >> text=wants a key');
    // The browser itself reports the 401.
    assert.equal(faults.splice(0).filter((fault) => !fault.includes('401')).length, 0);
    await useKey(page, admin.key);
    await page.waitForSelector('#empty:visible');

    const queue = `q ${HOSTILE.replaceAll('/', '')}`;
    for (const job of [1, 2, 3]) {
      await ask(
        'POST',
        `/queues/${encodeURIComponent(queue)}/jobs`,
        { job: { text: HOSTILE, job } },
        asAdmin,
      );
    }
    const row = page.locator('tbody tr', { hasText: queue });
    await row.locator('[data-label=Ready]', { hasText: '3' }).waitFor();
    await row.getByRole('button', { name: 'Pause' }).click();
    await row.locator('.paused:visible').waitFor();
    await row.getByRole('button', { name: 'Resume' }).click();
    await row.locator('.paused').waitFor({ state: 'hidden' });

    const pop = { worker_id: 'w', wait_seconds: 5 };
    const { json } = await ask('POST', `/queues/${encodeURIComponent(queue)}/pop`, pop, asAdmin);
    const failure = { error: HOSTILE, retry: false };
    await ask('POST', `/leases/${json.jobs[0].lease}/fail`, failure, asAdmin);
    await row.getByRole('button', { name: 'Dead jobs' }).click();
    assert.equal(await page.locator('#dead-jobs .error').innerText(), HOSTILE);
    await page.getByRole('button', { name: 'Close' }).click();

    await row.getByRole('button', { name: 'Purge:' }).click();
    await page.locator('#question', { hasText: 'the 2 ready and 0 scheduled jobs' }).waitFor();
    await page.locator('#confirm').getByRole('button', { name: 'Cancel' }).click();
    await row.locator('[data-label=Ready]', { hasText: '2' }).waitFor();
    await row.getByRole('button', { name: 'Purge:' }).click();
    await page.click('#confirm-yes');
    await row.locator('[data-label=Ready]', { hasText: '0' }).waitFor();
    await row.getByRole('button', { name: 'Redrive' }).click();
    await row.locator('[data-label=Ready]', { hasText: '1' }).waitFor();
    assert.deepEqual(faults, []);
    await page.close();
  },
);

test('/queues: a key for reading sees all and changes nothing', inBrowser, async () => {
  await ask('POST', '/queues/kept/jobs', { job: 1 }, asAdmin);
  const { page } = await openPage('/queues');
  await useKey(page, reader.key);
  const row = page.locator('tbody tr', { hasText: 'kept' });
  await row.getByRole('button', { name: 'Pause' }).click();
  await page.waitForSelector('#status.trouble >> text=needs a key for admin');
  assert.equal((await ask('GET', '/queues/kept', undefined, asAdmin)).json.paused, false);
  await page.click('#forget');
  await page.waitForSelector('#status.trouble >> text=wants a key');
  await page.close();
});

test('/queues: pages and their files come with a strict policy and nothing from elsewhere', async () => {
  for (const path of ['/queues', '/queues/queues.js', '/queues/queues.css']) {
    const response = await fetch(base + path);
    assert.equal(response.status, 200);
    assert.match(
      response.headers.get('content-security-policy') ?? '',
      /default-src 'none'; script-src 'self'; style-src 'self';/,
    );
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
    assert.equal(response.headers.get('referrer-policy'), 'no-referrer');
    assert.doesNotMatch(await response.text(), /https?:\/\/(?!www\.w3\.org)/);
  }
});
