import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import sharp from 'sharp';
import { createClient, JobFailure } from '../../client/src/index.js';
import { makeVariant } from '../../examples/thumbnailer/make-variant.js';
import { storeIn } from '../../examples/thumbnailer/store.js';
import { atEnd } from '../support/cleanup.js';
import { newHash } from '../support/new-hash.js';
import { startTestService } from '../support/service.js';
import { callInThread } from '../support/thread.js';
import { until } from '../support/until.js';

const program = join(import.meta.dirname, '../../examples/thumbnailer/main.js');
const variant = 'thumbnail/256/webp';
const service = await startTestService({ QUEUE_BACKOFF_MAX_SECONDS: '1' });
const repo = createClient({ baseUrl: service.base });
const never = new AbortController().signal;
let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pict-repo-thumbnailer-'));
});

atEnd(() => rm(folder, { recursive: true, force: true }));

const noisy = new Map<string, Promise<Buffer>>();

/** A noisy image, so that it takes its time. */
function noisyImage(width: number, height: number): Promise<Buffer> {
  const size = `${width}x${height}`;
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  const made =
    noisy.get(size) ??
    sharp({ create: { width, height, channels: 3, background: 'grey', noise } })
      .png({ compressionLevel: 1 })
      .toBuffer();
  noisy.set(size, made);
  return made;
}

/** A noisy image with the metadata of an upload; its alias is `name`. */
async function upload(name: string, width = 600, height = 400): Promise<string> {
  const identifier = `originals/${name}.png`;
  await mkdir(join(folder, 'originals'), { recursive: true });
  await writeFile(join(folder, identifier), await noisyImage(width, height));
  const hash = newHash();
  await repo.hashes.create({ hash }, { identifier });
  await repo.aliases.create({ alias: name }, { hash, delete_token: 't' });
  return hash;
}

const generate = (source: string, more: object = {}) => ({
  Generate: {
    source,
    target_format: 'webp',
    process_path: variant,
    process_args: ['thumbnail=256'],
    ...more,
  },
});

function startWorker(...args: string[]) {
  const child = spawn(process.execPath, [program, '--store', folder, '--service', service.base, ...args], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  const end = async (signal: NodeJS.Signals): Promise<unknown> => {
    child.kill(signal);
    return (await exited)[0];
  };
  atEnd(() => end('SIGKILL'));
  return { child, end };
}

const holding = async (queue: string, workerId: string): Promise<number> => {
  const { jobs } = await repo.queue.jobs({ queue, state: 'running' });
  return jobs.filter(({ worker_id }) => worker_id === workerId).length;
};

test('where nobody reads its output any more, it finishes the jobs that run and ends without an error', async () => {
  await Promise.all([0, 1, 2, 3].map((n) => upload(`unread-${n}`)));
  const args = ['--store', folder, '--service', service.base, '--queue', 'unread', '--concurrency', '1'];
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = once(child, 'exit');
  atEnd(async () => child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  child.stdout.destroy();
  const errors = child.stderr.toArray();
  await repo.queue.pushMany(
    { queue: 'unread' },
    { jobs: [0, 1, 2, 3].map((n) => ({ job: generate(`unread-${n}`) })) },
  );
  assert.deepEqual(await exited, [0, null]);
  assert.equal(Buffer.concat(await errors).toString(), '');
  const { running, ready, dead } = await repo.queue.stats({ queue: 'unread' });
  assert.ok(ready < 4 && running === 0 && dead === 0, `${ready} ${running} ${dead}`);
});

test('two workers share a queue, and one is killed in the middle: every variant is made, once', async () => {
  const hashes = await Promise.all(Array.from({ length: 12 }, (_, n) => upload(`shared-${n}`)));
  const args = ['--queue', 'shared', '--lease-seconds', '2'];
  const victim = startWorker(...args, '--worker-id', 'victim');
  const survivor = startWorker(...args, '--worker-id', 'survivor');
  await until(() => service.parked() === 2);
  const jobs = hashes.map((_, n) => ({ job: generate(`shared-${n}`), max_attempts: 3 }));
  await repo.queue.pushMany({ queue: 'shared' }, { jobs });

  // Frozen where it holds a job, so that it is sure to die with it.
  await until(async () => {
    victim.child.kill('SIGSTOP');
    if ((await holding('shared', 'victim')) > 0) return true;
    victim.child.kill('SIGCONT');
    return false;
  });
  const { ready } = await repo.queue.stats({ queue: 'shared' });
  assert.ok(ready > 0, 'it was not in the middle');
  await victim.end('SIGKILL');
  assert.ok((await holding('shared', 'victim')) > 0);

  // Not before the leases of the victim have expired.
  await until(
    async () => {
      const stats = await repo.queue.stats({ queue: 'shared' });
      return stats.ready + stats.running + stats.scheduled === 0;
    },
    20,
    200,
  );
  assert.equal((await repo.queue.stats({ queue: 'shared' })).dead, 0);
  assert.equal(await survivor.end('SIGTERM'), 0);

  const identifiers = new Set<string>();
  for (const hash of hashes) {
    const { variants } = await repo.hashes.variants({ hash });
    assert.deepEqual(
      variants.map((made) => made.variant),
      [variant],
    );
    const identifier = variants[0]?.identifier ?? '';
    identifiers.add(identifier);
    const { width, height, format } = await sharp(await readFile(join(folder, identifier))).metadata();
    assert.deepEqual([width, height, format], [256, 171, 'webp']);
    const details = await repo.details.details({ identifier });
    assert.deepEqual([details['width'], details['height']], [256, 171]);
  }
  assert.equal(identifiers.size, hashes.length);
});

/** A store that calls back before each write is done, and counts them. */
function watchedStore(onWrite: () => Promise<unknown>) {
  const own = storeIn(folder);
  const written: string[] = [];
  const store: typeof own = {
    ...own,
    async write(bytes, extension) {
      const identifier = await own.write(bytes, extension);
      written.push(identifier);
      await onWrite();
      return identifier;
    },
  };
  return { store, written };
}

test('of many workers at once, one makes the variant, and the others wait for it', async () => {
  const hash = await upload('rivals', 8, 8);
  const { store, written } = watchedStore(() => until(() => service.waiting() === 3));
  const make = () => makeVariant(repo, store, generate('rivals'), never);
  const made = await Promise.all([make(), make(), make(), make()]);
  assert.equal(written.length, 1);
  assert.deepEqual([...new Set(made.map(({ identifier }) => identifier))], written);
  assert.deepEqual(made.map(({ standing }) => standing).sort(), [false, true, true, true]);
  assert.deepEqual((await repo.hashes.variants({ hash })).variants, [{ variant, identifier: written[0] }]);
  assert.equal((await make()).standing, true);
});

test('the claim of a dead worker is taken over, and a worker that has lost its claim leaves no file', async () => {
  const hash = await upload('dead', 8, 8);
  const key = { hash, variant };
  await repo.variantClaims.claim(key, { claimer: 'dead', lease_seconds: 1 });
  const runOut = () => service.sql`update variant_claims set lease_expires_at = clock_timestamp()`;
  const rival: { made?: Promise<{ identifier: string }> } = {};
  const { store, written } = watchedStore(async () => {
    if (written.length > 1) return;
    await runOut();
    rival.made = makeVariant(repo, store, generate('dead'), never);
    await until(() => written.length === 2);
  });
  const { identifier, standing } = await makeVariant(repo, store, generate('dead'), never);
  assert.equal((await rival.made)?.identifier, identifier);
  assert.deepEqual([written[1], standing], [identifier, true]);
  await assert.rejects(store.read(written[0] ?? ''), { code: 'ENOENT' });
  await assert.rejects(repo.details.details({ identifier: written[0] ?? '' }), /details_not_found/);
});

test('the error of a variant that cannot be made reaches those who wait; a content that was deleted meanwhile leaves no file', async () => {
  const [hash, gone] = [await upload('unmade', 8, 8), await upload('gone', 8, 8)];
  const job = generate('unmade', { process_args: ['explode=1'] });
  await assert.rejects(makeVariant(repo, storeIn(folder), job, never), /explode/);
  const { state, error } = await repo.variantClaims.wait({ hash, variant });
  assert.equal(state, 'failed');
  assert.match(error ?? '', /explode/);

  const { store, written } = watchedStore(() => repo.hashes.cleanup({ hash: gone }));
  await assert.rejects(
    makeVariant(repo, store, generate('gone'), never),
    (failure) => failure instanceof JobFailure && !failure.retry,
  );
  await assert.rejects(store.read(written[0] ?? ''), { code: 'ENOENT' });
});

test('a claim is kept for as long as the making takes', async () => {
  const hash = await upload('slow', 8, 8);
  const lease = async () => {
    const { lease_expires_at = '' } = await repo.variantClaims.wait({ hash, variant });
    return lease_expires_at;
  };
  const { store } = watchedStore(async () => {
    const first = await lease();
    await until(async () => (await lease()) > first);
  });
  const { standing } = await makeVariant(repo, store, generate('slow'), never, { leaseSeconds: 1 });
  assert.equal(standing, false);
});

test('each processor makes what it says', async () => {
  const cases = [
    { args: ['thumbnail=75'], size: [75, 50], formats: ['jpeg', 'png', 'webp', 'avif'] },
    { args: ['resize=5000'], size: [150, 100], formats: ['jpeg'] },
    { args: ['crop=1x1'], size: [100, 100], formats: ['jpeg'] },
    { args: ['crop=16x9', 'resize=80', 'blur=2'], size: [80, 45], formats: ['webp'] },
    { args: ['identity'], size: [150, 100], formats: ['png'] },
  ];
  await upload('cases', 150, 100);
  for (const { args, size, formats } of cases) {
    for (const target_format of formats) {
      const path = `${args.join('/')}/${target_format}`;
      const job = generate('cases', { target_format, process_path: path, process_args: args });
      const { identifier } = await makeVariant(repo, storeIn(folder), job, never);
      const { width, height, format } = await sharp(join(folder, identifier)).metadata();
      assert.deepEqual([width, height], size, path);
      assert.equal(format, target_format === 'avif' ? 'heif' : target_format);
    }
  }
});

test('no variant is black where the original is transparent, nor without a pixel', async () => {
  const background = { r: 0, g: 0, b: 0, alpha: 0 };
  const clear = await sharp({ create: { width: 1, height: 1, channels: 4, background } })
    .png()
    .toBuffer();
  await upload('clear', 1, 1);
  await writeFile(join(folder, 'originals/clear.png'), clear);
  for (const [n, process_args] of [['crop=16x9'], ['thumbnail=0.4'], ['identity']].entries()) {
    const job = generate('clear', { target_format: 'jpeg', process_path: `clear/${n}`, process_args });
    const { identifier } = await makeVariant(repo, storeIn(folder), job, never);
    const { data, info } = await sharp(join(folder, identifier)).raw().toBuffer({ resolveWithObject: true });
    assert.deepEqual([info.width, info.height, [...data]], [1, 1, [255, 255, 255]], String(process_args));
  }
});

test('jobs that can never succeed are not retried', async () => {
  await upload('never', 8, 8);
  await repo.hashes.create({ hash: 'dd' }, { identifier: '../outside.png' });
  await repo.aliases.create({ alias: 'outside' }, { hash: 'dd', delete_token: 't' });
  await writeFile(join(folder, 'text.png'), 'no image');
  await repo.hashes.create({ hash: 'ee' }, { identifier: 'text.png' });
  await repo.aliases.create({ alias: 'text' }, { hash: 'ee', delete_token: 't' });
  const jobs = [
    null,
    { Identifier: { identifier: 'x' } },
    generate('never', { process_args: [1] }),
    generate('never', { process_args: ['explode=1'] }),
    generate('never', { process_args: ['thumbnail='] }),
    generate('never', { process_args: ['crop=1x'] }),
    generate('never', { target_format: 'exe' }),
    generate('nobody'),
    generate('outside'),
    generate('text'),
  ];
  const before = await filesOf();
  for (const job of jobs) {
    await assert.rejects(
      makeVariant(repo, storeIn(folder), job, never),
      (error) => error instanceof JobFailure && !error.retry,
      JSON.stringify(job),
    );
  }
  assert.deepEqual(await filesOf(), before);
});

test('a lost original is tried again; an aborted job writes nothing', async () => {
  const hash = await upload('lost', 8, 8);
  await rm(join(folder, 'originals/lost.png'));
  await assert.rejects(makeVariant(repo, storeIn(folder), generate('lost'), never), { code: 'ENOENT' });
  await upload('aborted', 8, 8);
  const before = await filesOf();
  const reason = new Error('lost');
  const aborted = AbortSignal.abort(reason);
  await assert.rejects(makeVariant(repo, storeIn(folder), generate('aborted'), aborted), reason);
  assert.deepEqual(await filesOf(), before);
  assert.deepEqual(await repo.hashes.variants({ hash }), { variants: [] });
});

test('wrong arguments exit with 2', async () => {
  const { code } = await callInThread('examples/thumbnailer/main.js', [
    '--concurrency',
    '0',
    '--store',
    folder,
  ]);
  assert.equal(code, 2);
});

async function filesOf(): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}
