import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { newPage, openBrowser } from '../support/browser.js';
import { atEnd } from '../support/cleanup.js';
import { listen } from '../support/listen.js';
import { startTestService } from '../support/service.js';
import { visit } from '../support/visit.js';

const opened = await openBrowser();
const options = 'skip' in opened ? { skip: opened.skip } : {};

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

    await visit(opened.browser, open.base, '/console/queue?queue=kept', {}, async (own) => {
      await own.getByRole('button', { name: 'Pause' }).click();
      await own.getByRole('button', { name: 'Resume' }).waitFor();
    });
    assert.equal((await open.ask('GET', '/queues/kept')).json.paused, true);
  },
);
