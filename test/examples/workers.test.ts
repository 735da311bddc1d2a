import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../support/cleanup.js';
import { testKey } from '../support/keys.js';
import { listen } from '../support/listen.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

/** The workers of docs/workers.md, run as they stand there. */

const text = readFileSync(new URL('../../../docs/workers.md', import.meta.url), 'utf8');
const blockOf = (language: string) =>
  text.match(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms'))?.[1] ?? assert.fail(language);

const key = testKey('worker', 'admin');
const { base, ask: askBare } = await startTestService({ PICT_REPO_KEYS: key.line });
const ask = (method: string, path: string, body?: object) =>
  askBare(method, path, body, { headers: { authorization: `Bearer ${key.key}` } });

const missing = (...programs: string[]) =>
  programs.filter((program) => spawnSync(program, ['--version']).status !== 0);

const WORKERS = {
  python: { needs: ['python3'], command: (queue: string) => ['python3', '-c', blockOf('python'), queue] },
  shell: {
    needs: ['curl', 'jq'],
    command: (queue: string) => [
      ...['sh', '-c', blockOf('sh'), 'worker.sh', queue],
      ...['jq', '-re', 'if .source then "did " + .source else error("no source") end'],
    ],
  },
};

for (const [name, { needs, command }] of Object.entries(WORKERS)) {
  const absent = missing(...needs);
  const skip = absent.length > 0 && `${absent.join(' and ')} is missing`;
  test(`${name}: jobs are done and completed, a failure has its text, a stop ends after the job`, {
    skip,
  }, async () => {
    const queue = `${name} of "docs"`;
    const path = `/queues/${encodeURIComponent(queue)}`;
    const [program = '', ...args] = command(queue);
    const env = { ...process.env, PICT_REPO_URL: base, PICT_REPO_KEY: key.key };
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    atEnd(async () => void child.kill('SIGKILL'));
    let output = '';
    child.stdout.on('data', (bytes) => (output += bytes));
    child.stderr.on('data', (bytes) => (output += bytes));

    await ask('POST', `${path}/jobs/batch`, {
      jobs: [{ job: { source: 'a' } }, { job: { target: 'b' }, max_attempts: 1 }, { job: { source: 'c' } }],
    });
    await until(async () => {
      const { json } = await ask('GET', path);
      return json.dead === 1 && json.ready + json.running + json.scheduled === 0;
    });
    assert.match(output, /did a\n(.|\n)*did c\n/);
    const { json } = await ask('GET', `${path}/jobs?state=dead`);
    assert.match(json.jobs[0].last_error, /source/);

    // What the poll gets that waits at the stop is still done.
    await until(async () => (await ask('GET', path)).json.parked === 1);
    const ended = once(child, 'close');
    child.kill('SIGTERM');
    await ask('POST', `${path}/jobs`, { job: { source: 'last' } });
    assert.deepEqual(await ended, [0, null], output);
    assert.match(output, /did last/);
    assert.equal((await ask('GET', path)).json.running, 0);
  });
}

test('shell: a completion and a heartbeat are repeated until there is an answer, a pop with its key', {
  skip: missing(...WORKERS.shell.needs).length > 0 && 'curl or jq is missing',
}, async () => {
  const asked: Record<string, number> = {};
  const keys: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (bytes) => (body += bytes));
    request.on('end', () => {
      const what = request.url?.split('/').at(-1) ?? '';
      asked[what] = (asked[what] ?? 0) + 1;
      if (what === 'pop') keys.push(JSON.parse(body).idempotency_key);
      // More often than curl repeats a request by itself with --retry 5.
      const isAway = asked[what] <= (what === 'pop' ? 2 : 6);
      const jobs = keys.length === 3 ? [{ lease: 'a', lease_seconds: 3, job: { source: 'a' } }] : [];
      response.writeHead(isAway ? 503 : 200, { 'retry-after': '1', connection: 'close' });
      response.end(JSON.stringify(isAway ? {} : { jobs }));
    });
  });
  const port = await listen(server);
  atEnd(async () => void server.close());
  // A short sleep is enough for a test.
  const folder = mkdtempSync(join(tmpdir(), 'worker-'));
  atEnd(async () => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'sleep'), '#!/bin/sh\nexec /bin/sleep 0.05\n', { mode: 0o755 });
  const env = {
    ...process.env,
    PATH: `${folder}:${process.env['PATH']}`,
    PICT_REPO_URL: `http://127.0.0.1:${port}`,
  };
  const go = join(folder, 'go');
  const job = ['sh', '-c', 'until [ -e "$0" ]; do sleep 1; done', go];
  const args = ['-c', blockOf('sh'), 'worker.sh', 'away', ...job];
  const child = spawn('sh', args, { env, stdio: 'ignore' });
  atEnd(async () => void child.kill('SIGKILL'));
  const ended = once(child, 'close');
  await until(async () => (asked['heartbeat'] ?? 0) > 7);
  writeFileSync(go, '');
  await until(async () => keys.length > 3);
  child.kill('SIGTERM');
  await ended;
  assert.equal(asked['complete'], 7);
  assert.deepEqual([keys[0] === keys[1], keys[1] === keys[2], keys[2] === keys[3]], [true, true, false]);
});
