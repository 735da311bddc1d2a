import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { atEnd } from '../support/cleanup.js';
import { newHash } from '../support/new-hash.js';
import { startTestService } from '../support/service.js';
import { callInThread } from '../support/thread.js';
import { until } from '../support/until.js';

const program = join(import.meta.dirname, '../../examples/migrate-store/main.js');
const { ask, base, sql } = await startTestService();
let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pict-repo-migrate-store-'));
});

atEnd(() => rm(folder, { recursive: true, force: true }));

function start(from: string, to: string) {
  const args = ['--from', join(folder, from), '--to', join(folder, to), '--service', base];
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const output = child.stdout.toArray();
  atEnd(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  return {
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    end: async () => ({ code: (await exited)[0], text: Buffer.concat(await output).toString() }),
  };
}

async function put(store: string, identifier: string): Promise<void> {
  const path = join(folder, store, identifier);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `content of ${identifier}`);
}

/** Each whole file of a store, and the file system's number of it: another copy has another one. */
async function inodes(store: string): Promise<Map<string, number>> {
  const entries = await readdir(join(folder, store), { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.partial'))
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(paths.map(async (path) => [path, (await stat(path)).ino] as const)));
}

test('killed again and again: every file arrives with its content and details, and none is copied twice', async () => {
  await sql`
    insert into hashes (hash, identifier)
    select int4send(n), n || '/ü ' || n || '.png'
    from generate_series(1, 30) as n`;
  await sql`
    insert into variants (hash, variant, identifier)
    select int4send(n), 'v', n || '/variant.webp'
    from generate_series(1, 30) as n`;
  const rows = await sql<{ file: string }[]>`
    insert into details (identifier, details)
    select identifier, json_build_object('file', identifier)
    from (select identifier from hashes union all select identifier from variants) as used
    returning identifier as file`;
  const files = rows.map(({ file }) => file);
  for (const file of files) await put('old', file);
  const seen = new Map<string, number>();
  const marks = async () => (await sql`select from store_migrations`).length;
  await mkdir(join(folder, 'new'));
  for (let round = 0; round < 3; round++) {
    const beganWith = await marks();
    const mover = start('old', 'new');
    await until(async () => (await marks()) > beganWith + 5);
    await mover.kill();
    for (const [path, inode] of await inodes('new')) seen.set(path, seen.get(path) ?? inode);
  }
  const { code, text } = await start('old', 'new').end();
  assert.equal(code, 0, text);
  const arrived = await inodes('new');
  assert.equal(arrived.size, files.length);
  for (const [path, inode] of seen) assert.equal(arrived.get(path), inode, path);
  const copies = await sql<{ file: string; copy: string; details: string }[]>`
    select old_identifier as file, new_identifier as copy, details::text as details
    from store_migrations
    left join details on identifier = new_identifier`;
  assert.deepEqual(copies.map(({ file }) => file).sort(), files.sort());
  for (const { file, copy, details } of copies) {
    assert.equal(await readFile(join(folder, 'new', copy), 'utf8'), `content of ${file}`);
    assert.deepEqual(JSON.parse(details), { file });
  }
  const owned = await ask('POST', '/files/lookup', { identifiers: copies.map(({ copy }) => copy) });
  assert.ok(
    owned.json.files.every((owner: object | null) => owner !== null),
    owned.text,
  );
  // The counts may be some seconds old.
  await until(async () => {
    const { total, done } = (await ask('GET', '/store-migration')).json;
    return total === files.length && done === files.length;
  }, 60);
});

test('a file that is missing, or leads outside, is reported, and the rest is moved', async () => {
  for (const identifier of ['not-there.png', '../outside.png', 'there.png'])
    await ask('PUT', `/hashes/${newHash()}`, { identifier });
  await put('second', 'there.png');
  const { code, text } = await start('second', 'third').end();
  assert.equal(code, 1);
  assert.match(text, /^moved +1$/m);
  assert.match(
    text,
    /^failed +2\n {2}"\.\.\/outside\.png": is outside.*\n {2}"not-there\.png": is not in the old/m,
  );
});

test('wrong arguments: exit 2', async () => {
  assert.equal((await callInThread('examples/migrate-store/main.js', ['--from', 'x'])).code, 2);
});
