import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { ConnectionError, createClient, isProblem, ProblemError } from '../../client/src/index.js';
import { retryAfterOf } from '../../client/src/retry.js';
import { atEnd } from '../support/cleanup.js';
import { collect } from '../support/collect.js';
import { listen } from '../support/listen.js';
import { startTestService } from '../support/service.js';

const { base, sql } = await startTestService();
const repo = createClient({ baseUrl: base });

/** A client of which the first tries do, or hear, something else than they should. */
function faulty(...faults: ((url: string, init: RequestInit) => Promise<Response>)[]) {
  const asked: RequestInit[] = [];
  const client = createClient({
    baseUrl: base,
    fetch: (url, init = {}) => {
      asked.push(init);
      return faults.shift()?.(String(url), init) ?? fetch(url, init);
    },
  });
  return { client, asked };
}

/** The service did it, and nobody heard. */
const lostAnswer = async (url: string, init: RequestInit): Promise<Response> => {
  await (await fetch(url, init)).text();
  throw new TypeError('fetch failed', { cause: new Error('other side closed') });
};

const says =
  (status: number, body = '', headers = {}) =>
  () =>
    Promise.resolve(new Response(body, { status, headers }));

test('a problem is an error with all that the service says', async () => {
  await repo.hashes.create({ hash: 'aa01' }, { identifier: 'existing' });
  const error = await repo.hashes.create({ hash: 'aa01' }, { identifier: 'other' }).catch((e: unknown) => e);
  assert.ok(error instanceof ProblemError);
  assert.equal(error.status, 409);
  assert.equal(error.code, 'hash_already_exists');
  assert.deepEqual(error.existing, { hash: 'aa01', identifier: 'existing' });
  assert.match(error.requestId ?? '', /./);
  assert.match(error.message, /^hash_already_exists: /);
  assert.ok(isProblem(error, 'hash_already_exists') && !isProblem(error, 'hash_not_found'));
});

test('an error for bad input has its place; the call is not repeated', async () => {
  const { client, asked } = faulty();
  const error = await client.hashes.create({ hash: 'zz' }, { identifier: 'i' }).catch((e: unknown) => e);
  assert.ok(error instanceof ProblemError);
  assert.equal(error.errors?.[0]?.path, '/params/hash');
  assert.equal(asked.length, 1);
});

test('a segment that fetch would rewrite to another route is not sent', async () => {
  const { client, asked } = faulty();
  for (const alias of ['.', '..', '']) await assert.rejects(client.aliases.cleanup({ alias }), TypeError);
  assert.equal(asked.length, 0);
});

test('a push whose answer was lost makes one job, and its caller is not told of a duplicate', async () => {
  const { client, asked } = faulty(lostAnswer);
  const pushed = await client.queue.push({ queue: 'lost' }, { job: 1 });
  assert.equal(asked.length, 2);
  assert.deepEqual([pushed.status, pushed.duplicate], [201, false]);
  const many = await faulty(lostAnswer).client.queue.pushMany({ queue: 'lost' }, { jobs: [{ job: 2 }] });
  assert.deepEqual(
    many.jobs.map(({ duplicate }) => duplicate),
    [false],
  );
  assert.equal((await repo.queue.stats({ queue: 'lost' })).ready, 2);
});

test('a duplicate of a job of somebody else is reported as a duplicate', async () => {
  const first = await repo.queue.push({ queue: 'unique' }, { job: 1, unique_key: 'k' });
  const second = await faulty(lostAnswer).client.queue.push({ queue: 'unique' }, { job: 1, unique_key: 'k' });
  assert.deepEqual(second, { status: 200, id: first.id, duplicate: true });
});

test('a pop whose answer was lost gets the same job', async () => {
  for (const body of [{ worker_id: 'w' }, { worker_id: 'w', idempotency_key: undefined }]) {
    const { id } = await repo.queue.push({ queue: 'again' }, { job: 1 });
    const popped = await faulty(lostAnswer).client.queue.pop({ queue: 'again' }, body);
    assert.deepEqual(
      popped.jobs.map((job) => job.id),
      [id],
    );
  }
});

for (const status of [429, 502, 503, 504]) {
  test(`${status} is tried again`, async () => {
    const { client, asked } = faulty(says(status), says(status));
    assert.equal((await client.hashes.size()).size >= 0, true);
    assert.equal(asked.length, 3);
  });
}

const page = '<html>\n<h1>Maintenance \u001b[31m</h1></html>';
const json = { 'content-type': 'application/json' };

for (const [name, status, body, headers] of [
  ['a page', 200, page],
  ['nothing', 200],
  ['an empty object', 200, '{}', json],
  ['a list', 200, '[]', json],
  ['half of an answer', 200, '{"size":', json],
  ['another status of success', 202, '{"size":1}', json],
  ['520', 520, page],
] as const) {
  test(`${name} instead of an answer of the service: the call is tried again`, async () => {
    const { client, asked } = faulty(says(status, body, headers));
    assert.equal((await client.hashes.size()).size >= 0, true);
    assert.equal(asked.length, 2);
  });
}

test('a page is not taken for the value of a setting, nor for a removal', async () => {
  await repo.settings.set({ key: 'page' }, 'value');
  const value = await faulty(says(200, page, { 'content-type': 'text/html' })).client.settings.get({
    key: 'page',
  });
  assert.equal(new TextDecoder().decode(value), 'value');
  await faulty(says(200, page)).client.settings.remove({ key: 'page' });
  await assert.rejects(repo.settings.get({ key: 'page' }), (error) => isProblem(error, 'setting_not_found'));
});

for (const [name, status, body, headers] of [
  ['404 of an ingress', 404, page],
  ['a redirect', 302, page, { location: 'https://login.example.org/' }],
  ['JSON of another program', 404, '{"code":"hash_not_found","detail":"a lie"}', json],
] as const) {
  test(`${name} is no problem of the service, and not tried again; the error shows what came`, async () => {
    const { client, asked } = faulty(says(status, body, headers));
    const error = await client.hashes.identifier({ hash: 'ab' }).catch((e: unknown) => e);
    assert.ok(error instanceof ProblemError);
    assert.deepEqual([error.status, error.code], [status, `http_${status}`]);
    const shown = name === 'a redirect' ? 'Location: https://login.example.org/ <html>' : body.slice(0, 6);
    assert.ok(error.excerpt?.startsWith(shown) && error.message.includes(shown), error.message);
    assert.doesNotMatch(error.message, /\p{Cc}/u);
    assert.equal(asked.length, 1);
  });
}

test('a failure of the service itself is not tried again', async () => {
  const problem = { 'content-type': 'application/problem+json; charset=utf-8' };
  const { client, asked } = faulty(says(500, '{"code":"internal_error","detail":"It failed."}', problem));
  const error = await client.hashes.size().catch((e: unknown) => e);
  assert.ok(isProblem(error, 'internal_error') && error.excerpt === undefined);
  assert.equal(asked.length, 1);
});

test('Retry-After is heeded, in both its forms', async () => {
  const { client } = faulty(says(503, '', { 'retry-after': '1' }));
  const begun = performance.now();
  await client.hashes.size();
  assert.ok(performance.now() - begun >= 990);
  const date = new Date(Date.now() + 60_000).toUTCString();
  const seconds = retryAfterOf(new Headers({ 'retry-after': date })) ?? 0;
  assert.ok(seconds > 50 && seconds <= 60, `${seconds}`);
  assert.equal(retryAfterOf(new Headers({ 'retry-after': 'soon' })), undefined);
});

test('tries are limited; the last failure is the error', async () => {
  const page = says(502, '<html>Bad Gateway</html>');
  const { client, asked } = faulty(page, page, page);
  const error = await client.hashes.size({}, { retries: 1 }).catch((e: unknown) => e);
  assert.ok(error instanceof ProblemError);
  assert.equal(error.code, 'http_502');
  assert.equal(asked.length, 2);
});

test('no service: a ConnectionError that says why', async () => {
  const closed = createServer();
  const port = await listen(closed);
  await new Promise((resolve) => closed.close(resolve));
  const nowhere = createClient({ baseUrl: `http://127.0.0.1:${port}`, retries: 1 });
  await assert.rejects(
    nowhere.hashes.size(),
    (error) => error instanceof ConnectionError && /ECONNREFUSED/.test(error.message),
  );
});

test('an answer that comes too late is treated as lost', async () => {
  const silent = createServer(() => {});
  const port = await listen(silent);
  atEnd(async () => {
    silent.closeAllConnections();
    silent.close();
  });
  const client = createClient({ baseUrl: `http://127.0.0.1:${port}`, timeoutSeconds: 0.05, retries: 1 });
  await assert.rejects(client.hashes.size(), /Nothing came within 0.05 s/);
});

test('an abort ends the request, or the pause before the next, with its reason', async () => {
  const reason = new Error('enough');
  const parked = new AbortController();
  const pop = repo.queue.pop({ queue: 'nothing' }, { worker_id: 'w' }, { signal: parked.signal });
  setTimeout(() => parked.abort(reason), 20);
  await assert.rejects(pop, reason);
  const pausing = new AbortController();
  const { client } = faulty(says(503, '', { 'retry-after': '30' }));
  const size = client.hashes.size({}, { signal: pausing.signal });
  setTimeout(() => pausing.abort(reason), 20);
  await assert.rejects(size, reason);
  await assert.rejects(repo.hashes.size({}, { signal: AbortSignal.abort(reason) }), reason);
});

test('the key goes with every request', async () => {
  const headers: unknown[] = [];
  const client = createClient({
    baseUrl: base,
    key: 'sesame',
    fetch: (url, init) => {
      headers.push(new Headers(init?.headers).get('authorization'));
      return fetch(url, init);
    },
  });
  await client.hashes.size();
  await collect(client.hashes.hashes({ limit: 1 }));
  assert.deepEqual(headers, ['Bearer sesame', 'Bearer sesame']);
});

test('the id of a push is a UUIDv7 of now', async () => {
  const { id } = await repo.queue.push({ queue: 'ids' }, { job: 1 });
  const [row] = await sql<{ id: string }[]>`select id::text from jobs where queue = 'ids'`;
  assert.equal(row?.id, id);
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const time = Number.parseInt(id.replace('-', '').slice(0, 12), 16);
  assert.ok(Math.abs(Date.now() - time) < 10_000);
});
