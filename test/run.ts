import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { connectionOptions } from '../src/database/connection.js';
import { migrateUp } from '../src/database/migrate.js';
import { guard } from './runner/guard.js';
import { Results } from './runner/results.js';
import { startServer, type TestServer } from './runner/server.js';
import { type TestFile, TestProcess } from './runner/test-process.js';

/**
 * `npm test`: a PostgreSQL (an embedded one in a temporary folder, or DATABASE_URL), a migrated template on
 * it, and a few processes that run the compiled test files. Arguments name test files or folders:
 * `npm test -- queue/pop repos`.
 */
const here = import.meta.dirname;
/** Some more than there are cores, as tests wait for timers, the database and other processes. */
const PROCESSES = availableParallelism() + 4;
/** A test that takes longer hangs, and fails by its name. */
const SILENCE_MS = 120_000;
/** The longest files begin first, those that wait beside those that compute. New files need not be here. */
const LONGEST = [
  'browser/console',
  'queue/oracle',
  'client/worker',
  'http/fuzz',
  'queue/replicas',
  'http/streams',
  'database/migrations',
  'client/worker-faults',
  'repos/media-oracle',
  'commands/commands',
  'http/health',
  'http/connections',
  'transfer/dry-run',
  'queue/lease-watch',
  'transfer/pict-rs',
  'examples/thumbnailer',
  'http/shutdown',
  'commands/export',
  'http/keys',
  'database/pool',
  'embedded-postgres/embedded',
  'repos/report',
  'repos/isolation',
  'database/schema',
  'config',
  'repos/uploads',
  'metrics/metrics',
  'commands/import',
  'repos/variant-claims',
  'repos/files',
  'repos/doomed',
  'queue/leases',
  'examples/migrate-store',
  'database/outage',
  'queue/push',
  'repos/hashes',
  'repos/gathered-reads',
  'client/limits',
  'transfer/repo-file',
  'queue/plans',
  'openapi/document',
  'database/odd-settings',
  'http/limits',
  'database/pgbouncer',
  'repos/alias-access',
  'queue/search',
  'database/driver',
];

/**
 * They drive a browser, which takes as long as dozens of other files: they run only if they are named, as
 * `npm run test:long` does. They have a process of their own, because once a browser was driven in it, Node follows
 * every promise there (tracking.ts).
 */
const isInBrowser = (name: string): boolean => name.startsWith('browser/');

const all = (await readdir(here, { recursive: true }))
  .filter((path) => path.endsWith('.test.js'))
  .map((path) => path.slice(0, -'.test.js'.length));
const args = process.argv.slice(2);
const isNamed = (name: string, arg: string): boolean => name === arg || name.startsWith(`${arg}/`);
const unknown = args.filter((arg) => !all.some((name) => isNamed(name, arg)));
if (unknown.length > 0) {
  console.error(`no such test file or folder: ${unknown.join(', ')}`);
  process.exit(2);
}
const wanted = all.filter((name) =>
  args.length > 0 ? args.some((arg) => isNamed(name, arg)) : !isInBrowser(name),
);
const names = [...new Set([...LONGEST.filter((name) => wanted.includes(name)), ...wanted])];

const folder = await mkdtemp(join(tmpdir(), 'pict-repo-test-'));
const endGuard = guard(folder);
const cluster = join(folder, 'cluster');
const given = process.env['DATABASE_URL'];
const server: TestServer = given ? { url: given, stop: async () => {} } : await startServer(cluster);

const template = `pict_repo_template_${process.pid}`;
const sql = postgres({ ...connectionOptions({ url: server.url, statementTimeoutSeconds: 0 }), max: 1 });
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
const results = new Results((line) => console.log(line));
try {
  if (!given) await hashPasswordAgain();
  await sql`create database ${sql(template)}`;
  await migrateUp({
    ...connectionOptions({ url: server.url, statementTimeoutSeconds: 0 }),
    database: template,
  });
  await runTests();
} finally {
  await sql`drop database if exists ${sql(template)} with (force)`.catch(() => {});
  await sql.end({ timeout: 5 });
  await server.stop();
  await rm(folder, { recursive: true, force: true });
  await endGuard();
}
results.summarize(performance.now() / 1000);
process.exit(results.hasFailed ? 1 : 0);

/** With one iteration: the usual 4096 would be computed for each of thousands of logins. */
async function hashPasswordAgain(): Promise<void> {
  const { username, password } = new URL(server.url);
  await sql.unsafe(`alter role ${username} password '${password}'`);
}

async function runTests(): Promise<void> {
  const { DATABASE_URL: _, ...env } = process.env;
  const options = {
    env: {
      ...env,
      TEST_SERVER_URL: server.url,
      TEST_TEMPLATE: template,
      TEST_FOLDER: folder,
      ...(!given && { TEST_CLUSTER: cluster }),
      ...(server.strategy && { TEST_STRATEGY: server.strategy }),
      ...(server.memory && { TEST_MEMORY: server.memory }),
    },
    signal: stop.signal,
    silenceMs: SILENCE_MS,
  };
  const toFile = (name: string) => ({ name, path: join(here, `${name}.test.js`) });
  const inBrowser = names.filter(isInBrowser).map(toFile);
  const others = names.filter((name) => !isInBrowser(name)).map(toFile);
  const run = async (waiting: TestFile[]): Promise<void> => {
    // A process that has crashed or hung is followed by another, for the files that are left.
    while (waiting.length > 0 && !stop.signal.aborted) {
      await new TestProcess(waiting, results, options).run();
    }
  };
  const count = Math.min(PROCESSES, others.length);
  await Promise.all([
    run(inBrowser).then(() => run(others)),
    ...Array.from({ length: count - 1 }, () => run(others)),
  ]);
  if (stop.signal.aborted) results.fail('stopped by a signal');
}
