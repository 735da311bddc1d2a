import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { animated, animatedPng, still, truncatedJpeg } from './support/images.js';
import { startTestService, type TestService } from './support/service.js';

const program = join(import.meta.dirname, '../examples/ingest/main.js');
const variant = encodeURIComponent('thumbnail/256/webp');

/** What each image of the folder is to become: the last byte of its hash, and its details. */
const images = {
  'a.jpg': { byte: 5, name: 'jpeg', frames: null, format: { Image: 'jpeg' } },
  'b.png': { byte: 7, name: 'png', frames: null, format: { Image: 'png' } },
  'deep/down/c.webp': { byte: 8, name: 'webp', frames: null, format: { Image: 'webp' } },
  'd.gif': { byte: 2, name: 'gif', frames: null, format: { Animation: 'gif' } },
  'deep/e.gif': { byte: 2, name: 'gif', frames: 3, format: { Animation: 'gif' } },
  'f.webp': { byte: 3, name: 'webp', frames: 3, format: { Animation: 'webp' } },
  'g with space & ümlaut.png': { byte: 0, name: 'apng', frames: 2, format: { Animation: 'apng' } },
};

let root = '';
let folder = '';

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'pict-repo-ingest-'));
  folder = join(root, 'pictures');
  await mkdir(join(folder, 'deep/down'), { recursive: true });
  const jpeg = await still('jpeg', 'red');
  const files: Record<keyof typeof images, Buffer> & Record<string, Buffer> = {
    'a.jpg': jpeg,
    'b.png': await still('png', 'green'),
    'deep/down/c.webp': await still('webp', 'blue'),
    'd.gif': await still('gif', 'yellow'),
    'deep/e.gif': await animated('gif'),
    'f.webp': await animated('webp'),
    'g with space & ümlaut.png': await animatedPng(2),
    'deep/same as a.jpeg': jpeg,
    'notes.txt': Buffer.from('not an image'),
    'text.jpg': Buffer.from('nor this, whatever its name'),
    'empty.png': Buffer.alloc(0),
    'half.jpg': await truncatedJpeg(),
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
});

after(() => rm(root, { recursive: true, force: true }));

test('a folder is ingested; a second run creates nothing', async () => {
  const service = await startTestService();
  const first = await ingest('--service', service.base, folder);
  assert.equal(first.exitCode, 0, first.stderr);
  assert.deepEqual(first.report, {
    hashes: [7, 0],
    details: [7, 0],
    aliases: [7, 0],
    images: [7],
    duplicates: [1],
    'not images': [3],
    broken: [1],
    failed: [0],
  });
  assert.match(first.stdout, /^ {2}half\.jpg: VipsJpeg: premature end of JPEG image$/m);
  assert.match(first.stderr, /^12 of 12 files, 0 failed$/m);
  assert.equal(await hashesOf(service), 7);
  const before = await everything(service);
  for (const [name, { byte, name: extension, frames, format }] of Object.entries(images)) {
    const bytes = await readFile(join(folder, name));
    const { hash, alias, identifier, details } = await lookUp(service, bytes, byte);
    assert.equal(hash.length, 2 * 39);
    assert.match(alias, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}\.\w+$/);
    assert.match(identifier, /^([0-9a-f]{2}\/){10}[0-9a-f]{12}\.\w+$/);
    for (const text of [alias, identifier]) assert.ok(text.endsWith(`.${extension}`), text);
    assert.match(details.created_at, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.deepEqual(
      { ...details, created_at: '' },
      { width: 40, height: 30, frames, content_type: `image/${extension}`, created_at: '', format },
      name,
    );
    const { json } = await service.ask('GET', `/aliases/${alias}/delete-token`);
    assert.match(json.delete_token, /^[0-9a-f-]{36}$/);
  }

  const second = await ingest('--service', service.base, folder);
  assert.equal(second.exitCode, 0, second.stderr);
  assert.deepEqual(second.report, { ...first.report, hashes: [0, 7], details: [0, 7], aliases: [0, 7] });
  assert.deepEqual(await everything(service), before);
});

test('an interrupted run is completed by the next', async () => {
  const service = await startTestService();
  await ingest('--service', service.base, '--push', 'process', folder);
  const { alias, identifier } = await lookUp(service, await readFile(join(folder, 'a.jpg')), 5);
  await service.ask('DELETE', `/aliases/${alias}`);
  await service.ask('DELETE', `/details?identifier=${encodeURIComponent(identifier)}`);
  const { report } = await ingest('--service', service.base, folder);
  assert.deepEqual([report['hashes'], report['details'], report['aliases']], [
    [0, 7],
    [1, 6],
    [1, 6],
  ]);
});

test('--store copies each file once, and keeps no copy of what has a file already', async () => {
  const service = await startTestService();
  const store = join(root, 'store');
  const jpeg = await readFile(join(folder, 'a.jpg'));
  await service.ask('PUT', `/hashes/${hashOf(jpeg, 5)}`, { identifier: 'the/winner.jpeg' });

  const first = await ingest('--service', service.base, '--store', store, folder);
  assert.deepEqual([first.report['files'], first.report['hashes'], first.report['details']], [
    [6, 1],
    [6, 1],
    [7, 0],
  ]);
  assert.equal((await lookUp(service, jpeg, 5)).identifier, 'the/winner.jpeg');
  const png = await readFile(join(folder, 'b.png'));
  assert.deepEqual(await readFile(join(store, (await lookUp(service, png, 7)).identifier)), png);
  const stored = await filesIn(store);
  assert.equal(stored.length, 6);

  const second = await ingest('--service', service.base, '--store', store, folder);
  assert.deepEqual([second.exitCode, second.report['files']], [0, [0, 7]]);
  assert.deepEqual(await filesIn(store), stored);
});

test('--push pushes a job for each image whose thumbnail is missing', async () => {
  const service = await startTestService();
  const push = () => ingest('--service', service.base, '--push', 'process', folder);
  assert.deepEqual((await push()).report['jobs'], [7, 0]);
  assert.deepEqual((await push()).report['jobs'], [0, 7], 'the jobs wait');

  const popped = await service.ask('POST', '/queues/process/pop', { worker_id: 'w', max: 10 });
  const { hash, alias } = await lookUp(service, await readFile(join(folder, 'a.jpg')), 5);
  const job = popped.json.jobs.find(({ job }: { job: Generate }) => job.Generate.source === alias);
  assert.deepEqual(job.job, {
    Generate: {
      target_format: 'webp',
      source: alias,
      process_path: 'thumbnail/256/webp',
      process_args: ['thumbnail=256'],
    },
  });
  await service.ask('PUT', `/hashes/${hash}/variant?variant=${variant}`, { identifier: 'thumbnail.webp' });
  await service.ask('POST', `/leases/${job.lease}/complete`);
  assert.deepEqual((await push()).report['jobs'], [0, 7], 'one thumbnail is there, six jobs run');
});

test('503 and lost connections are retried', async () => {
  const service = await startTestService();
  const asked = new Set<string>();
  let lost = 0;
  // Each request fails at first: it is refused, or done and its answer lost.
  const proxy = createServer(async (request, response) => {
    const chunks = await request.toArray();
    const once = `${request.method} ${request.url}`;
    const isFirst = !asked.has(once);
    asked.add(once);
    if (isFirst && request.method === 'GET' && !once.includes('size')) {
      response.writeHead(503, { 'retry-after': '0', 'content-type': 'application/problem+json' });
      response.end('{"code":"overloaded"}');
      return;
    }
    const answer = await fetch(`${service.base}${request.url}`, {
      method: request.method ?? 'GET',
      headers: { 'content-type': 'application/json', authorization: request.headers.authorization ?? '' },
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (isFirst && request.method !== 'GET') {
      lost += 1;
      request.socket.destroy();
      return;
    }
    assert.equal(request.headers.authorization, 'Bearer some-key');
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(body);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const base = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/`;
  const run = await ingest('--service', base, '--key', 'some-key', '--push', 'process', folder);
  proxy.close();
  assert.equal(run.exitCode, 0, run.stdout + run.stderr);
  assert.equal(lost, 4 * 7);
  assert.deepEqual([run.report['details'], run.report['aliases']], [
    [7, 0],
    [7, 0],
  ]);
  assert.equal(await hashesOf(service), 7);
});

test('exit code 1 and the code of the problem where a file fails; the others are ingested', async () => {
  const service = await startTestService();
  const jpeg = await readFile(join(folder, 'a.jpg'));
  const scratch = await startTestService();
  await ingest('--service', scratch.base, folder);
  const { identifier } = await lookUp(scratch, jpeg, 5);
  await service.ask('PUT', '/hashes/00', { identifier });

  const run = await ingest('--service', service.base, '--concurrency', '1', folder);
  assert.equal(run.exitCode, 1);
  assert.deepEqual([run.report['images'], run.report['duplicates'], run.report['failed']], [[6], [1], [1]]);
  assert.match(run.stdout, /^ {2}a\.jpg: identifier_already_used: ./m);
});

test('exit code 1 and nothing tried where there is no service', async () => {
  const run = await ingest('--service', 'http://127.0.0.1:1', folder);
  assert.equal(run.exitCode, 1);
  assert.match(run.stderr, /^ingest: unreachable: ./);
  assert.equal(run.stdout, '');
});

test('exit code 2 for wrong arguments, 0 for --help', async () => {
  for (const wrong of [[], ['a', 'b'], ['--what', 'a'], ['--concurrency', '0', 'a'], ['--service', 'x', 'a']]) {
    const run = await ingest(...wrong);
    assert.deepEqual([run.exitCode, run.stdout], [2, ''], wrong.join(' '));
    assert.match(run.stderr, /^ingest: .*\nTry --help\.\n$/);
  }
  const help = await ingest('--help');
  assert.equal(help.exitCode, 0);
  assert.match(help.stdout, /--concurrency N/);
});

interface Generate {
  Generate: { source: string };
}

interface Run {
  exitCode: number | null;
  stdout: string;
  stderr: string;
  /** The numbers of each line. */
  report: Record<string, number[]>;
}

async function ingest(...args: string[]): Promise<Run> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, exitCode] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
    new Promise<number | null>((resolve) => child.on('exit', resolve)),
  ]);
  const text = stdout.join('');
  const rows = [...text.matchAll(/^(\S.*?)((?: +\d+)+)$/gm)];
  const report = Object.fromEntries(
    rows.map(([, name = '', numbers = '']) => [name, numbers.trim().split(/ +/).map(Number)]),
  );
  return { exitCode, stdout: text, stderr: stderr.join(''), report };
}

function hashOf(bytes: Buffer, byte: number): string {
  const tail = Buffer.alloc(7);
  tail.writeUIntBE(bytes.length, 0, 6);
  tail[6] = byte;
  return createHash('sha256').update(bytes).digest('hex') + tail.toString('hex');
}

/** From the alias to the file, as whoever serves the image goes. */
async function lookUp(service: TestService, bytes: Buffer, byte: number) {
  const hash = hashOf(bytes, byte);
  const { aliases } = (await service.ask('GET', `/hashes/${hash}/aliases`)).json;
  assert.equal(aliases.length, 1);
  const [alias] = aliases;
  assert.deepEqual((await service.ask('GET', `/aliases/${alias}/hash`)).json, { hash });
  const { identifier } = (await service.ask('GET', `/hashes/${hash}/identifier`)).json;
  const details = await service.ask('GET', `/details?identifier=${encodeURIComponent(identifier)}`);
  return { hash, alias, identifier, details: details.json };
}

async function hashesOf(service: TestService): Promise<number> {
  return (await service.ask('GET', '/hashes/size')).json.size;
}

async function everything({ sql }: TestService) {
  return {
    hashes: [...(await sql`select * from hashes order by hash`)],
    details: [...(await sql`select * from details order by identifier`)],
    aliases: [...(await sql`select * from aliases order by alias`)],
  };
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}
