import { createHash } from 'node:crypto';

type Ask = (
  method: string,
  path: string,
  body?: object,
) => Promise<{
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  json: any;
}>;

/** A content for the console, with its names in the order of its number. */
export interface ShownContent {
  hash: string;
  identifier: string;
  alias: string;
}

const FORMATS = [
  ['jpeg', 5],
  ['webp', 8],
  ['png', 7],
  ['webp', 8],
  ['gif', 2],
  ['mp4', 9],
] as const;
const OWNERS = ['ada', 'grace', 'alan', undefined, 'edsger'];
const TITLES = ['harbour', 'fjord', 'owl', 'market', 'ferry', 'lamp', 'orchard', 'gull', 'stairs', 'rain'];

/** The nth content: its hash is made as that of pict-rs, of a digest, a size and a format. */
function contentAt(n: number): ShownContent & { bytes: number; type: string; owner: string | undefined } {
  const [type, format] = FORMATS[n % FORMATS.length] ?? ['webp', 8];
  const digest = createHash('sha256').update(`content ${n}`).digest();
  const bytes = 20_000 + ((n * 7919) % 97) * 21_000;
  const tail = Buffer.alloc(7);
  tail.writeUIntBE(bytes, 0, 6);
  tail[6] = format;
  const hex = digest.toString('hex');
  const title = TITLES[n % TITLES.length];
  return {
    hash: Buffer.concat([digest, tail]).toString('hex'),
    identifier: `${hex.slice(0, 2)}/${hex.slice(2, 4)}/${hex.slice(4, 16)}.${type}`,
    alias: `${title}-${n}.${type}`,
    bytes,
    type,
    owner: OWNERS[n % OWNERS.length],
  };
}

/** Contents with details, aliases, owners, variants, a URL and accesses. */
export async function fillMedia(ask: Ask, count: number): Promise<ShownContent[]> {
  const contents = Array.from({ length: count }, (_, n) => contentAt(n));
  for (const [n, { hash, identifier, alias, bytes, type, owner }] of contents.entries()) {
    const isVideo = type === 'mp4';
    await ask('PUT', `/media/${alias}`, {
      hash,
      identifier,
      bytes,
      delete_token: `token-${n}`,
      details: {
        width: 640 + (n % 5) * 320,
        height: 480 + (n % 3) * 240,
        frames: isVideo ? 240 : null,
        content_type: `${isVideo ? 'video' : 'image'}/${type}`,
        created_at: '2026-11-20T09:12:45.123456789Z',
      },
      ...(owner && { owner }),
      ...(n % 7 === 3 && { proxy_url: `https://elsewhere.example/pictures/${n}.${type}` }),
      ...(n % 9 === 4 && { expires_at: '2027-06-01T00:00:00Z' }),
    });
    for (const size of n % 2 === 0 ? [128, 512] : [256]) {
      const variant = `thumbnail/${size}/webp`;
      const query = `variant=${encodeURIComponent(variant)}`;
      await ask('PUT', `/hashes/${hash}/variant?${query}`, {
        identifier: identifier.replace('.', `-${size}.`),
        bytes: size * 60,
      });
      if (n % 4 === 0) await ask('PUT', `/hashes/${hash}/variant/access?${query}`, {});
    }
    if (n % 3 === 0) {
      await ask('PUT', `/aliases/${alias.replace('.', '-again.')}`, {
        hash,
        delete_token: `again-${n}`,
        owner: 'grace',
      });
    }
  }
  return contents;
}

const ERRORS = [
  'the source is truncated: expected 182734 bytes, got 65536',
  'connect ECONNREFUSED 10.0.4.17:9000 (object store)',
  'unsupported pixel format yuv444p16le',
];

/** A queue in each condition, with workers that hold jobs. */
export async function fillQueues(ask: Ask): Promise<void> {
  const push = (queue: string, count: number, more: object = {}) =>
    ask('POST', `/queues/${queue}/jobs/batch`, {
      jobs: Array.from({ length: count }, (_, n) => ({
        job: {
          Generate: {
            source: contentAt(n).identifier,
            target_format: 'webp',
            process_path: 'thumbnail',
            process_args: [256],
          },
        },
        ...more,
      })),
    });
  const pop = async (queue: string, worker: string, max: number): Promise<{ lease: string }[]> => {
    const { json } = await ask('POST', `/queues/${queue}/pop`, {
      worker_id: worker,
      max,
      wait_seconds: 0,
      lease_seconds: 600,
    });
    return json.jobs;
  };

  await push('generate', 40);
  for (const worker of ['pict-1', 'pict-2']) await pop('generate', worker, 3);
  await push('ingest', 12, { max_attempts: 3 });
  const failing = await pop('ingest', 'pict-1', 8);
  for (const [n, { lease }] of failing.entries()) {
    await ask('POST', `/leases/${lease}/fail`, {
      error: ERRORS[n % ERRORS.length],
      ...(n < 6 ? { retry: false } : { delay_seconds: 900 }),
    });
  }
  await push('cleanup', 5, { delay_seconds: 7200 });
  await push('transcode', 7);
  await ask('POST', '/queues/transcode/pause');
  await push('notify', 1, { unique_key: 'outdated-proxies' });
  for (const { lease } of await pop('notify', 'mailer-1', 1)) await ask('POST', `/leases/${lease}/complete`);
  await push('notify', 3);
}
