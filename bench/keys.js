import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createKey, SCOPES } from '../dist/src/keys.js';
import { quantile, table } from './support/figures.js';
import { query, startPostgres } from './support/postgres.js';
import { runBenchmark } from './support/program.js';

// Whether anything gets past the keys, and whether the time of a refusal tells why: README.md says more.
const { values } = parseArgs({
  options: { requests: { type: 'string', default: '100000' }, clients: { type: 'string', default: '16' } },
});
const requests = Number(values.requests);
const clients = Number(values.clients);

await runBenchmark(async ({ processes, keep }) => {
  const postgres = await startPostgres(keep);
  const url = await postgres.database('bench_keys');
  const folder = await mkdtemp(join(tmpdir(), 'pict-repo-bench-keys-'));
  keep(() => rm(folder, { recursive: true }));
  const file = join(folder, 'keys');
  const [read, write, admin] = SCOPES.map((scope) => createKey(scope, scope));
  const old = createKey('old', 'admin');
  const save = (/** @type {{ line: string }[]} */ ...keys) =>
    writeFile(file, keys.map(({ line }) => line).join('\n'));
  await save(old, read, write, admin);
  const port = await processes.server(
    '../dist/src/main.js',
    {
      DATABASE_URL: url,
      PICT_REPO_KEYS_FILE: file,
      LOG_LEVEL: 'error',
    },
    ['serve'],
  );
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  keep(async () => agent.destroy());

  const operations = await operationsOf();
  const someRead = { method: 'GET', path: '/v1/queues', scope: 'read' };
  if ((await ask(port, agent, someRead, old.key)).status !== 200)
    throw new Error('the old key is not let in');
  await save(read, write, admin);
  processes.signal(port, 'SIGHUP');
  for (let tries = 0; (await ask(port, agent, someRead, old.key)).status !== 401; tries++) {
    if (tries > 1000) throw new Error('the old key is not rotated away');
  }

  const kinds = kindsOf(operations, { read, write, old });
  /** @type {Map<string, { times: number[], statuses: Map<number, number>, through: number }>} */
  const results = new Map(kinds.map(({ name }) => [name, { times: [], statuses: new Map(), through: 0 }]));
  let next = 0;
  await Promise.all(Array.from({ length: clients }, client));

  /** The kinds in turn, each through all operations that it must not get into. */
  async function client() {
    while (next < requests) {
      const at = next++;
      const kind = kinds[at % kinds.length];
      const operation = kind.operations[Math.floor(at / kinds.length) % kind.operations.length];
      const { status, milliseconds } = await ask(port, agent, operation, kind.key(at));
      const result = results.get(kind.name);
      result.times.push(milliseconds);
      result.statuses.set(status, (result.statuses.get(status) ?? 0) + 1);
      if (status !== kind.status) result.through++;
    }
  }

  const rows = [...results].map(([name, { times, statuses, through }]) => [
    name,
    String(times.length),
    [...statuses].map(([status, count]) => `${count} × ${status}`).join(', '),
    String(through),
    ...[0.5, 0.9, 0.99, 0.999].map((share) => quantile(times, share).toFixed(2)),
  ]);
  console.log(
    table(['key', 'requests', 'answers', 'through', 'p50 ms', 'p90 ms', 'p99 ms', 'p99.9 ms'], rows),
  );
  const [{ count }] = await query(
    url,
    `select (select count(*) from hashes) + (select count(*) from settings) + (select count(*) from jobs) as count`,
  );
  console.log(`Rows that the requests made: ${count}.`);
  const through = [...results.values()].reduce((sum, result) => sum + result.through, 0);
  if (through > 0 || Number(count) > 0) throw new Error('something got through');
});

/** @typedef {{ method: string, path: string, scope: string, body?: string }} Operation */

/**
 * @param {Operation[]} operations
 * @param {Record<'read' | 'write' | 'old', { key: string }>} keys
 */
function kindsOf(operations, { read, write, old }) {
  const above = (/** @type {string} */ scope) =>
    operations.filter((one) => SCOPES.indexOf(one.scope) > SCOPES.indexOf(scope));
  const wrong = Array.from({ length: 1000 }, () => createKey('wrong', 'admin').key);
  return [
    { name: 'missing', status: 401, operations, key: () => undefined },
    { name: 'wrong', status: 401, operations, key: (/** @type {number} */ at) => wrong[at % wrong.length] },
    { name: 'all but its last letter', status: 401, operations, key: () => write.key.slice(0, -1) },
    { name: 'rotated away', status: 401, operations, key: () => old.key },
    { name: 'for read, asks for more', status: 403, operations: above('read'), key: () => read.key },
    { name: 'for write, asks for more', status: 403, operations: above('write'), key: () => write.key },
  ];
}

/** All of the document. What makes something has a body that would do so. @returns {Promise<Operation[]>} */
async function operationsOf() {
  const document = JSON.parse(await readFile(join(import.meta.dirname, '../openapi/openapi.json'), 'utf8'));
  /** @type {Record<string, string>} */
  const bodies = {
    'hashes.create': '{"identifier":"i"}',
    'queue.push': '{"job":{}}',
    'queue.pushMany': '{"jobs":[{"job":{}}]}',
    'settings.set': 'x',
  };
  return Object.entries(document.paths).flatMap(([path, byMethod]) =>
    Object.entries(byMethod).map(([method, { operationId, security }]) => ({
      method: method.toUpperCase(),
      path: path.replace(/\{\w+\}/g, 'aa'),
      scope: security[0].bearer[0],
      body: bodies[operationId],
    })),
  );
}

/**
 * @param {number} port @param {Agent} agent @param {Operation} operation @param {string} [key]
 * @returns {Promise<{ status: number, milliseconds: number }>}
 */
function ask(port, agent, { method, path, body }, key) {
  return new Promise((resolve, reject) => {
    const from = performance.now();
    const headers = {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    request({ host: '127.0.0.1', port, agent, method, path, headers }, (response) => {
      response.resume().once('end', () => {
        resolve({ status: response.statusCode ?? 0, milliseconds: performance.now() - from });
      });
    })
      .once('error', reject)
      .end(body);
  });
}
