import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { atEnd } from '../support/cleanup.js';
import { listen } from '../support/listen.js';
import { callInThread } from '../support/thread.js';

/** The report as the command prints it. */

const call = (args: string[], env: Record<string, string> = {}) =>
  callInThread('src/main.js', ['report', ...args], env);

test('the report is requested again while it is being made; then samples and requests are shown', async () => {
  const clean = { method: 'POST', path: '/v1/report/clean', body: { kind: 'x', dry_run: true } };
  const finding = {
    kind: 'x',
    description: 'What is x.',
    count: 1234,
    complete: false,
    samples: [{ a: 1 }],
    clean,
  };
  const answers = [
    [503, { code: 'figures_not_ready', detail: 'not yet' }],
    [
      200,
      {
        as_of: '2026-01-01T00:00:00Z',
        findings: [finding],
        oldest_access: { alias: { alias: 'a' }, variant: null },
      },
    ],
    [200, { no: 'report' }],
  ] as const;
  const keys: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const [status, body] = answers[keys.length] ?? [
      404,
      { code: 'route_not_found', detail: 'There is none.' },
    ];
    keys.push(request.headers.authorization);
    response
      .writeHead(status, { 'content-type': 'application/json', 'retry-after': '0.01' })
      .end(JSON.stringify(body));
  });
  const port = await listen(server);
  atEnd(async () => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${port}`;
  const folder = await mkdtemp(join(tmpdir(), 'pict-repo-report-'));
  atEnd(() => rm(folder, { recursive: true }));
  const file = join(folder, 'key');
  await writeFile(file, 'pictrepo_x\n');
  const { stdout, stderr } = await call(['--url', `${url}/`, '--key-file', file]);
  assert.equal(
    stdout,
    'As of 2026-01-01T00:00:00Z\n\nx: at least 1,234\n  What is x.\n    {"a":1}\n' +
      '  To clean: POST /v1/report/clean {"kind":"x","dry_run":true}\n\nOldest access of an alias: {"alias":"a"}\n',
    stderr,
  );
  const other = await call(['--url', url]);
  assert.deepEqual([other.code, other.stderr], [1, `${url}/v1/report answers 200\n`]);
  const none = await call([], { PORT: url.split(':').at(-1) ?? '' });
  assert.deepEqual(
    [none.code, none.stderr],
    [1, `${url}/v1/report answers 404 route_not_found: There is none.\n`],
  );
  assert.deepEqual(keys, ['Bearer pictrepo_x', 'Bearer pictrepo_x', undefined, undefined]);
  const nobody = await call(['--url', 'http://127.0.0.1:9']);
  assert.match(nobody.stderr, /^http:\/\/127\.0\.0\.1:9 does not answer: /);
  const wrong = await call(['--url', 'nowhere']);
  assert.deepEqual([wrong.code, wrong.stderr.includes('--url must be')], [2, true]);
});
