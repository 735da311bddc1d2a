import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { atEnd } from '../support/cleanup.js';
import { createDatabase } from '../support/database.js';
import { startCommand } from '../support/program.js';
import { callInThread } from '../support/thread.js';

/** The commands export and import, as they are called to move a database. */

/** Where nothing is read from standard input, nor a dump written to standard output. */
const call = (args: string[], url: string) =>
  callInThread('src/main.js', args, { DATABASE_URL: url, LOG_LEVEL: 'warn' });

test('a database moves by a file or a pipe; an existing file is replaced only with --yes', async () => {
  const [source, target] = [await createDatabase(), await createDatabase({ empty: true })];
  await source.sql`insert into hashes (hash, identifier) values ('\\x01', 'a'), ('\\x02', 'b')`;
  await source.sql`insert into jobs (queue, job) values ('q', '{"a":  1}')`;
  const folder = await mkdtemp(join(tmpdir(), 'pict-repo-export-'));
  atEnd(() => rm(folder, { recursive: true }));
  const file = join(folder, 'all.ndjson.gz');

  const written = await call(['export', file], source.url);
  assert.deepEqual([written.code, written.stdout], [0, `3 rows in ${file}\n`], written.stderr);
  const text = gunzipSync(await readFile(file)).toString();
  const piped = await startCommand(['export'], source.url).ended;
  assert.deepEqual([piped.code, piped.stdout], [0, text], piped.stderr);

  await writeFile(file, 'mine');
  const refused = await call(['export', file], source.url);
  assert.deepEqual([refused.code, refused.stdout], [1, '']);
  assert.equal(refused.stderr, `${file} is there already. --yes replaces it. Nothing was written.\n`);
  assert.equal(await readFile(file, 'utf8'), 'mine');
  const replaced = await call(['export', file, '--yes'], source.url);
  assert.equal(replaced.code, 0, replaced.stderr);
  assert.deepEqual(await readdir(folder), ['all.ndjson.gz']);
  const link = join(folder, 'link.gz');
  await symlink(file, link);
  await writeFile(file, 'mine');
  const linked = await call(['export', link, '--yes'], source.url);
  assert.equal(linked.code, 0, linked.stderr);
  assert.equal(await readlink(link), file);
  assert.equal(gunzipSync(await readFile(file)).toString(), text);
  const socket = join(folder, 'socket');
  const server = createServer().listen(socket);
  atEnd(async () => void server.close());
  await once(server, 'listening');
  for (const other of [folder, socket]) {
    const special = await call(['export', other, '--yes'], source.url);
    assert.deepEqual([special.code, special.stdout], [1, '']);
    assert.match(special.stderr, /is no regular file/);
  }

  const read = await startCommand(['import', '-'], target.url, text).ended;
  assert.equal(read.code, 0, read.stderr);
  assert.match(read.stdout, /^hashes +2 +2 +0 +0 +0$/m);
  const again = await call(['import', file], target.url);
  assert.match(again.stdout, /^hashes +2 +0 +2 +0 +0$/m);
  const back = await startCommand(['export', '-'], target.url).ended;
  assert.equal(back.stdout, text);

  await target.sql`update hashes set identifier = 'mine' where identifier = 'a'`;
  const differs = await call(['import', file], target.url);
  assert.equal(differs.code, 3);
  assert.match(differs.stdout, /^hashes: left behind, .*\(1\):\n {2}line 2$/m);
});

test('a link to a file that does not exist yet makes that file, and stays', async () => {
  const { url } = await createDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'pict-repo-export-'));
  atEnd(() => rm(folder, { recursive: true }));
  const [link, between] = [join(folder, 'link'), join(folder, 'between')];
  await symlink('between', link);
  await symlink(join(folder, 'file'), between);
  const { code, stderr } = await call(['export', link], url);
  assert.equal(code, 0, stderr);
  assert.deepEqual((await readdir(folder)).sort(), ['between', 'file', 'link']);
  assert.equal(await readlink(link), 'between');
  assert.match(await readFile(join(folder, 'file'), 'utf8'), /^\{"pict_repo_export":1,/);
});

test('a missing folder and a database without tables are reported in one line', async () => {
  const { url } = await createDatabase({ empty: true });
  const empty = await call(['export'], url);
  assert.deepEqual(
    [empty.code, empty.stderr],
    [1, 'The database has no tables: there is nothing to export.\n'],
  );
  const { url: full } = await createDatabase();
  const nowhere = await call(['export', '/nowhere/all.ndjson'], full);
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.stderr, /^pict-repo failed: ENOENT: .*\/nowhere\/all\.ndjson\.part/m);
  assert.doesNotMatch(nowhere.stderr, /\n\s+at /);
});
