import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { faultsOf } from '../support/axe.js';
import { openBrowser } from '../support/browser.js';
import { fillMedia, fillQueues } from '../support/console-data.js';
import { type Answer, startTestService } from '../support/service.js';
import { type VisitOptions, visit as visitWith } from '../support/visit.js';

const opened = await openBrowser();
const options = 'skip' in opened ? { skip: opened.skip } : {};

const KEYS = { reader: 'read', writer: 'write', admin: 'admin' };
const PICT_REPO_KEYS = Object.entries(KEYS)
  .map(([key, scope]) => `${key} ${scope} sha256:${createHash('sha256').update(key).digest('hex')}`)
  .join('\n');
const { base, ask: askBare } = await startTestService({ PICT_REPO_KEYS });
const asAdmin =
  (bare: typeof askBare) =>
  (method: string, path: string, body?: object): Promise<Answer> =>
    bare(method, path, body, { headers: { authorization: 'Bearer admin' } });
const ask = asAdmin(askBare);

const EVIL_NAME = '<img src=x onerror=alert(1)>';
const EVIL_ERROR = '</pre><script>alert(1)</script>';
const evil = `/queues/${encodeURIComponent(EVIL_NAME)}`;

/** Opens a view with a key, as if it had been typed before. */
const visit = (path: string, key: string, look: (page: Page) => Promise<void>, context: VisitOptions = {}) =>
  'skip' in opened
    ? Promise.resolve()
    : visitWith(opened.browser, base, path, { refusals: true, key, ...context }, look);

const row = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

async function failDead(queue: string, error: string, askThere = ask): Promise<void> {
  await askThere('POST', `${queue}/jobs`, { job: { n: error.length } });
  const { json } = await askThere('POST', `${queue}/pop`, { worker_id: 'w', wait_seconds: 0 });
  await askThere('POST', `/leases/${json.jobs[0].lease}/fail`, { retry: false, error });
}

test(
  'without a key it asks for one; with one for read it shows queues, and offers no change',
  options,
  async () => {
    if ('skip' in opened) return;
    await ask('POST', '/queues/counted/jobs', { job: 1 });
    await visitWith(opened.browser, base, '/console/queues', { refusals: true }, async (page) => {
      await page.getByRole('heading', { name: 'This service needs a key' }).waitFor();
      await page.getByLabel('Key', { exact: true }).fill('wrong');
      await page.keyboard.press('Enter');
      await page.getByText('The key is unknown or has expired.').waitFor();
      await page.getByLabel('Key', { exact: true }).fill('reader');
      await page.keyboard.press('Enter');
      await row(page, 'counted').getByText('1', { exact: true }).waitFor();
      assert.equal(await page.evaluate('localStorage.length + document.cookie.length'), 0);
      // The list is live.
      await ask('POST', '/queues/counted/jobs', { job: 2 });
      await row(page, 'counted').getByText('2', { exact: true }).waitFor();

      await page.getByRole('link', { name: 'counted' }).click();
      await page.getByText('Jobs are shown to keys with the scope write.').waitFor();
      assert.equal(await page.getByRole('button', { name: /Pause|Purge/ }).count(), 0);
    });
  },
);

test(
  'views have addresses: links, back and filters lead to the same page as the address alone',
  options,
  () =>
    visit('/console/queues?search=count', 'writer', async (page) => {
      await row(page, 'counted').waitFor();
      assert.equal(await page.getByLabel('Find a queue').inputValue(), 'count');
      await page.getByRole('link', { name: 'counted' }).click();
      await page.getByRole('heading', { name: 'counted' }).waitFor();
      assert.equal(new URL(page.url()).search, '?queue=counted');
      await page.getByRole('link', { name: /Scheduled/ }).click();
      await page.getByText('No job is scheduled.').waitFor();
      assert.equal(await page.title(), 'Queue counted · pict-repo');
      await page.goBack();
      await page
        .getByRole('link', { name: /…|[0-9a-f]{8}-/ })
        .first()
        .waitFor();
      await page.goBack();
      await page.getByLabel('Find a queue').fill('nothing-like-it');
      await page.getByText('No queue is like that').waitFor();
      assert.equal(new URL(page.url()).search, '?search=nothing-like-it');
      await page.reload();
      await page.getByText('No queue is like that').waitFor();
    }),
);

test(
  'a queue: pause and resume, a dead job with its error as text, purge after its name is typed',
  options,
  async () => {
    await failDead(evil, EVIL_ERROR);
    await failDead(evil, EVIL_ERROR);
    await visit('/console/queues', 'admin', async (page) => {
      await page.getByLabel('Only with trouble').check();
      await page.getByRole('link', { name: EVIL_NAME }).click();
      await button(page, 'Pause').click();
      await button(page, 'Resume').click();
      await button(page, 'Pause').waitFor();

      const notice = page.getByRole('listitem').filter({ hasText: '2 jobs failed too often' });
      await notice.getByText(EVIL_ERROR).waitFor();
      await notice.getByRole('link', { name: 'Show the dead jobs' }).click();
      assert.equal(new URL(page.url()).searchParams.get('state'), 'dead');
      await row(page, EVIL_ERROR).first().getByRole('link').click();
      await page.getByRole('heading', { name: /^Job / }).waitFor();
      await page.getByText(EVIL_ERROR).waitFor();
      await page.getByText('1 of 5').waitFor();
      await page.goBack();

      await button(page, 'Purge…').click();
      const remove = button(page, 'Purge 2 jobs');
      assert.equal(await remove.isDisabled(), true);
      await page.getByLabel(/^Type/).fill(EVIL_NAME);
      await remove.click();
      await page.getByText(`2 jobs purged from ${EVIL_NAME}.`).waitFor();
      assert.equal((await ask('GET', evil)).json.dead, 0);
      assert.equal(await page.locator('main img, main script').count(), 0);
    });
  },
);

test(
  'jobs: retry those that are chosen and all that match, run now, delete, cancel a run; a worker with what it holds',
  options,
  async () => {
    const acted = '/queues/acted';
    for (const error of ['disk is full', 'disk is full', 'no such file']) await failDead(acted, error);
    const counted = async () => {
      const { ready, scheduled, running, dead } = (await ask('GET', acted)).json;
      return [ready, scheduled, running, dead];
    };
    await visit('/console/queue?queue=acted&state=dead', 'admin', async (page) => {
      await page.getByLabel('Error has').fill('FULL');
      await page
        .getByRole('table', { name: 'Dead jobs' })
        .or(row(page, 'disk is full').first())
        .first()
        .waitFor();
      await row(page, 'no such file').waitFor({ state: 'detached' });
      await page
        .getByRole('checkbox', { name: /^Choose [0-9a-f]{8}-/ })
        .first()
        .check();
      await button(page, 'Retry chosen').click();
      await page.getByText('1 job waiting again.').waitFor();
      // With the keyboard one goes on from there.
      await page.waitForFunction(`document.activeElement.textContent === 'None chosen'`);
      assert.deepEqual(await counted(), [1, 0, 0, 2]);
      await button(page, 'Retry all that match…').click();
      await page.getByRole('heading', { name: 'Retry 1 job?' }).waitFor();
      await button(page, 'Retry').click();
      await page.getByText('No job is dead').waitFor();
      assert.deepEqual(await counted(), [2, 0, 0, 1]);

      await ask('POST', `${acted}/jobs`, { job: 1, delay_seconds: 3600 });
      await page.getByRole('link', { name: /^Scheduled/ }).click();
      await button(page, 'Run now all that match…').click();
      await page.getByRole('heading', { name: 'Run now 1 job?' }).waitFor();
      await button(page, 'Run now').click();
      await page.getByText('1 job waiting for a worker now.').waitFor();
      assert.deepEqual(await counted(), [3, 0, 0, 1]);

      await page
        .getByRole('link', { name: /^Waiting/ })
        .first()
        .click();
      await page
        .getByRole('checkbox', { name: /^Choose [0-9a-f]{8}-/ })
        .first()
        .check();
      await button(page, 'Delete chosen').click();
      await button(page, 'Delete').click();
      await page.getByText('1 job deleted.').waitFor();
      assert.deepEqual(await counted(), [2, 0, 0, 1]);

      const { json } = await ask('POST', `${acted}/pop`, { worker_id: 'holder', wait_seconds: 0 });
      await page.goto(`${base}/console/worker?worker=holder`);
      await page
        .getByRole('link', { name: /[0-9a-f]{8}-/ })
        .first()
        .click();
      await page.getByText('holder').first().waitFor();
      await button(page, 'Cancel').click();
      await button(page, 'Cancel the job').click();
      await page.getByText('1 job asked to stop, or deleted.').waitFor();
      assert.equal((await ask('GET', `/jobs/${json.jobs[0].id}`)).json.cancel_requested, true);
      await ask('POST', `${acted}/purge?which=waiting`);
    });
  },
);

test(
  'dead jobs: the newest first, page by page; their errors are counted; a job is shown as it was pushed',
  options,
  async () => {
    const late = '/queues/late';
    // An integer that JavaScript would round, and a character that would turn what follows it around.
    const odd = '{"job":{"id":12345678901234567890,"text":"a\\u202eb"}}';
    const jobs = Array.from({ length: 60 }, (_, n) => ({ job: { nth: n }, max_attempts: 1 }));
    await ask('POST', `${late}/jobs/batch`, { jobs });
    const { json } = await ask('POST', `${late}/pop`, { worker_id: 'w', max: 60, wait_seconds: 0 });
    for (const [n, { lease }] of json.jobs.entries())
      await ask('POST', `/leases/${lease}/fail`, { error: `broken ${n % 30}` });
    const headers = { authorization: 'Bearer admin', 'content-type': 'application/json' };
    await fetch(`${base}/v1${late}/jobs`, { method: 'POST', headers, body: odd });
    await visit('/console/queue?queue=late&state=dead', 'admin', async (page) => {
      await page.getByText('and 27 other errors').waitFor();
      const nth = () => page.locator('tbody .code').allInnerTexts();
      await row(page, '{"nth":59}').waitFor();
      assert.equal((await nth())[0], '{"nth":59}');
      await page.getByRole('link', { name: 'Next →' }).click();
      await row(page, '{"nth":9}').waitFor();
      assert.deepEqual(
        await nth(),
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((n) => `{"nth":${n}}`),
      );
      await page
        .getByRole('link', { name: /^Waiting/ })
        .first()
        .click();
      const shown = String.raw`{"id":12345678901234567890,"text":"a\u202eb"}`;
      await row(page, shown).getByRole('link').first().click();
      await page.getByText('"id": 12345678901234567890').waitFor();
    });
  },
);

test(
  'jobs of all queues: a filter finds those of several, and they are retried together',
  options,
  async () => {
    const queues = ['/queues/befallen-1', '/queues/befallen-2'];
    for (const queue of queues) await failDead(queue, 'the store is away');
    await visit('/console/queues', 'admin', async (page) => {
      await page.locator('.totals').getByRole('link', { name: 'Dead' }).click();
      await page.getByRole('heading', { name: 'Jobs of all queues' }).waitFor();
      await row(page, 'befallen-1').waitFor();
      // Nobody may act on all jobs that there are.
      assert.equal(await page.getByRole('button', { name: /all that match/ }).count(), 0);
      await page.getByLabel('Error has').fill('store is away');
      await page.locator('tbody tr').nth(2).waitFor({ state: 'detached' });
      for (const name of ['befallen-1', 'befallen-2']) await row(page, name).waitFor();
      assert.equal(new URL(page.url()).search, '?state=dead&error=store+is+away');
      await button(page, 'Retry all that match…').click();
      await page.getByRole('heading', { name: 'Retry 2 jobs?' }).waitFor();
      await button(page, 'Retry').click();
      await page.getByText('2 jobs waiting again.').waitFor();
      for (const queue of queues) assert.equal((await ask('GET', queue)).json.ready, 1);
      await page.goto(`${base}/console/jobs?state=ready&queue=befallen-2`);
      await row(page, 'befallen-2').waitFor();
      assert.equal(await page.locator('tbody tr').count(), 1);
      await page.goto(`${base}/console/jobs?state=completed&queue=no%2Fname`);
      await page.getByRole('alert').filter({ hasText: 'queue' }).waitFor({ timeout: 10_000 });
    });
  },
);

test('search: a key without the scope write is told why no job is found', options, () =>
  visit('/console/search?q=019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77', 'reader', (page) =>
    page.getByText('jobs are shown to keys with the scope write').waitFor(),
  ),
);

test('figures that take long: the page waits for them, and no refusal is printed', options, () =>
  visit('/console/queues', 'admin', async (page) => {
    const refused: number[] = [];
    page.on('response', (response) => {
      if (response.status() >= 400) refused.push(response.status());
    });
    await page.clock.install();
    for (const [view, path, waits] of [
      ['Usage', '**/v1/usage*', 'Counting…'],
      ['Report', '**/v1/report*', 'Looking through everything…'],
    ] as const) {
      let [asked, isReady] = [0, false];
      await page.route(path, async (route) => {
        asked++;
        if (isReady) await route.continue();
      });
      await page.getByRole('link', { name: view, exact: true }).click();
      await page.getByText(waits).waitFor();
      while (asked < 3) await page.clock.fastForward(4000);
      assert.equal(await page.getByRole('alert').count(), 0);
      isReady = true;
      await page.clock.fastForward(9000);
      await page.getByText(waits).waitFor({ state: 'detached' });
      await page.locator('section.panel').first().waitFor();
      await page.unroute(path);
    }
    assert.deepEqual(refused, []);
  }),
);

test(
  'media: the search leads to a content; an alias is released, a variant is removed',
  options,
  async () => {
    const [content, other] = await fillMedia(ask, 2);
    assert.ok(content && other);
    await ask('POST', '/queues/keyed/jobs', { job: 1, unique_key: content.identifier });
    await ask('POST', '/queues/naming/jobs', { job: { Alias: { alias: content.alias } } });
    await visit('/console/media', 'admin', async (page) => {
      const refused: string[] = [];
      page.on('response', (response) => {
        if (response.status() >= 400) refused.push(response.url());
      });
      await row(page, other.identifier).waitFor();
      await page.keyboard.press('/');
      await page.keyboard.type(content.alias);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: content.identifier }).waitFor();
      assert.equal(new URL(page.url()).search, `?hash=${content.hash}&alias=${content.alias}`);
      await page.getByText('"width": 640').waitFor();
      await row(page, content.alias).getByText('searched').waitFor();
      await row(page, 'searched').waitFor();
      assert.equal(await row(page, 'searched').count(), 1);
      for (const queue of ['keyed', 'naming']) {
        const [queued] = (await ask('GET', `/queues/${queue}/jobs`)).json.jobs;
        await page.getByRole('link', { name: queued.id }).waitFor();
      }

      const digest = content.hash.slice(0, 64);
      await button(page, 'Block…').click();
      await page.getByLabel(/^Reason/).fill('reported');
      await button(page, 'Block').click();
      await page.getByText('Uploads of these bytes are refused from now on.').waitFor();
      const blocked = (await ask('GET', `/blocked-hashes/${digest}/standing`)).json;
      assert.equal(blocked.contents.length, 1);
      await ask('DELETE', `/blocked-hashes/${digest}`);

      await button(page, 'Remove thumbnail/128/webp').click();
      await button(page, 'Remove').click();
      await page.getByText('No variant has been made.').or(row(page, 'thumbnail/512/webp')).waitFor();
      await row(page, 'thumbnail/128/webp').waitFor({ state: 'detached' });

      await button(page, `Release ${content.alias}`).click();
      await button(page, 'Release').click();
      await page.getByText(`${content.alias} is released.`).waitFor();
      assert.equal((await ask('GET', `/aliases/${content.alias}`)).status, 404);

      // What was searched before is gone, and what is typed replaces what is there.
      const box = page.getByRole('searchbox', { name: /Find an alias/ });
      assert.equal(await box.inputValue(), '');
      for (const text of ['nobody', 'grace']) {
        await page.locator('h1').click();
        await page.keyboard.press('/');
        await page.keyboard.type(text);
        await page.keyboard.press('Enter');
        if (text === 'nobody') await page.getByText('Nothing has this name').waitFor();
      }
      await page.getByRole('table', { name: 'Aliases of grace' }).waitFor();
      await button(page, 'Release everything of this owner…').click();
      await page.getByText('This takes 2 aliases, 2 contents, 2 variants, 4 files.').waitFor();
      await page.getByLabel(/^Type/).fill('grace');
      await button(page, 'Release').click();
      await page.getByRole('heading', { name: '4 files to delete' }).waitFor();
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Save the names' }).click(),
      ]);
      const names = (await readFile(await download.path(), 'utf8')).trim().split('\n');
      assert.deepEqual([names.length, names.includes(content.identifier)], [4, true]);
      await page.getByText('2 aliases of grace released, 4 files to delete.').waitFor();
      assert.equal((await ask('GET', `/hashes/${content.hash}`)).status, 404);
      // Browsers print each refusal as an error.
      assert.deepEqual(refused, []);
    });
  },
);

test('usage and report: the use of the disk; leftovers are removed after a dry run', options, async () => {
  const [content] = await fillMedia(ask, 1, 31);
  assert.ok(content);
  await ask('PUT', `/blocked-hashes/${content.hash.slice(0, 64)}`, { reason: 'reported' });
  // On a slow machine the service still has the report of a test before.
  await ask('GET', '/report?max_age=0');
  await visit('/console/usage', 'admin', async (page) => {
    await page.getByRole('link', { name: 'webp' }).click();
    await row(page, content.identifier).waitFor();
    await page.getByLabel('Aliases').selectOption('none');
    await row(page, content.identifier).waitFor({ state: 'detached' });
    assert.equal(new URL(page.url()).search, '?format=webp&aliases=none');
    await page.getByRole('link', { name: 'Usage' }).click();
    await page.getByRole('link', { name: 'By owner' }).click();
    await page.getByRole('link', { name: 'grace' }).waitFor();
    assert.equal(new URL(page.url()).search, '?by=owner');
    await page.getByRole('link', { name: 'Report' }).click();
    await button(page, 'Clean… Blocked contents').click();
    await page.getByText('This takes 1 alias, 1 content, 1 variant, 2 files.').waitFor();
    await button(page, 'Clean').click();
    await page.getByText('Cleaned; 2 files to delete.').waitFor();
    await page.getByRole('heading', { name: '2 files to delete' }).waitFor();
    await button(page, 'Close').click();
    await button(page, 'Clean… Blocked contents').waitFor({ state: 'detached' });
    assert.equal((await ask('GET', `/hashes/${content.hash}`)).status, 404);
    await ask('DELETE', `/blocked-hashes/${content.hash.slice(0, 64)}`);
  });
});

test('the page shows that the service is down, and tries again; a hidden page sends nothing', options, () =>
  visit('/console/queues', 'admin', async (page) => {
    await page.clock.install();
    await page.reload();
    await page.getByText('Live', { exact: true }).waitFor();
    // The list comes after the first answer, which tells what the key may do.
    await row(page, 'counted').waitFor();
    await page.route('**/v1/queues*', (route) => route.abort());
    await page.clock.fastForward(30_000);
    await page.getByText('Trying again').waitFor();
    await page.getByRole('alert').filter({ hasText: 'What you see was read before.' }).waitFor();
    await page.unroute('**/v1/queues*');
    await page.clock.fastForward(30_000);
    await page.getByText('Live', { exact: true }).waitFor();

    let asked = 0;
    page.on('request', () => asked++);
    await page.evaluate(`Object.defineProperty(document, 'hidden', { value: true, configurable: true })`);
    await page.clock.fastForward(60_000);
    const before = asked;
    await page.clock.fastForward(60_000);
    assert.equal(asked, before);
    const again = page.waitForRequest('**/v1/queues*');
    await page.evaluate(`delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))`);
    await again;
  }),
);

test('a hundred queues with long names fit a phone, a page at a time', options, async () => {
  const names = Array.from({ length: 100 }, (_, at) => `q${at}-${'long'.repeat(at % 50)}`);
  await Promise.all(names.map((name) => ask('POST', `/queues/${name}/jobs`, { job: 1 })));
  await visit(
    '/console/queues?search=q',
    'reader',
    async (page) => {
      await row(page, 'q0-').first().waitFor();
      assert.ok(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'));
      assert.equal(await page.locator('tbody tr').count(), 50);
      await page.getByRole('link', { name: 'Next →' }).click();
      await row(page, 'q99-').waitFor();
      assert.deepEqual(await faultsOf(page, undefined, '.pager'), []);
      await page.getByLabel('Find a queue').fill('q42-');
      await page.getByText(/^1 of \d+$/).waitFor();
      assert.equal(await page.locator('tbody tr').count(), 1);
    },
    { viewport: { width: 390, height: 800 }, axe: true },
  );
});

test('axe finds no fault in any view, by day and by night', options, async () => {
  if ('skip' in opened) return;
  // Few rows of each kind: axe looks at each element.
  const few = await startTestService({ PICT_REPO_KEYS });
  const askFew = asAdmin(few.ask);
  await fillQueues(askFew);
  await failDead('/queues/failing', 'no such file', askFew);
  const [content] = await fillMedia(askFew, 1);
  const { json } = await askFew('GET', '/queues/failing/jobs?state=dead');
  const views = [
    'queues',
    'queue?queue=failing&state=dead',
    'jobs?state=dead',
    `job?id=${json.jobs[0].id}`,
    'workers',
    'worker?worker=w',
    'media',
    'media?owner=grace',
    `content?hash=${content?.hash}`,
    'search?q=nothing',
    'usage',
    'report',
  ];
  await visitWith(
    opened.browser,
    few.base,
    '/',
    { refusals: true, key: 'admin', axe: true },
    async (page) => {
      for (const view of views) {
        await page.goto(`${few.base}/console/${view}`);
        await page.locator('h1').waitFor();
        await page.getByText('Live', { exact: true }).waitFor();
        await page.emulateMedia({ colorScheme: 'light' });
        assert.deepEqual(await faultsOf(page), [], view);
        await page.emulateMedia({ colorScheme: 'dark' });
        assert.deepEqual(await faultsOf(page, 'colours'), [], `${view} by night`);
      }
    },
  );
});
