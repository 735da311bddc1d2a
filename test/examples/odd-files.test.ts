import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, beforeEach, test } from 'node:test';
import sharp from 'sharp';
import { createClient } from '../../client/src/index.js';
import { type Arguments, readArguments, UsageError } from '../../examples/ingest/arguments.js';
import { ingest } from '../../examples/ingest/ingest.js';
import { Report } from '../../examples/ingest/report.js';
import { printable, quoted } from '../../examples/printable.js';
import { makeVariant } from '../../examples/thumbnailer/make-variant.js';
import { storeIn } from '../../examples/thumbnailer/store.js';
import { atEnd } from '../support/cleanup.js';
import { IMAGES, makeOddFolder, REPORT, writeFiles } from '../support/odd-folder.js';
import { motionPhoto, plainPng, SECRET } from '../support/odd-images.js';
import { startTestService } from '../support/service.js';

const service = await startTestService();
const repo = createClient({ baseUrl: service.base });
const never = new AbortController().signal;
let root = '';

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'pict-repo-odd-'));
  await chmod(root, 0o755);
});

atEnd(() => rm(root, { recursive: true, force: true }));

beforeEach(() => service.sql`truncate hashes, variants, aliases, details, files, jobs cascade`);

test('a folder with odd files and the store inside: run twice, each time with its thumbnails', async () => {
  const folder = join(root, 'pictures');
  const store = join(folder, 'store');
  await makeOddFolder(folder);
  for (const run of [1, 2]) {
    const { report, lines } = await ingested({ folder, store, push: 'process' });
    assert.equal(report.isGood, false);
    assert.match(lines[1] ?? '', run === 1 ? /^files +21 +0$/ : /^files +0 +21$/);
    const below = lines.slice(lines.indexOf('') + 1);
    assert.equal(below.length, REPORT.length, below.join('\n'));
    for (const [n, expected] of REPORT.entries()) assert.match(below[n] ?? '', expected);
    await makeThumbnails(store);
  }

  const contents = await contentsBySize();
  assert.equal(contents.size, IMAGES.length);
  for (const [name, bytes, upright, thumbnail] of IMAGES) {
    const { hash, identifier } = contents.get(upright) ?? assert.fail(String(name));
    const stored = await readFile(join(store, identifier));
    assert.ok(!stored.includes(SECRET), String(name));
    assert.deepEqual(await pictureOf(stored), await pictureOf(bytes), String(name));
    const { variants } = await repo.hashes.variants({ hash });
    const made = await sharp(join(store, variants[0]?.identifier ?? '')).metadata();
    assert.equal(`${made.width}x${made.height}`, thumbnail, String(name));
  }
});

test('--keep-metadata: the stored file is the file', async () => {
  const folder = join(root, 'kept');
  const store = join(root, 'store of the kept');
  const bytes = await motionPhoto(40, 30);
  await writeFiles(folder, [['a.jpg', bytes]]);
  await ingested({ folder, store, keepMetadata: true });
  const { identifier } = (await contentsBySize()).get('40x30') ?? assert.fail();
  assert.deepEqual(await readFile(join(store, identifier)), bytes);
});

test('--max-megapixels raises the limit, in both programs', async () => {
  const folder = join(root, 'large');
  const store = join(root, 'store of the large');
  await writeFiles(folder, [['a.png', await plainPng(1200, 1000)]]);
  const { report, lines } = await ingested({ folder, maxMegapixels: 1 });
  assert.equal(report.isGood, false);
  assert.ok(lines.includes('  "a.png": 2 megapixels'), lines.join('\n'));
  assert.ok((await ingested({ folder, store, push: 'process', maxMegapixels: 2 })).report.isGood);
  await assert.rejects(makeThumbnails(store, 1), /2 megapixels, above --max-megapixels 1/);
});

test('a file that cannot be read is a line of the report, and the rest is ingested', async (t) => {
  const folder = join(root, 'locked');
  const [one, other] = [await plainPng(5, 5), await plainPng(6, 6)];
  const files = ['a.png', 'locked.png', 'locked/b.png'].map((name): [string, Buffer] => [name, one]);
  await writeFiles(folder, [...files, ['z.png', other]]);
  await chmod(join(folder, 'locked.png'), 0);
  await chmod(join(folder, 'locked'), 0);
  t.after(() => chmod(join(folder, 'locked'), 0o755));
  const { report, lines } = await asNobody(() => ingested({ folder }));
  assert.equal(report.isGood, false);
  assert.ok(lines.some((line) => /^images +2$/.test(line)));
  assert.match(report.progress(), /^4 of 4 files, 2 failed$/);
  assert.match(lines.at(-2) ?? '', /^ {2}"locked": EACCES: /);
  assert.match(lines.at(-1) ?? '', /^ {2}"locked\.png": EACCES: /);
});

test('a folder that is a store, or is in one, is refused', async () => {
  const store = join(root, 'store');
  await writeFiles(store, [['albums/a.png', await plainPng(5, 5)]]);
  await symlink(store, join(root, 'link'));
  for (const folder of [store, join(store, 'albums'), join(root, 'link')]) {
    await assert.rejects(ingested({ folder, store }), UsageError, folder);
  }
  await ingested({ folder: join(store, 'albums') });
  await writeFiles(store, [['.pict-repo-store', Buffer.alloc(0)]]);
  await assert.rejects(ingested({ folder: join(store, 'albums') }), UsageError);
});

test('foreign names are quoted and stay readable', () => {
  assert.equal(quoted('ümlaut & 猫.png'), '"ümlaut & 猫.png"');
  assert.equal(quoted('a"\\\n\x9b\u2028\u202e'), String.raw`"a\"\\\u000a\u009b\u2028\u202e"`);
  assert.equal(quoted(Buffer.from('caf\xe9/\xc3\xa9"', 'latin1')), String.raw`"caf\xe9/é\""`);
  assert.equal(printable('two\nlines \u{e0001}"'), String.raw`two\u000alines \u{e0001}"`);
});

async function ingested(options: Partial<Arguments>) {
  const given = readArguments(['--service', service.base, root]) ?? assert.fail();
  const report = new Report();
  await ingest({ ...given, ...options }, report);
  return { report, lines: report.text().split('\n') };
}

/** What the thumbnailer does with the jobs that wait. */
async function makeThumbnails(store: string, maxMegapixels?: number): Promise<void> {
  const popped = await service.ask('POST', '/queues/process/pop', {
    worker_id: 'w',
    max: 100,
    wait_seconds: 0,
  });
  for (const { job, lease } of popped.json.jobs) {
    await makeVariant(repo, storeIn(store), job, never, { maxMegapixels });
    await service.ask('POST', `/leases/${lease}/complete`);
  }
}

/** What has been ingested, by the size that its details have. */
async function contentsBySize() {
  const rows = await service.sql<{ hash: string; identifier: string; details: string }[]>`
    select encode(h.hash, 'hex') as hash, h.identifier, d.details::text as details
    from hashes h
    join details d using (identifier)`;
  return new Map(
    rows.map(({ hash, identifier, details }) => {
      const { width, height } = JSON.parse(details);
      return [`${width}x${height}`, { hash, identifier }];
    }),
  );
}

/** What is seen of a file: pixels of all frames, and how they are to be turned. */
async function pictureOf(bytes: Buffer) {
  const image = sharp(bytes, { animated: true });
  const { orientation = 1, pages, delay, loop, depth, space } = await image.metadata();
  return { pixels: await image.raw().toBuffer(), orientation, pages, delay, loop, depth, space };
}

/** Modes bind everybody but root. */
async function asNobody<T>(action: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return await action();
  process.seteuid?.(65_534);
  try {
    return await action();
  } finally {
    process.seteuid?.(0);
  }
}
