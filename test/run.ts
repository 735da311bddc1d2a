import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { connectionOptions } from '../src/database/connection.js';
import { startEmbedded } from '../src/database/embedded/index.js';
import { migrateUp } from '../src/database/migrate.js';

/**
 * `npm test`: a PostgreSQL (an embedded one in a temporary folder, or DATABASE_URL), a migrated template on
 * it, and node's test runner over the compiled tests. Arguments name test files: `npm test -- queue proxies`.
 */
const here = import.meta.dirname;
/** What takes longer hangs, and fails by its name: node 20 and 22 end the file, later ones the test. */
const TEST_TIMEOUT_MS = 300_000;
/** For what not even that ends, such as a file of passed tests that leaves something open. */
const RUN_TIMEOUT_MS = 1_500_000;
const wanted = process.argv.slice(2);
const files = (await readdir(here))
  .filter((name) => name.endsWith('.test.js'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name === `${part}.test.js`))
  .map((name) => join(here, name));

const folder = await mkdtemp(join(tmpdir(), 'pict-repo-test-'));
// As root, PostgreSQL runs as another user, who must be able to enter.
await chmod(folder, 0o711);
const silent = { info: () => {}, warn: () => {} };
const given = process.env['DATABASE_URL'];
const server = given
  ? { url: given, stop: async () => {} }
  : await startEmbedded({
      dataDir: folder,
      log: silent,
      // A test database is thrown away: no crash of the machine has to be survived.
      settings: { fsync: 'off', max_connections: '300' },
    });

const template = `pict_repo_template_${process.pid}`;
const sql = postgres({ ...connectionOptions({ url: server.url, statementTimeoutSeconds: 0 }), max: 1 });
let exitCode = 1;
try {
  await sql`create database ${sql(template)}`;
  await migrateUp({
    ...connectionOptions({ url: server.url, statementTimeoutSeconds: 0 }),
    database: template,
  });
  exitCode = await runTests();
} finally {
  await sql`drop database if exists ${sql(template)} with (force)`.catch(() => {});
  await sql.end({ timeout: 5 });
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
process.exit(exitCode);

function runTests(): Promise<number> {
  const { DATABASE_URL: _, ...env } = process.env;
  const tests = spawn(
    process.execPath,
    [
      '--enable-source-maps',
      '--test',
      `--test-concurrency=${Math.max(2, availableParallelism())}`,
      `--test-timeout=${TEST_TIMEOUT_MS}`,
      '--test-reporter=spec',
      ...files,
    ],
    {
      stdio: 'inherit',
      timeout: RUN_TIMEOUT_MS,
      env: { ...env, TEST_SERVER_URL: server.url, TEST_TEMPLATE: template, TEST_FOLDER: folder },
    },
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => tests.kill(signal));
  return new Promise((resolve) => tests.on('exit', (code) => resolve(code ?? 1)));
}
