import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterEach, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';
import { linkElsewhere, makeFolder, mustReach } from '../../src/embedded-postgres/folder.js';
import { EmbeddedError, startEmbedded } from '../../src/embedded-postgres/index.js';
import { findNative } from '../../src/embedded-postgres/native.js';
import { isRunning } from '../../src/embedded-postgres/processes.js';
import { guard } from '../runner/guard.js';
import { atEnd } from '../support/cleanup.js';

const silent = { info: () => undefined, warn: () => undefined };
const base = mkdtempSync(join(tmpdir(), 'pict-repo embedded '));
chmodSync(base, 0o755); // as root, PostgreSQL runs as another user, who has to get through
const dataDir = join(base, 'data');
atEnd(guard(dataDir));
const children = new Set<ChildProcess>();

afterEach(async () => {
  for (const child of children) child.stdin?.end();
  await until(() => [...children].every(hasEnded));
});

atEnd(async () => rmSync(base, { recursive: true, force: true }));

test('start: of several at the same moment one comes up, also where an initdb was interrupted', async () => {
  const interrupted = spawnOwner(dataDir);
  await until(() => readdirSync(dataDir).some((name) => name.startsWith('postgres.new-')));
  interrupted.kill('SIGKILL');
  await once(interrupted, 'exit');
  const starts = await Promise.all([owner(dataDir), owner(dataDir), owner(dataDir)]);
  const up = starts.filter(({ url }) => url !== '');
  assert.equal(up.length, 1);
  for (const { refused, url } of starts) {
    if (url === '') assert.ok(refused.includes(`already running as pid ${up[0]?.child.pid} `), refused);
  }
  await Promise.all(starts.map(stop));
  assert.deepEqual(readdirSync(dataDir).sort(), ['owners', 'password', 'postgres', 'postgres.log']);
  assert.equal(statSync(join(dataDir, 'postgres')).mode & 0o777, 0o700);
  assert.equal(statSync(join(dataDir, 'password')).mode & 0o777, 0o600);
});

/** Owned by this process, until the test ends. */
async function startHere(t: TestContext, settings: Record<string, string> = {}): Promise<{ url: string }> {
  const database = await startEmbedded({ dataDir, log: silent, settings });
  t.after(() => database.stop());
  return database;
}

/** What a command writes to standard error. */
async function commandOn(folder: string, args: string[]): Promise<string> {
  const main = fileURLToPath(new URL('../../src/main.js', import.meta.url));
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'], PICT_REPO_DATA_DIR: folder, LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.add(child);
  return await text(child.stderr);
}

test('start: a second process on the same folder is refused and touches nothing', async (t) => {
  const first = await startHere(t);
  assert.equal(await answer(first.url), 1);
  const before = fingerprint();
  const second = await owner(dataDir);
  const expected = `already running as pid ${process.pid} (data folder ${dataDir})`;
  assert.ok(second.refused.includes(expected), second.refused);
  assert.match(second.refused, /or set PICT_REPO_DATA_DIR to another folder\.$/);
  // In another folder a command would find another database.
  const exported = await commandOn(dataDir, ['export']);
  const advice = 'It has the database open: stop it, and run "pict-repo export" again.';
  assert.equal(exported, `pict-repo is ${expected}. ${advice}\n`);
  assert.equal(fingerprint(), before);
  assert.equal(await answer(first.url), 1);
});

test('start: takes over when the owner was killed and its PostgreSQL still runs', async (t) => {
  const first = await owner(dataDir);
  const old = postmaster();
  await kill(first);
  assert.ok(isRunning(old));
  const next = await startHere(t);
  assert.equal(await answer(next.url), 1);
  assert.ok(!isRunning(old));
  assert.notEqual(postmaster(), old);
});

test('start: a claim and a postmaster.pid whose pids now are other processes are removed', async (t) => {
  const first = await owner(dataDir);
  const old = postmaster();
  await kill(first);
  process.kill(old, 'SIGKILL');
  await until(() => !isRunning(old));
  const innocent = spawn('sleep', ['60'], { stdio: 'ignore' });
  try {
    const file = join(dataDir, 'postgres', 'postmaster.pid');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^\d+/, String(innocent.pid)));
    for (const name of readdirSync(join(dataDir, 'owners'))) {
      writeFileSync(join(dataDir, 'owners', name.replace(/^\d+/, String(innocent.pid))), '');
    }
    const next = await startHere(t);
    assert.equal(await answer(next.url), 1);
    assert.ok(isRunning(innocent.pid ?? 0));
    assert.equal(readdirSync(join(dataDir, 'owners')).length, 2);
  } finally {
    innocent.kill();
  }
});

test('supervision: PostgreSQL is back on the same port after its postmaster was killed', async (t) => {
  const database = await startHere(t, { work_mem: '5MB' });
  const killed = postmaster();
  process.kill(killed, 'SIGKILL');
  await until(async () => (await answer(database.url)) === 1);
  assert.notEqual(postmaster(), killed);
});

test('stop: leaves nothing running, also when PostgreSQL is dead or just being started again', async () => {
  for (const delay of [0, 150]) {
    const database = await startEmbedded({ dataDir, log: silent });
    process.kill(postmaster(), 'SIGKILL');
    await sleep(delay);
    await Promise.all([database.stop(), database.stop()]);
    await assert.rejects(answer(database.url), { code: 'ECONNREFUSED' });
    assert.deepEqual(readdirSync(join(dataDir, 'owners')), []);
  }
});

test('start: says what is wrong with the data folder, and shows the last lines of PostgreSQL', async () => {
  const refused = (settings: Record<string, string>, message: RegExp) =>
    assert.rejects(startEmbedded({ dataDir, log: silent, settings }), (error) => {
      assert.ok(error instanceof EmbeddedError);
      assert.match(error.message, message);
      return true;
    });
  await refused({ no_such_setting: '1' }, /did not start.*\n.*"no_such_setting"/);
  const version = join(dataDir, 'postgres', 'PG_VERSION');
  writeFileSync(version, '17\n');
  await refused({}, /PostgreSQL 17, .*PostgreSQL 18\./);
  rmSync(version);
  await refused({}, /neither empty nor a PostgreSQL cluster/);
  assert.throws(() => findNative('sunos', 'x64'), /Set DATABASE_URL/);
});

const isRoot = process.geteuid?.() === 0;
test('start: below a folder that PostgreSQL cannot enter, root finds the data elsewhere, again and again', {
  skip: !isRoot && 'for root alone',
}, () => {
  const home = mkdtempSync(join(base, 'root-'));
  chmodSync(home, 0o700);
  const elsewhere = join(base, 'lib');
  const nobody = { name: 'nobody', uid: 65_534, gid: 65_534 };
  const [place, open] = [join(home, 'data'), join(base, 'open')];
  assert.throws(() => mustReach(makeFolder(place), nobody), EmbeddedError);
  mkdirSync(join(place, 'owners'));
  assert.equal(linkElsewhere(place, nobody, elsewhere), join(elsewhere, place));
  const folder = makeFolder(place);
  assert.equal(folder, join(elsewhere, place));
  mustReach(folder, nobody);
  for (let start = 0; start < 2; start++) {
    assert.equal(linkElsewhere(place, nobody, elsewhere), undefined);
    assert.equal(makeFolder(place), folder);
    // After the first start there is a cluster.
    mkdirSync(join(folder, 'postgres'), { recursive: true });
  }
  assert.equal(
    linkElsewhere(open, nobody, elsewhere),
    undefined,
    'where nothing is in the way, nothing is moved',
  );
  // What a folder holds is neither left behind nor removed.
  const full = join(home, 'full');
  mkdirSync(join(full, 'postgres'), { recursive: true });
  assert.equal(linkElsewhere(full, nobody, elsewhere), undefined);
  assert.deepEqual(readdirSync(full), ['postgres']);
});

interface Owner {
  child: ChildProcess;
  url: string;
  refused: string;
}

function spawnOwner(folder: string): ChildProcess {
  const program = join(import.meta.dirname, '../support', 'embedded-owner.js');
  const child = spawn(process.execPath, [program, folder], { stdio: ['pipe', 'pipe', 'ignore'] });
  children.add(child);
  return child;
}

/** A process of its own that starts PostgreSQL, once it has, or was refused. */
async function owner(folder: string): Promise<Owner> {
  const child = spawnOwner(folder);
  assert.ok(child.stdout);
  for await (const line of createInterface({ input: child.stdout })) {
    const report: Partial<Owner> = JSON.parse(line);
    return { url: '', refused: '', ...report, child };
  }
  throw new Error(`ended with ${child.exitCode ?? child.signalCode}`);
}

async function stop({ child }: Owner): Promise<void> {
  child.stdin?.end();
  if (!hasEnded(child)) await once(child, 'exit');
  assert.equal(child.exitCode, 0);
}

async function kill({ child }: Owner): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** One row of the database, or the error of the connection. */
async function answer(url: string): Promise<unknown> {
  const sql = postgres(url, { max: 1, connect_timeout: 2, fetch_types: false });
  try {
    const [row] = await sql`select 1 as one`;
    return row?.['one'];
  } finally {
    await sql.end({ timeout: 0 });
  }
}

function postmaster(): number {
  return Number.parseInt(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8'), 10);
}

/** Who runs and what is in the folder. */
function fingerprint(): string {
  return [postmaster(), ...readdirSync(dataDir), ...readdirSync(join(dataDir, 'owners'))].join();
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    try {
      if (await condition()) return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    assert.ok(performance.now() < deadline, 'waited too long');
    await sleep(20);
  }
}
