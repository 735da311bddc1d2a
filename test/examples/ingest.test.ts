import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, beforeEach, test } from 'node:test';
import { type Arguments, readArguments, UsageError } from '../../examples/ingest/arguments.js';
import { ingest } from '../../examples/ingest/ingest.js';
import { Report } from '../../examples/ingest/report.js';
import { atEnd } from '../support/cleanup.js';
import { animated, animatedPng, still } from '../support/images.js';
import { listen } from '../support/listen.js';
import { startTestService } from '../support/service.js';
import { callInThread } from '../support/thread.js';

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

const service = await startTestService();
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
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
});

atEnd(() => rm(root, { recursive: true, force: true }));

beforeEach(() => service.sql`truncate hashes, variants, aliases, details, files, jobs cascade`);

test('a folder is ingested; a second run creates only what is missing', async () => {
  const first = await run('--service', service.base, folder);
  assert.equal(first.exitCode, 0, first.stderr);
  assert.deepEqual(first.numbers, {
    aliases: [7, 0],
    images: [7],
    duplicates: [1],
    'other files': [3],
    'left out': [0],
    'too large': [0],
    broken: [0],
    failed: [0],
  });
  assert.match(first.stderr, /^11 of 11 files, 0 failed$/m);
  assert.equal(await hashesCount(), 7);
  const written = await everything();
  for (const [name, { byte, name: extension, frames, format }] of Object.entries(images)) {
    const bytes = await readFile(join(folder, name));
    const { hash, alias, identifier, details } = await lookUp(bytes, byte);
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

  const second = await runHere();
  assert.ok(second.isGood);
  assert.deepEqual(second.numbers, { ...first.numbers, aliases: [0, 7] });
  assert.deepEqual(await everything(), written);

  const { alias, identifier } = await lookUp(await readFile(join(folder, 'a.jpg')), 5);
  await service.ask('DELETE', `/aliases/${alias}`);
  await service.ask('DELETE', `/details?identifier=${encodeURIComponent(identifier)}`);
  const third = await runHere();
  assert.equal((await lookUp(await readFile(join(folder, 'a.jpg')), 5)).details.width, 40);
  assert.deepEqual(third.numbers, { ...first.numbers, aliases: [1, 6] });
});

test('--store copies each file once, and keeps no copy if the content has a file already', async () => {
  const store = join(root, 'store');
  const jpeg = await readFile(join(folder, 'a.jpg'));
  await service.ask('PUT', `/hashes/${hashOf(jpeg, 5)}`, { identifier: 'the/winner.jpeg' });

  const first = await runHere({ store });
  assert.deepEqual(first.numbers['files'], [6, 1]);
  assert.deepEqual(first.numbers['aliases'], [7, 0]);
  assert.equal((await lookUp(jpeg, 5)).identifier, 'the/winner.jpeg');
  const png = await readFile(join(folder, 'b.png'));
  assert.deepEqual(await readFile(join(store, (await lookUp(png, 7)).identifier)), png);
  const stored = await filesIn(store);
  assert.equal(stored.length, 6);

  const second = await runHere({ store });
  assert.deepEqual(second.numbers['files'], [0, 7]);
  assert.deepEqual(await filesIn(store), stored);
});

test('a blocked image is refused, and its file leaves the store; the others are ingested', async () => {
  const store = join(root, 'store without what is blocked');
  const digest = createHash('sha256')
    .update(await readFile(join(folder, 'a.jpg')))
    .digest('hex');
  await service.ask('PUT', `/blocked-hashes/${digest}`, { reason: 'unlawful' });
  const { numbers, isGood, text } = await runHere({ store });
  await service.ask('DELETE', `/blocked-hashes/${digest}`);
  assert.ok(!isGood);
  assert.match(text, /blocked: unlawful/);
  assert.deepEqual([numbers['images'], numbers['failed']], [[6], [1]]);
  assert.equal((await filesIn(store)).length, 6);
});

test('--push pushes a job for each image whose thumbnail is missing', async () => {
  const push = async () => (await runHere({ push: 'process' })).numbers['jobs'];
  assert.deepEqual(await push(), [7, 0]);
  assert.deepEqual(await push(), [0, 7], 'the jobs wait');

  const popped = await service.ask('POST', '/queues/process/pop', { worker_id: 'w', max: 10 });
  const { hash, alias } = await lookUp(await readFile(join(folder, 'a.jpg')), 5);
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
  assert.deepEqual(await push(), [0, 7], 'one thumbnail is there, six jobs run');
});

test('503 and lost answers: the request is sent again', async () => {
  const proxy = await startFailingProxy(service.base);
  const { isGood, numbers } = await runHere({ service: proxy.base, key: 'some-key', push: 'process' });
  assert.ok(isGood);
  assert.deepEqual(numbers['aliases'], [7, 0]);
  assert.equal(await hashesCount(), 7);
  // The upload of each image, and one push: all of them go to the same URL.
  assert.equal(proxy.lost, 7 + 1);
  assert.deepEqual([...proxy.keys], ['Bearer some-key']);
});

test('a file that fails: exit code 1, and the code of its problem; the others are ingested', async () => {
  const hash = hashOf(await readFile(join(folder, 'a.jpg')), 5);
  const identifier = `${hash.slice(0, 20).replace(/../g, '$&/')}${hash.slice(20, 32)}.jpeg`;
  await service.ask('PUT', '/hashes/00', { identifier });

  const { exitCode, stdout, numbers } = await run('--service', service.base, '--concurrency', '1', folder);
  assert.equal(exitCode, 1);
  assert.deepEqual(numbers['aliases'], [6, 0]);
  assert.deepEqual(numbers['failed'], [1]);
  assert.match(stdout, /^ {2}"a\.jpg": identifier_already_used: ./m);
});

test('no service: no file is tried', async () => {
  await assert.rejects(runHere({ service: 'http://127.0.0.1:1' }), { code: 'unreachable' });
});

test('wrong arguments: exit code 2', async () => {
  const { exitCode, stdout, stderr } = await run('--what');
  assert.equal(exitCode, 2);
  assert.equal(stderr, 'ingest: There is no option "--what".\nTry --help.\n');
  assert.equal(stdout, '');
  for (const wrong of [
    [],
    ['a', 'b'],
    ['--concurrency', '0', 'a'],
    ['--concurrency', '1e1', 'a'],
    ['--concurrency', '8', '--concurrency', '9', 'a'],
    ...['--store', '--push', '--key', '--service'].map((option) => [option, '', 'a']),
    [''],
    ['--max-megapixels', '0', 'a'],
    ['--service', 'localhost:3000', 'a'],
  ]) {
    assert.throws(() => readArguments(wrong), UsageError, wrong.join(' '));
  }
  assert.equal(readArguments(['--help']), undefined);
  const env = { PICT_REPO_KEY: 'of the environment' };
  assert.equal(readArguments(['folder'], env)?.key, 'of the environment');
  assert.equal(readArguments(['--key', 'given', 'folder'], env)?.key, 'given');
  assert.equal(readArguments(['folder'], { PICT_REPO_KEY: '' })?.key, undefined);
});

const defaults = {
  key: undefined,
  store: undefined,
  push: undefined,
  concurrency: 8,
  maxMegapixels: 268,
  keepMetadata: false,
};

interface Generate {
  Generate: { source: string };
}

/** The program, as it is called. */
async function run(...args: string[]) {
  const { code, ...said } = await callInThread('examples/ingest/main.js', args);
  return { exitCode: code, ...said, numbers: numbersOf(said.stdout) };
}

/** What the program does, without the program, which has to be loaded each time. */
async function runHere(options: Partial<Arguments> = {}) {
  const report = new Report();
  await ingest({ ...defaults, folder, service: service.base, ...options }, report);
  const text = report.text();
  return { isGood: report.isGood, numbers: numbersOf(text), text };
}

/** The numbers in each line of a report. */
function numbersOf(report: string): Record<string, number[]> {
  const lines = [...report.matchAll(/^(\S.*?)((?: +\d+)+)$/gm)];
  return Object.fromEntries(
    lines.map(([, name = '', numbers = '']) => [name, numbers.trim().split(/ +/).map(Number)]),
  );
}

/** Before the service: each first GET is refused, and of each first PUT and POST the answer is lost. */
async function startFailingProxy(target: string) {
  const asked = new Set<string>();
  const seen = { base: '', lost: 0, keys: new Set<string | undefined>() };
  const proxy = createServer((request, response) => void forward(request, response));

  async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const chunks = await request.toArray();
    const isFirst = !asked.has(method + url);
    asked.add(method + url);
    seen.keys.add(headers.authorization);
    // The program's first question is not repeated: it wants to know at once.
    if (isFirst && method === 'GET' && !url.startsWith('/v1/hashes/size')) {
      response.writeHead(503, { 'retry-after': '0', 'content-type': 'application/problem+json' });
      response.end('{"code":"overloaded"}');
      return;
    }
    const answer = await fetch(target + url, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
    });
    const body = Buffer.from(await answer.arrayBuffer());
    if (isFirst && method !== 'GET') {
      seen.lost += 1;
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    response.end(body);
  }

  const port = await listen(proxy);
  atEnd(async () => proxy.close());
  seen.base = `http://127.0.0.1:${port}/`;
  return seen;
}

function hashOf(bytes: Buffer, byte: number): string {
  const tail = Buffer.alloc(7);
  tail.writeUIntBE(bytes.length, 0, 6);
  tail[6] = byte;
  return createHash('sha256').update(bytes).digest('hex') + tail.toString('hex');
}

/** From the alias to the file, as whoever serves the image goes. */
async function lookUp(bytes: Buffer, byte: number) {
  const hash = hashOf(bytes, byte);
  const { aliases } = (await service.ask('GET', `/hashes/${hash}/aliases`)).json;
  assert.equal(aliases.length, 1);
  const [alias] = aliases;
  assert.deepEqual((await service.ask('GET', `/aliases/${alias}/hash`)).json, { hash });
  const { identifier, bytes: size } = (await service.ask('GET', `/hashes/${hash}`)).json;
  assert.equal(size, bytes.length);
  const details = await service.ask('GET', `/details?identifier=${encodeURIComponent(identifier)}`);
  return { hash, alias, identifier, details: details.json };
}

async function hashesCount(): Promise<number> {
  return (await service.ask('GET', '/hashes/size')).json.size;
}

async function everything() {
  const { sql } = service;
  return {
    hashes: [...(await sql`select * from hashes order by hash`)],
    details: [...(await sql`select * from details order by identifier`)],
    aliases: [...(await sql`select * from aliases order by alias`)],
  };
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}
