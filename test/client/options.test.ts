import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { mock, test } from 'node:test';
import { createClient, JobFailure, work } from '../../client/src/index.js';
import { after } from '../../client/src/timer.js';

/** What the client's options may be: anything else is refused at once, with the name of the option, and nothing is asked. */

const baseUrl = 'http://127.0.0.1:1';
const document = JSON.parse(
  await readFile(new URL('../../../openapi/openapi.json', import.meta.url), 'utf8'),
);
const pop = document.components.schemas.Pop.properties;
const push = document.components.schemas.NewJob.properties;
const YEAR = 31_536_000;

let asked = 0;
const repo = createClient({
  baseUrl,
  // A poll that waits is answered by its abort alone, and the one after it at once.
  fetch: async (_url, init) => {
    asked += 1;
    if (String(init?.body).includes('"wait_seconds":0')) return Response.json({ jobs: [] });
    return await new Promise((_resolve, reject) => {
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
    });
  },
});
const workWith = (options: object) => work(repo, 'q', () => {}, options);
const createWith = async (options: object) => createClient({ baseUrl, ...options });
const callWith = async (options: object) => repo.queue.stats({ queue: 'q' }, options);
const streamWith = async (options: object) => repo.hashes.hashes({}, options);
const failWith = async (options: object) => new JobFailure('no', options);

interface Bounds {
  minimum: number;
  maximum: number;
  isWhole?: boolean;
  unit?: string;
}
const seconds = (minimum: number, maximum: number) => ({ minimum, maximum, unit: 'seconds' });
const retries = { minimum: 0, maximum: 1_000_000, isWhole: true, unit: 'tries' };

const numbers: [string, Bounds, (options: object) => Promise<unknown>][] = [
  ['retries', retries, createWith],
  ['retries', retries, callWith],
  ['retries', retries, streamWith],
  ['timeoutSeconds', seconds(0.001, YEAR), createWith],
  ['timeoutSeconds', seconds(0.001, YEAR), callWith],
  ['timeoutSeconds', seconds(0.001, YEAR), streamWith],
  ['concurrency', { minimum: 1, maximum: 10_000, isWhole: true, unit: 'jobs' }, workWith],
  ['graceSeconds', seconds(0, YEAR), workWith],
  ['maxRunSeconds', seconds(0.001, push.max_run_seconds.maximum), workWith],
  [
    'leaseSeconds',
    { ...seconds(pop.lease_seconds.minimum, pop.lease_seconds.maximum), isWhole: true },
    workWith,
  ],
  ['waitSeconds', seconds(pop.wait_seconds.minimum, pop.wait_seconds.maximum), workWith],
  ['delaySeconds', seconds(0, push.delay_seconds.maximum), failWith],
];

/** Refused wherever a number is wanted. */
const NO_NUMBERS = ['', ' ', '30', '30s', null, true, {}, [], () => 1, 30n];
const stopped = AbortSignal.abort();

for (const [name, { minimum, maximum, isWhole, unit }, give] of numbers) {
  test(`${give.name} ${name}: ${isWhole ? 'whole ' : ''}numbers of ${unit} from ${minimum} to ${maximum}, and nothing else`, async () => {
    const odd = [
      0,
      -1,
      -0.5,
      NaN,
      Infinity,
      -Infinity,
      2 ** 31,
      1e300,
      minimum - 1,
      maximum + 1,
      0.5,
      1.5,
      minimum / 2,
    ];
    const isTaken = (value: number) =>
      value >= minimum && value <= maximum && (!isWhole || Number.isInteger(value));
    for (const value of odd.filter((one) => !isTaken(one))) {
      await assert.rejects(give({ [name]: value }), (error: Error) => {
        assert.ok(error instanceof RangeError, `${value}: ${error}`);
        assert.match(
          error.message,
          new RegExp(`^${name} must be .*number of ${unit} from ${minimum} to ${maximum}`),
        );
        assert.ok(error.message.endsWith(`it is ${value}.`), error.message);
        return true;
      });
    }
    for (const value of NO_NUMBERS) {
      await assert.rejects(give({ [name]: value }), (error: Error) => {
        assert.ok(error instanceof TypeError, `${String(value)}: ${error}`);
        return error.message.startsWith(`${name} must be `);
      });
    }
    // With a signal that has stopped it before, nothing else happens.
    if (give === callWith || give === streamWith) return;
    const more = give === workWith ? { signal: stopped } : {};
    for (const value of [minimum, maximum, undefined]) await give({ [name]: value, ...more });
    assert.equal(asked, 0);
  });
}

const kinds: [string, unknown[], (options: object) => Promise<unknown>][] = [
  [
    'baseUrl',
    [
      undefined,
      null,
      '',
      ' ',
      1,
      'localhost:3000',
      'ftp://a',
      'http://a b',
      ' http://a',
      'http://a\n',
      'http://u:secret@a',
      'http://a?b',
      'http://a#',
      new URL(baseUrl),
    ],
    createWith,
  ],
  ['key', [null, '', ' ', 'secret\n', 'secret key', 'sécret', 1], createWith],
  ['fetch', [null, '', {}], createWith],
  ['signal', [null, '', {}, new AbortController(), true], callWith],
  ['signal', [null, '', {}, new AbortController(), true], streamWith],
  ['signal', [null, '', {}, new AbortController(), true], workWith],
  ['workerId', [null, '', '.', '..', 'a/b', 'a\nb', 'ä'.repeat(128), 1], workWith],
  ['onError', [null, '', {}], workWith],
  ['retry', [null, '', 'false', 0], failWith],
];
for (const [name, values, give] of kinds) {
  test(`${give.name} ${name}: another kind of value is refused by the name of the option, and no secret is shown`, async () => {
    for (const value of values) {
      await assert.rejects(give({ [name]: value }), (error: Error) => {
        assert.ok(error instanceof TypeError, `${String(value)}: ${error}`);
        assert.ok(error.message.startsWith(`${name} must be `), error.message);
        return !error.message.includes('secret');
      });
    }
  });
}

test('JobFailure: a delay until a run that will not be is refused', () => {
  assert.throws(() => new JobFailure('no', { retry: false, delaySeconds: 0 }), TypeError);
  assert.equal(new JobFailure('later', { retry: true, delaySeconds: 5 }).delaySeconds, 5);
});

test('unknown options, and values that are not options, are refused', async () => {
  const gives = {
    createClient: createWith,
    'queue.stats': callWith,
    'hashes.hashes': streamWith,
    work: workWith,
    JobFailure: failWith,
  };
  for (const [name, give] of Object.entries(gives)) {
    await assert.rejects(
      give({ timeout: 5 }),
      new RegExp(`TypeError: ${name} has no option timeout; it has `),
    );
    await assert.rejects(give({ toString: 5 }), /no option toString/);
  }
  // As a caller without types may write them.
  const untyped: (...args: unknown[]) => Promise<unknown> = async (...args) =>
    Reflect.apply(work, undefined, args);
  for (const options of [30, null, [], '']) {
    await assert.rejects(
      untyped(repo, 'q', () => {}, options),
      /^TypeError: the options of work must be an object/,
    );
    await assert.rejects(
      async () => Reflect.apply(repo.queue.stats, undefined, [{ queue: 'q' }, options]),
      /^TypeError: the options of queue.stats must be an object/,
    );
  }
  assert.throws(() => Reflect.apply(createClient, undefined, []), /^TypeError: the options of createClient/);
  await assert.rejects(
    untyped('q', 'q', () => {}),
    /^TypeError: repo must be a client/,
  );
  await assert.rejects(
    untyped(repo, '', () => {}),
    /^TypeError: queue must be a text of 1 to 255 bytes/,
  );
  await assert.rejects(untyped(repo, 'q', {}), /^TypeError: handler must be a function/);
  assert.equal(asked, 0);
});

test('a timer of more than 2^31 ms fires in its time, and not before', () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const fired: string[] = [];
    const month = 30 * 86_400_000;
    after(month, () => fired.push('month'));
    const cancel = after(month, () => fired.push('cancelled'));
    mock.timers.tick(2 ** 31 - 1);
    cancel();
    mock.timers.tick(month - 2 ** 31);
    assert.deepEqual(fired, []);
    mock.timers.tick(1);
    assert.deepEqual(fired, ['month']);
  } finally {
    mock.timers.reset();
  }
});

for (const [what, requests, run] of [
  [
    'a worker of concurrency 1,000',
    1,
    (signal: AbortSignal) => [work(repo, 'q', () => {}, { concurrency: 1000, signal })],
  ],
  [
    '100 calls with one signal',
    50,
    (signal: AbortSignal) => Array.from({ length: 100 }, () => repo.queue.stats({ queue: 'q' }, { signal })),
  ],
] as const) {
  test(`${what}: no warning of listeners`, async () => {
    const warnings: string[] = [];
    const note = ({ name }: Error) => name.startsWith('MaxListeners') && warnings.push(name);
    process.on('warning', note);
    asked = 0;
    const stop = new AbortController();
    const runs = run(stop.signal);
    await new Promise(setImmediate);
    assert.ok(asked >= requests);
    stop.abort();
    await Promise.allSettled(runs);
    await new Promise(setImmediate);
    process.off('warning', note);
    assert.deepEqual(warnings, []);
  });
}
