import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { atEnd } from '../support/cleanup.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { createPictRs } from '../support/pict-rs.js';
import { startCommand } from '../support/program.js';
import { callInThread } from '../support/thread.js';
import { until } from '../support/until.js';

/** The command, as it is called: its output, its exit codes, and signals. */

const call = (args: string[], url: string) =>
  callInThread('src/main.js', args, { DATABASE_URL: url, LOG_LEVEL: 'warn' });

describe('import of a pict-rs', () => {
  let source: TestDatabase;
  before(async () => {
    source = await createDatabase({ empty: true });
    await createPictRs(source.sql, { hashes: 10, isDamaged: true });
  });

  test('exits with 3 if something was left behind, and writes all of it to a file that only its owner may read', async () => {
    const { url } = await createDatabase({ empty: true });
    const folder = await mkdtemp(join(tmpdir(), 'pict-repo-import-'));
    atEnd(() => rm(folder, { recursive: true }));
    const file = join(folder, 'left.ndjson');
    const { code, stdout, stderr } = await startCommand(['import', source.url, '--left-behind', file], url)
      .ended;
    assert.equal(code, 3, stderr);
    assert.match(stdout, /^hashes +13 +10 +0 +0 +3$/m);
    assert.match(stdout, /^aliases: left behind, because .*\(1\):\n {2}orphan\.png$/m);
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    const records: Record<string, unknown>[] = lines.map((line) => JSON.parse(line));
    assert.equal(records.filter(({ left_behind }) => left_behind !== undefined).length, 15);
    assert.equal(records.filter(({ repaired }) => repaired === 'aliases').length, 1);
    assert.equal((await stat(file)).mode & 0o077, 0);
    const progress: Record<string, unknown>[] = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.ok(
      progress.every(({ stage, rows }) => typeof stage === 'string' && typeof rows === 'number'),
      stderr,
    );
  });

  test('a list of what is left behind never replaces a file that is to be read', async () => {
    const { url } = await createDatabase();
    const folder = await mkdtemp(join(tmpdir(), 'pict-repo-import-'));
    atEnd(() => rm(folder, { recursive: true }));
    const [file, link] = [join(folder, 'file'), join(folder, 'link')];
    await writeFile(file, 'precious');
    await symlink(file, link);
    for (const args of [[file], [source.url, '--password-file', file]]) {
      const { code, stderr } = await call(['import', ...args, '--left-behind', link], url);
      assert.equal(code, 1);
      assert.match(stderr, /^--left-behind would replace .*file, which is to be read\.\n$/);
    }
    assert.equal(await readFile(file, 'utf8'), 'precious');
  });

  test('SIGTERM ends it with 143, and what is written stays', async () => {
    const { url, sql } = await createDatabase();
    const { child, ended } = startCommand(['import', source.url], url);
    await sql.begin(async (held) => {
      await held`lock table details`;
      await until(async () => {
        const waiting = await sql`
          select from pg_locks where relation = 'details'::regclass and not granted`;
        return waiting.length > 0;
      });
      child.kill('SIGTERM');
      const { code, stdout, stderr } = await ended;
      assert.deepEqual([code, stdout], [143, ''], stderr);
    });
    assert.equal((await sql`select from hashes`).length, 10);
  });

  test('a dry run on a database without tables, and a source that does not answer, are refused in one line', async () => {
    const { url, sql } = await createDatabase({ empty: true });
    const dry = await call(['import', '--dry-run', source.url], url);
    assert.deepEqual([dry.code, dry.stdout], [1, '']);
    assert.match(dry.stderr, /^The database has no tables yet: run "pict-repo migrate" first\.\n$/);
    const nowhere = await call(['import', 'postgres://u:secret@127.0.0.1:9/pictrs'], url);
    assert.equal(nowhere.code, 1);
    assert.match(nowhere.stderr, /^pict-rs's database at 127\.0\.0\.1:9 refuses connections.*\n$/);
    const wrong = await call(['import', 'postgres://u:secret@127.0.0.1:x/pictrs'], url);
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /^The address of pict-rs's database .*\n$/);
    assert.ok(![nowhere, wrong].some(({ stderr }) => stderr.includes('secret')));
    assert.equal((await sql`select from pg_class where relname = 'hashes'`).length, 1);
  });
});

for (const [args, said] of [
  [[], /takes one source/],
  [['a.ndjson', 'b.ndjson'], /takes one source/],
  [['mysql://localhost/db'], /postgres:\/\//],
  [['--dryrun', 'postgres://localhost/db'], /Did you mean "--dry-run"\?/],
] as const) {
  test(`import ${args.join(' ')}: refused with exit code 2`, async () => {
    const { code, stderr } = await call(['import', ...args], 'postgres://localhost/db');
    assert.equal(code, 2, stderr);
    assert.match(stderr, said);
  });
}
