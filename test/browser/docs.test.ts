import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { faultsOf } from '../support/axe.js';
import { openBrowser } from '../support/browser.js';
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
