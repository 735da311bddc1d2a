/** @typedef {{ what: string, method: string, path: string, body?: string, headers?: Record<string, string>, status: number, before?: string, times?: number }} Input before: SQL; times: at once */

const MIB = 1024 * 1024;
const JOB = '019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77';

/** As often as fits. @param {number} bytes @param {string} text */
const fill = (bytes, text) => text.repeat(Math.floor(bytes / Buffer.byteLength(text)));
/** In so many bytes, between commas. @param {number} bytes @param {string} text */
const list = (bytes, text) => fill(bytes - text.length, `${text},`) + text;
/** @param {number} count @param {(n: number) => string} item */
const items = (count, item) => Array.from({ length: count }, (_, n) => item(n)).join(',');
/** Members of different names. @param {number} bytes */
const members = (bytes) => items(Math.floor(bytes / 15), (n) => `"key${String(n).padStart(7, '0')}":1`);
const nest = '['.repeat(250) + ']'.repeat(250);

/** JSON values of about so many bytes. @type {Record<string, (bytes: number) => string>} */
const VALUES = {
  'a string': (bytes) => `"${fill(bytes - 2, 'x')}"`,
  'a string beyond the BMP': (bytes) => `"${fill(bytes - 4, '\u{1f600}')}"`,
  'a string of escapes': (bytes) => `"${fill(bytes - 8, '\\u0041')}"`,
  'a string of quotes': (bytes) => `"${fill(bytes - 4, '\\"')}"`,
  numbers: (bytes) => `[${list(bytes - 4, '1')}]`,
  'long numbers': (bytes) => `[${list(bytes - 500, '1.5e-300')}]`,
  'empty arrays': (bytes) => `[${list(bytes - 8, '[]')}]`,
  'nested arrays': (bytes) => `[${list(bytes - 1024, nest)}]`,
  'empty strings': (bytes) => `[${list(bytes - 8, '""')}]`,
  'objects of one name': (bytes) => `[${list(bytes - 16, '{"a":1}')}]`,
  'members of different names': (bytes) => `{${members(bytes - 32)}}`,
  'members of one name': (bytes) => `{${list(bytes - 16, '"a":1')}}`,
  spaces: (bytes) => `[${fill(bytes - 2, ' ')}]`,
};

/** @param {string} what @param {string} body @param {number} status @returns {Input} */
const batch = (what, body, status) => ({
  what: `batch: ${what}`,
  method: 'POST',
  path: '/queues/batch/jobs/batch',
  body,
  status,
});
const BATCH = 8 * MIB;

/** What the service takes, at the limits. @returns {Input[]} */
export function valid() {
  const byValue = Object.entries(VALUES).flatMap(([what, value]) => [
    batch(`1,000 jobs of 8 kB: ${what}`, `{"jobs":[${items(1000, () => `{"job":${value(8000)}}`)}]}`, 200),
    batch(`31 jobs of 256 KiB: ${what}`, `{"jobs":[${items(31, () => `{"job":${value(255_000)}}`)}]}`, 200),
    {
      what: `push: ${what}`,
      method: 'POST',
      path: '/queues/push/jobs',
      body: `{"job":${value(255_000)}}`,
      status: 201,
    },
    {
      what: `details: ${what}`,
      method: 'PUT',
      path: '/details?identifier=i',
      body: `{"a":${value(MIB - 16)}}`,
      status: 204,
    },
  ]);
  const leases = `[${items(1000, (n) => `"${JOB}.${n + 1}"`)}]`;
  return [
    ...byValue,
    {
      what: 'complete 1,000 leases',
      method: 'POST',
      path: '/leases/complete',
      body: `{"leases":${leases}}`,
      status: 200,
    },
    {
      what: 'heartbeat of 1,000 leases',
      method: 'POST',
      path: '/leases/heartbeat',
      body: `{"leases":${leases}}`,
      status: 200,
    },
    {
      ...batch(
        'eight at once, of 31 jobs of 256 KiB',
        `{"jobs":[${items(31, () => `{"job":${VALUES.numbers(255_000)}}`)}]}`,
        200,
      ),
      times: 8,
    },
    {
      what: 'a setting of 64 KiB',
      method: 'PUT',
      path: '/settings/s',
      body: fill(64 * 1024, 'x'),
      status: 204,
    },
  ];
}

/** What it refuses. @returns {Input[]} */
export function hostile() {
  const wrong = items(
    1000,
    () => '{"job":1,"id":1,"unique_key":1,"priority":"","delay_seconds":"","max_attempts":0,"run_at":""}',
  );
  const text = (/** @type {string} */ name, /** @type {string} */ value) =>
    `{"jobs":[{"job":1,"${name}":${value}}]}`;
  const pop = (/** @type {string} */ what, /** @type {string} */ body, status = 400) => ({
    what: `pop: ${what}`,
    method: 'POST',
    path: '/queues/q/pop',
    body,
    status,
  });
  const get = (
    /** @type {string} */ what,
    /** @type {string} */ path,
    /** @type {Record<string, string>} */ headers = {},
    status = 400,
  ) => ({ what, method: 'GET', path, headers, status });
  const small = 250 * 1024;
  const head = 60 * 1024;
  return [
    batch('four million ones', `{"jobs":[${list(BATCH - 64, '1')}]}`, 413),
    batch('600,000 unknown members', `{${members(BATCH - 64)}}`, 400),
    batch('600,000 unknown members of a job', `{"jobs":[{"job":1,${members(BATCH - 64)}}]}`, 400),
    batch('one member again and again', `{"jobs":[{${list(BATCH - 64, '"job":1')}}]}`, 200),
    batch('the array again and again', `{${list(BATCH - 64, '"jobs":[]')}}`, 200),
    batch('1,000 jobs, all members wrong', `{"jobs":[${wrong}]}`, 400),
    batch('1,000 ones', `{"jobs":[${list(1999, '1')}]}`, 400),
    batch('one job of 8 MiB', `{"jobs":[{"job":${VALUES['a string'](BATCH - 64)}}]}`, 413),
    batch('cut short', `{"jobs":[{"job":${VALUES['objects of one name'](BATCH - 64)}`, 400),
    batch('no UTF-8 at the end', `{"jobs":[{"job":"${fill(BATCH - 64, 'x')}\ud800"}]}`, 413),
    batch('8 MiB of nesting', fill(BATCH, '['), 400),
    batch('8 MiB of digits', `{"jobs":[{"job":${fill(BATCH - 64, '1')}}]}`, 400),
    batch('8 MiB of an exponent', `{"jobs":[{"job":1e${fill(BATCH - 128, '0')}1}]}`, 413),
    batch('8 MiB of a name', `{"${fill(BATCH - 64, '~')}":1}`, 400),
    batch('8 MiB of a name of escapes', `{"${fill(BATCH - 64, '\\u0041')}":1}`, 400),
    ...['id', 'unique_key', 'run_at', 'priority'].flatMap((name) => [
      batch(`8 MiB of ${name}`, text(name, VALUES['a string'](BATCH - 64)), 400),
      batch(`8 MiB of ${name}, escapes`, text(name, VALUES['a string of escapes'](BATCH - 64)), 400),
      batch(
        `8 MiB of ${name}, beyond the BMP`,
        text(name, VALUES['a string beyond the BMP'](BATCH - 64)),
        400,
      ),
      batch(`8 MiB of ${name}, combining marks`, text(name, `"e${fill(BATCH - 64, '\u0301')}"`), 400),
    ]),
    batch(
      '8 MiB of a fraction of a second',
      text('run_at', `"2026-01-01T00:00:00.${fill(BATCH - 128, '1')}Z"`),
      200,
    ),
    pop('unknown members', `{"worker_id":"w",${members(small)}}`),
    pop('ones', `{"worker_id":"w","completed":[${list(small, '1')}]}`, 413),
    pop('a worker of 250 KiB', `{"worker_id":"${fill(small, '.')}"}`),
    {
      what: 'unknown members of a hash',
      method: 'PUT',
      path: '/hashes/aa',
      body: `{${members(60 * 1024)}}`,
      status: 400,
    },
    {
      what: 'details: an array',
      method: 'PUT',
      path: '/details?identifier=i',
      body: VALUES.numbers(MIB - 8),
      status: 400,
    },
    get('60 KiB of parameters', `/hashes?${fill(head, 'a&')}`),
    get(
      '60 KiB of different parameters',
      `/hashes?${Array.from({ length: 9000 }, (_, n) => n.toString(36)).join('&')}`,
    ),
    get('60 KiB of one parameter', `/hashes?${fill(head, 'after=aa&')}`),
    get('60 KiB of percent in a parameter', `/details?identifier=${fill(head, '%C3%A9')}`),
    get('60 KiB of percent in a path', `/aliases/${fill(head, '%C3%A9')}/hash`),
    get('60 KiB of hex', `/hashes/${fill(head, 'a')}/identifier`),
    get('60 KiB of digits', `/hashes?limit=${fill(head, '1')}`),
    get('60 KiB of a path of no route', `/${fill(head, 'a/')}`, {}, 404),
    ...Object.entries({
      prefer: `${fill(head, ', ')}wait`,
      accept: fill(head, '*/*;q=0.1, '),
      authorization: `Bearer ${fill(head, 'a=')}`,
      host: `localhost:${fill(head, '1')}x`,
      'x-request-id': fill(head, 'a'),
      'accept-encoding': fill(head, 'gzip, '),
    }).map(([name, value]) =>
      get(`60 KiB of ${name}`, '/hashes/size', { [name]: value }, name === 'host' ? 421 : 200),
    ),
    {
      ...batch('60 KiB of content-type', '{"jobs":[]}', 415),
      headers: { 'content-type': `application/json${fill(head, ' ')};x` },
    },
    {
      ...pop('60 KiB of prefer', '{"worker_id":"w"}', 200),
      headers: { prefer: `${fill(head, ' ')}wait = ${fill(100, '1')}` },
    },
    get(
      '900 headers',
      '/hashes/size',
      Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`h${n}`, 'x'])),
      200,
    ),
  ];
}

/** Large answers. @returns {Input[]} */
export function answers() {
  const get = (/** @type {string} */ what, /** @type {string} */ path, /** @type {string} */ before) => ({
    what,
    method: 'GET',
    path,
    status: 200,
    before,
  });
  const jobs = (/** @type {string} */ text, /** @type {number} */ count) =>
    `truncate jobs; insert into jobs (queue, job) select 'answer', ('"' || ${text} || '"')::json from generate_series(1, ${count})`;
  const texts = { ascii: `repeat('x', 8000)`, 'beyond the BMP': `repeat('\u{1f600}', 2000)` };
  const popAll = {
    method: 'POST',
    path: '/queues/answer/pop',
    body: '{"worker_id":"w","max":1000}',
    status: 200,
  };
  const dead = (/** @type {string} */ error) => `truncate dead_jobs;
    insert into dead_jobs (id, queue, job, priority, queued_at, attempts, max_attempts, claims, last_error)
    select gen_random_uuid(), 'answer', '1', 0, now(), 1, 1, 1, ${error} from generate_series(1, 1000)`;
  const accessed = `truncate hashes cascade; insert into hashes (hash, identifier) select sha256(int8send(n)), 'i' || n from generate_series(1, 5000) as n;`;
  return [
    ...Object.entries(texts).flatMap(([what, text]) => [
      { ...popAll, what: `pop of 1,000 jobs of 8 KiB, ${what}`, before: jobs(text, 1000) },
      get(`list of 1,000 jobs of 8 KiB, ${what}`, '/queues/answer/jobs?limit=1000', jobs(text, 1000)),
    ]),
    { ...popAll, what: 'pop of 32 jobs of 256 KiB', before: jobs(`repeat('x', 260000)`, 32) },
    get(
      'list of 1,000 dead jobs with errors of 16 KiB',
      '/queues/answer/jobs?state=dead&limit=1000',
      dead(`repeat('x', 16384)`),
    ),
    get(
      'list of 1,000 dead jobs with errors of control characters',
      '/queues/answer/jobs?state=dead&limit=1000',
      dead(`repeat(chr(1), 16384)`),
    ),
    get('5,000 hashes', '/hashes', accessed),
    get(
      'variants of a hash: 5,000 of 2 KiB',
      `/hashes/${'aa'.repeat(32)}/variants`,
      `truncate hashes cascade; insert into hashes (hash, identifier) values (decode('${'aa'.repeat(32)}', 'hex'), 'i'); insert into variants (hash, variant, identifier) select decode('${'aa'.repeat(32)}', 'hex'), n || repeat('v', 2000), n || repeat('i', 2000) from generate_series(1, 5000) as n`,
    ),
    get(
      '5,000 queues',
      '/queues',
      `truncate jobs; insert into jobs (queue, job) select 'queue-' || n, '1' from generate_series(1, 5000) as n`,
    ),
  ];
}
