import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLog } from '../../src/log.js';
import { atEnd } from '../support/cleanup.js';
import { createDatabase } from '../support/database.js';
import { connectRaw, JSON_TYPE, withBody } from '../support/raw-http.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

/** What operators and their tools read: the lines that a service writes to its log. */

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

interface Line {
  [name: string]: unknown;
}

function linesOf(log: string): Line[] {
  return log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

const database = await createDatabase();
const { sql } = database;
const folder = mkdtempSync(join(tmpdir(), 'pict-repo-log-'));
atEnd(async () => rmSync(folder, { recursive: true }));

/** A service that logs to a file, as `pict-repo serve` logs to its standard output. */
async function startLogged(format: 'json' | 'pino', env: Record<string, string>) {
  const file = join(folder, format);
  const fd = openSync(file, 'w');
  atEnd(async () => closeSync(fd));
  const log = await createLog({ level: 'info', format, output: { fd } });
  const service = await startTestService(env, database, log);
  return { ...service, log: () => readFileSync(file, 'utf8') };
}

test('a line for each request: time, level, bytes, address and trace', async () => {
  const service = await startLogged('json', { HOST: '127.0.0.1', SLOW_STATEMENT_MS: '0' });
  const ask = (
    id: string,
    path: string,
    { traceparent, ...init }: RequestInit & { traceparent?: string } = {},
  ) =>
    fetch(`${service.base}/v1${path}`, {
      ...init,
      headers: {
        'x-request-id': id,
        'content-type': 'application/json',
        ...(traceparent !== undefined && { traceparent }),
      },
    }).then(async (response) => (await response.arrayBuffer()).byteLength);
  const put = { method: 'PUT', body: JSON.stringify({ identifier: 'i' }) };
  const sent = {
    created: await ask('created', '/hashes/aa', { ...put, traceparent: `00-${TRACE}-${SPAN}-01` }),
    streamed: await ask('streamed', '/hashes/aa/aliases'),
    head: await ask('head', '/hashes/aa', { method: 'HEAD' }),
    missing: await ask('missing', '/hashes/bb?secret=1', { traceparent: `cc-${TRACE}-${SPAN}-01-later` }),
    empty: await ask('empty', '/hashes/aa', { method: 'DELETE' }),
  };
  const invalid = [
    `00-${TRACE}-${SPAN}-01-more`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}`,
    'x',
  ];
  for (const [n, traceparent] of invalid.entries()) await ask(`invalid${n}`, '/hashes/bb', { traceparent });
  // The client goes away while its pop waits.
  const gone = await connectRaw(service.base);
  gone.write(
    withBody('POST /v1/queues/q/pop HTTP/1.1', '{"worker_id":"w"}', JSON_TYPE, 'X-Request-Id: gone'),
  );
  await until(() => service.parked() === 1);
  gone.destroy();
  await until(() => service.log().includes('"gone"'));
  await service.close();

  const lines = linesOf(service.log());
  for (const { time, level } of lines) {
    assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.match(String(level), /^(info|warn)$/);
  }
  const line = (id: string): Line => lines.find(({ request_id }) => request_id === id) ?? {};
  for (const [id, bytes] of Object.entries(sent)) assert.equal(line(id)['bytes'], bytes, id);
  assert.ok(sent.created > 0 && sent.streamed > 0 && sent.missing > 0);
  const { time, pid, hostname, ms, bytes, ...created } = line('created');
  assert.ok(time && pid && hostname && bytes && Number(ms) > 0);
  assert.deepEqual(created, {
    level: 'info',
    request_id: 'created',
    method: 'PUT',
    path: '/v1/hashes/aa',
    operation: 'hashes.create',
    status: 201,
    remote: '127.0.0.1',
    trace_id: TRACE,
    parent_id: SPAN,
    msg: 'PUT /v1/hashes/aa 201',
  });
  assert.equal(line('missing')['trace_id'], TRACE, 'a later version');
  for (const n of invalid.keys())
    assert.ok(line(`invalid${n}`)['status'] && !('trace_id' in line(`invalid${n}`)));
  const { aborted, operation, status } = line('gone');
  assert.deepEqual([aborted, operation, status], [true, 'queue.pop', undefined]);
  assert.ok(!service.log().includes('secret'));
});

test('the form of pino, and a slow statement with its request but without values', async () => {
  const service = await startLogged('pino', { SLOW_STATEMENT_MS: '20' });
  const slow = () =>
    linesOf(service.log()).find(({ request_id, level }) => request_id === 'slow' && level === 40);
  await sql.begin(async (own) => {
    await own`lock table settings in access exclusive mode`;
    const answer = fetch(`${service.base}/v1/settings/secret-name`, { headers: { 'x-request-id': 'slow' } });
    // On another session: a transaction sees the activity of its first look.
    await until(async () => {
      const [row] = await sql`
        select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock' and clock_timestamp() - query_start > '30 ms'`;
      return row !== undefined;
    });
    assert.equal(slow(), undefined, 'it has not ended');
    answer.catch(() => {});
  });
  await until(() => slow() !== undefined);
  await service.close();
  const { time, ms, waited_ms, statement, operation, requests, error } = slow() ?? {};
  assert.equal(typeof time, 'number');
  assert.ok(Number(ms) >= 20 && Number(waited_ms) < Number(ms));
  assert.deepEqual([operation, requests, error], ['settings.get', 1, undefined]);
  assert.match(String(statement), /^select .*from settings/);
  assert.ok(!String(statement).includes('secret'));
});
