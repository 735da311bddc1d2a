import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { connectionOptions } from '../../src/database/connection.js';
import { previewDown } from '../../src/database/down-preview.js';
import { knownMigrations, migrateDown } from '../../src/database/migrate.js';
import { version } from '../../src/version.js';
import { createDatabase } from '../support/database.js';

/** The programs as they are called: what they take, and that nothing is removed that was not meant. */

const run = promisify(execFile);
const PROGRAMS = {
  service: 'main.js',
  migrate: 'commands/migrate.js',
  key: 'commands/key.js',
  docs: 'commands/docs.js',
  openapi: 'commands/openapi.js',
};
/** Nobody has made it, and nobody may: it shows that no cluster was made. */
const NOWHERE = join(process.env['TEST_FOLDER'] ?? '', 'nowhere');

interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

async function call(
  program: keyof typeof PROGRAMS,
  args: string[],
  env: Record<string, string> = {},
): Promise<Outcome> {
  const file = join(import.meta.dirname, '../../src', PROGRAMS[program]);
  const options = { env: { PICT_REPO_DATA_DIR: NOWHERE, LOG_LEVEL: 'warn', ...env }, timeout: 30_000 };
  return run(process.execPath, [file, ...args], options).then(
    (output) => ({ code: 0, ...output }),
    (failure: Outcome) => failure,
  );
}

describe('programs', { concurrency: 2 }, () => {
  for (const [program, args] of [
    ['service', ['anything']],
    ['service', ['--port=3000']],
    ['migrate', ['dwon']],
    ['migrate', ['up', 'all']],
    ['migrate', ['up', '--yes']],
    ['migrate', ['down', '00001-hashes.js']],
    ['migrate', ['down', '--force']],
    ['migrate', ['']],
    ['migrate', ['down', '--yes', '--yes']],
    ['migrate', ['down', '--yes=true']],
    ['key', ['worker', '--scope', 'write']],
    ['key', ['--name', 'a', '--name', 'b', '--scope', 'read']],
    ['key', ['--name', 'a', '--scope']],
    ['key', ['--name', 'a', '--scope', 'root']],
    ['key', ['--name', 'a', '--scope', 'read', '--expires', ' ']],
    ['docs', ['elsewhere.md']],
    ['openapi', ['--output', 'elsewhere.json']],
  ] as const) {
    test(`${program} ${args.join(' ')}: refused with the usage and exit code 2, and nothing is started`, async () => {
      const { code, stdout, stderr } = await call(program, [...args]);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, /\n\nUsage: .*(main\.js|migrate|key|docs|openapi)\b/);
      assert.doesNotMatch(stderr, /\n\s+at /);
      assert.ok(!existsSync(NOWHERE));
    });
  }

  for (const program of ['service', 'migrate', 'key'] as const) {
    test(`${program}: --help and --version answer, whatever else is said, and start nothing`, async () => {
      const env = { PORT: 'wrong' };
      const help = await call(program, ['anything', '--help'], env);
      assert.equal(help.code, 0, help.stderr);
      assert.match(help.stdout, /^Usage: /);
      const { code, stdout } = await call(program, ['--version'], env);
      assert.deepEqual([code, stdout], [0, `${version}\n`]);
      assert.ok(!existsSync(NOWHERE));
    });
  }

  test('migrate down: without --yes it says what would be lost, and changes nothing', async () => {
    const { url, sql } = await createDatabase();
    const named = new URL(url);
    await sql`insert into hashes (hash, identifier) values ('\\x01', 'a'), ('\\x02', 'b')`;
    await sql`insert into jobs (queue, job) values ('q', '1')`;
    const applied = await sql<{ name: string }[]>`select name from migrations order by name`;

    const { code, stdout, stderr } = await call('migrate', ['down', 'all'], { DATABASE_URL: url });
    assert.equal(code, 1, stdout);
    assert.ok(stderr.includes(`"${named.pathname.slice(1)}" at ${named.host}\n`), stderr);
    for (const { name } of applied) assert.ok(stderr.includes(`\n  ${name}\n`), stderr);
    for (const line of ['hashes: 2 rows', 'jobs: 1 row']) assert.ok(stderr.includes(`\n  ${line}\n`), stderr);
    assert.ok(stderr.includes('--yes') && !(named.password && stderr.includes(named.password)), stderr);
    assert.deepEqual(await sql`select name from migrations order by name`, applied);
    assert.equal((await sql`select from hashes`).length, 2);

    const newest = applied.at(-1)?.name ?? '';
    const done = await call('migrate', ['down', '--yes'], { DATABASE_URL: url });
    assert.deepEqual([done.code, done.stdout], [0, `down ${newest}\n`]);
  });

  test('migrate down: where there is no embedded database, none is made', async () => {
    const { code, stderr } = await call('migrate', ['down', 'all', '--yes']);
    assert.equal(code, 1);
    assert.equal(stderr, `There is no database in ${NOWHERE}.\n`);
    assert.ok(!existsSync(NOWHERE));
  });
});

test('what is lost with a migration are the tables that it takes back, of the newest only, or of all', async () => {
  const { url } = await createDatabase();
  const connection = connectionOptions({ url, statementTimeoutSeconds: 0 });
  const newest = await previewDown(connection, false);
  const all = await previewDown(connection, true);
  assert.equal(newest.migrations.length, 1);
  assert.deepEqual(all.migrations, (await knownMigrations()).toReversed());
  assert.ok(all.tables.some(({ name }) => name === 'settings'));
  assert.ok(!newest.tables.some(({ name }) => name === 'settings'));
  await migrateDown(connection, true);
  assert.deepEqual(await previewDown(connection, true), { migrations: [], tables: [] });
});
