import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { isRunning } from '../src/embedded-postgres/processes.js';
import { Results } from './runner/results.js';
import { TestProcess } from './runner/test-process.js';
import { until } from './support/until.js';

/** What is printed when the files of test/fixtures/runner are run, one after the other in few processes. */
async function run(names: string[], silenceMs = 60_000): Promise<{ said: string; hasFailed: boolean }> {
  const lines: string[] = [];
  const results = new Results((line) => lines.push(line));
  const waiting = names.map((name, at) => ({
    name,
    // A module is loaded once in a process, unless its address is another one.
    path: join(
      import.meta.dirname,
      'fixtures/runner',
      `${name}.js${names.indexOf(name) < at ? `?${at}` : ''}`,
    ),
  }));
  const { signal } = new AbortController();
  const options = { env: process.env, signal, silenceMs };
  while (waiting.length > 0) await new TestProcess(waiting, results, options).run();
  results.summarize(1);
  return { said: lines.join('\n'), hasFailed: results.hasFailed };
}

describe('the runner of the tests', { concurrency: true }, () => {
  // Two processes are enough for what several tests look at. Each failure is listed again at the end.
  const together = run(['fail', 'fine', 'leave', 'fine', 'crash', 'fine', 'broken']);

  test('a failure is reported with its error, also in a suite; skipped and to-do tests are no failures', async () => {
    const { said, hasFailed } = await together;
    assert.match(said, /\n\n✖ fail: fails\nAssertionError/);
    assert.match(said, /\n\n✖ fail: within\nAssertionError .*deep/);
    // Three failures of the first file, one of each that leaves or crashes, two of the one that cannot be loaded.
    assert.match(said, /\n4 passed, 7 failed, 1 skipped, 1 to do in 1\.0 s$/);
    assert.ok(hasFailed);
  });

  test('what a file leaves changed is reported, and its mocks and hooks do not affect the next', async () => {
    const { said } = await together;
    assert.match(
      said,
      /✖ leave leaves .*SIGHUP changed, process\.env\.LEFT changed\n✔ fine .*\n +✔ runs in a process as it was/,
    );
    assert.match(said, /\n\n✖ leave leaves /);
  });

  test('a process that crashes is reported with its test, and the files after it run', async () => {
    const { said } = await together;
    assert.match(said, /✖ crash: ended by SIGKILL; running: crashes\n✔ fine /);
    assert.match(said, /\n\n✖ crash: ended by SIGKILL/);
  });

  test('a test that blocks its process is reported by name, and the files after it run', async () => {
    const { said, hasFailed } = await run(['hang', 'fine'], 2000);
    assert.match(said, /✖ hang: reports nothing for 2 s; running: blocks/);
    assert.match(said, /\n1 passed, 1 failed in 1\.0 s$/);
    assert.ok(hasFailed);
  });

  test('an uncaught error is reported with its file, and the files after it run', async () => {
    const { said, hasFailed } = await run(['late', 'fine']);
    assert.match(
      said,
      /✖ late: an error that no test has caught: Error: too late[^✖]*running: runs meanwhile/,
    );
    assert.match(said, /✔ runs in a process as it was/);
    assert.ok(hasFailed);
  });

  test('a file that cannot be loaded fails the run', async () => {
    const { said } = await together;
    assert.match(said, /\n\n✖ broken: broken\.js\nError: cannot be loaded/);
  });

  test('a runner that is killed leaves no process behind, no PostgreSQL and no folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pict-repo-guarded-'));
    const postgres = spawn('sleep', ['600']);
    await mkdir(join(folder, 'postgres'));
    await writeFile(join(folder, 'postgres/postmaster.pid'), `${postgres.pid}\n`);
    const runner = spawn(process.execPath, [join(import.meta.dirname, 'support/runner-to-kill.js')], {
      env: { ...process.env, GUARDED: folder },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface(runner.stdout), 'line');
    const pids = Object.values(JSON.parse(line) as Record<string, number>);
    assert.ok(pids.length === 2 && pids.every(isRunning));
    runner.kill('SIGKILL');
    assert.deepEqual(await once(postgres, 'exit'), [null, 'SIGQUIT']);
    await until(() => !pids.some(isRunning) && !existsSync(folder));
  });

  test('a run in which all tests pass succeeds', async () => {
    const { said, hasFailed } = await run(['fine']);
    assert.match(said, /\n1 passed, 0 failed in 1\.0 s$/);
    assert.equal(hasFailed, false);
  });
});
