import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { confirm } from '../../src/commands/confirm.js';
import { connectionOptions } from '../../src/database/connection.js';
import { previewDown } from '../../src/database/down-preview.js';
import { knownMigrations, migrateDown } from '../../src/database/migrate.js';
import { version } from '../../src/version.js';
import { createDatabase } from '../support/database.js';
import { callInThread, type Outcome } from '../support/thread.js';

/** The programs as they are called: what they take, and that nothing is removed that was not meant. */

const run = promisify(execFile);
const MAIN = 'main.js';
/** Nobody has made it, and nobody may: it shows that no cluster was made. */
const NOWHERE = join(process.env['TEST_FOLDER'] ?? '', 'nowhere');

const call = (args: readonly string[], env: Record<string, string> = {}, file = MAIN): Promise<Outcome> =>
  callInThread(join('src', file), args, { PICT_REPO_DATA_DIR: NOWHERE, LOG_LEVEL: 'warn', ...env });

const COMMANDS = ['serve', 'migrate', 'key', 'import', 'export', 'report', 'healthcheck'];

describe('programs', { concurrency: 2 }, () => {
  for (const [line, said] of [
    ['', /^Usage: pict-repo COMMAND[\s\S]*Exit codes: /],
    ['help serv', /^There is no command "serv"\. Did you mean "serve"\?\n/],
    ['mirgate down', /^There is no command "mirgate"\. Did you mean "migrate"\?\n/],
    ['toString', /^There is no command "toString"\.\n/],
    ['--prot=3000', /^There is no option "--prot=3000"\.\n/],
    ['--verison', /^There is no option "--verison"\. Did you mean "--version"\?\n/],
    ['serve anything', /argument/],
    ['serve --port=3000', /^There is no option "--port"\.\n/],
    ['healthcheck --url=x', /^There is no option "--url"/],
    ['migrate dwon', /^There is no direction "dwon"\. Did you mean "down"\?\n/],
    ['migrate down --yess', /^There is no option "--yess"\. Did you mean "--yes"\?\n/],
    ['migrate up all', /does not take/],
    ['migrate up --yes', /does not take/],
    ['migrate down 00001-hashes.js', /does not take/],
    ['migrate down --yes --yes', /twice/],
    ['migrate down --yes=true', /yes/],
    ['key worker --scope write', /argument/],
    ['key --name a --name b --scope read', /twice/],
    ['key --name a --scope', /scope/],
    ['key --name a --scope root', /scope/],
  ] as const) {
    test(`pict-repo ${line}: refused with the usage and exit code 2, and nothing is started`, async () => {
      const { code, stdout, stderr } = await call(line.split(' ').filter(Boolean));
      assert.equal(code, 2, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, said);
      assert.match(stderr, /(^|\n\n)Usage: pict-repo /);
      assert.doesNotMatch(stderr, /\n\s+at /);
      assert.ok(!existsSync(NOWHERE));
    });
  }

  for (const [file, args] of [
    ['commands/docs.js', ['elsewhere.md']],
    ['commands/openapi.js', ['--output', 'elsewhere.json']],
    [MAIN, ['migrate', '']],
    [MAIN, ['key', '--name', 'a', '--scope', 'read', '--expires', ' ']],
  ] as const) {
    test(`${file} ${JSON.stringify(args)}: refused with exit code 2`, async () => {
      const { code, stdout, stderr } = await call(args, {}, file);
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, /\n\nUsage: /);
    });
  }

  test('--help and --version answer before anything is started, whatever else is said', async () => {
    const env = { PORT: 'wrong' };
    const all = await call(['--help'], env);
    assert.equal(all.code, 0, all.stderr);
    for (const name of COMMANDS) assert.match(all.stdout, new RegExp(`^  ${name} `, 'm'));
    for (const args of [['--version'], ['serve', '--version'], ['migrate', 'anything', '--version']]) {
      const { code, stdout } = await call(args, env);
      assert.deepEqual([code, stdout], [0, `${version}\n`]);
    }
    for (const name of COMMANDS) {
      const { code, stdout, stderr } = await call([name, 'anything', '--help'], env);
      assert.equal(code, 0, stderr);
      assert.match(stdout, new RegExp(`^Usage: pict-repo ${name}\\b`));
      assert.equal((await call(['help', name], env)).stdout, stdout);
    }
    assert.ok(!existsSync(NOWHERE));
  });

  test('migrate down: without --yes it lists what would be deleted, and changes nothing', async () => {
    const { url, sql } = await createDatabase();
    const named = new URL(url);
    await sql`insert into hashes (hash, identifier) values ('\\x01', 'a'), ('\\x02', 'b')`;
    await sql`insert into jobs (queue, job) values ('q', '1')`;
    const applied = await sql<{ name: string }[]>`select name from migrations order by name`;

    const { code, stdout, stderr } = await call(['migrate', 'down', 'all'], { DATABASE_URL: url });
    assert.equal(code, 1, stdout);
    assert.ok(stderr.includes(`"${named.pathname.slice(1)}" at ${named.host}\n`), stderr);
    for (const { name } of applied) assert.ok(stderr.includes(`\n  ${name}\n`), stderr);
    for (const line of ['hashes: 2 rows', 'jobs: 1 row']) assert.ok(stderr.includes(`\n  ${line}\n`), stderr);
    assert.ok(stderr.includes('--yes') && !(named.password && stderr.includes(named.password)), stderr);
    assert.deepEqual(await sql`select name from migrations order by name`, applied);
    assert.equal((await sql`select from hashes`).length, 2);

    const one = await call(['migrate', 'down'], { DATABASE_URL: url });
    assert.match(one.stderr, /tables:\n {2}\w|changes no table\.\n/, 'a list without lines says nothing');

    const newest = applied.at(-1)?.name ?? '';
    const done = await call(['migrate', 'down', '--yes'], { DATABASE_URL: url });
    assert.deepEqual([done.code, done.stdout], [0, `down ${newest}\n`]);
  });

  test('migrate down: does not create an embedded database', async () => {
    const { code, stderr } = await call(['migrate', 'down', 'all', '--yes']);
    assert.equal(code, 1);
    assert.equal(stderr, `There is no database in ${NOWHERE}.\n`);
    assert.ok(!existsSync(NOWHERE));
  });
});

test('migrate down: names the tables of the newest migration only, or of all', async () => {
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

test('only "yes" confirms, and without a terminal nobody is asked', async () => {
  const ask = (typed: string, isTTY = true): Promise<boolean | undefined> => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    input.end(typed);
    return confirm('This deletes all.', {
      input: Object.assign(input, { isTTY }),
      output: Object.assign(output, { isTTY }),
    });
  };
  assert.deepEqual(
    [await ask('yes\n'), await ask(' YES \n'), await ask('y\n'), await ask('\n'), await ask('')],
    [true, true, false, false, false],
  );
  assert.equal(await ask('yes\n', false), undefined);
});

test('the package has what the program reads, and neither tests nor what only developers need', async () => {
  const root = join(import.meta.dirname, '../../..');
  const options = { cwd: root, env: { PATH: process.env['PATH'], npm_config_loglevel: 'error' } };
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], options);
  const [{ files }]: [{ files: { path: string; mode: number }[] }] = JSON.parse(stdout);
  const paths = files.map(({ path }) => path);
  const { bin } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const needed = [bin['pict-repo'], 'LICENSE', 'README.md', 'dist/pages/console.js'];
  for (const name of await knownMigrations()) needed.push(`migrations/${name}`);
  const pages = await readdir(join(root, 'pages'), { withFileTypes: true });
  for (const page of pages)
    if (page.isFile() && page.name !== 'tsconfig.json') needed.push(`pages/${page.name}`);
  for (const path of needed) assert.ok(paths.includes(path), path);
  assert.deepEqual(
    paths.filter((path) =>
      /^(dist\/(?!src\/|pages\/)|pages\/console\/|test|bench|client|examples|secrets|data)|\.map$/.test(path),
    ),
    [],
  );
  const [firstLine] = (await readFile(join(root, bin['pict-repo']), 'utf8')).split('\n');
  assert.equal(firstLine, '#!/usr/bin/env node');
});
