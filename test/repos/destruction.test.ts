import assert from 'node:assert/strict';
import { test } from 'node:test';
import { examplePath, operations } from '../support/generate.js';
import { assertProblem, connectRaw, JSON_TYPE, lines, type RawAnswer, sendRaw } from '../support/raw-http.js';
import { startTestService } from '../support/service.js';

/** Nothing is removed by accident: not by a request that says more than is heeded, nor by another site's page. */

const { base, ask, sql } = await startTestService();
const { host } = new URL(base);
const PURGE = 'POST /v1/queues/spared/purge?which=waiting';

const VALUES: Record<string, string> = {
  older_than: '2000-01-01T00:00:00Z',
  which: 'dead',
};

/** Method and URL of every operation, with what it requires. */
const requests = operations.map(({ method, path, parameters, body }) => {
  const url = examplePath({ path, parameters });
  // One that is optional has an example where the request needs one of several.
  const query = parameters.filter((one) => one.in === 'query' && (one.required || one.example !== undefined));
  const search = query
    .map(({ name, example = 'aa' }) => `${name}=${encodeURIComponent(VALUES[name] ?? String(example))}`)
    .join('&');
  return { method, line: `${method} ${url}${search && `?${search}`}`, takesBody: body !== undefined };
});
const bare = requests
  .filter(({ takesBody }) => !takesBody)
  .flatMap((one) =>
    one.method === 'GET' ? [one, { ...one, method: 'HEAD', line: one.line.replace('GET', 'HEAD') }] : [one],
  );

/** One request with these headers and nothing of a body's framing, unless they say it. */
async function send(line: string, headers: string[] = [], body = '', to = base): Promise<RawAnswer> {
  const host = headers.some((header) => header.startsWith('Host:')) ? [] : [`Host: ${new URL(to).host}`];
  const connection = await connectRaw(to);
  connection.write(lines(`${line} HTTP/1.1`, ...host, ...headers) + body);
  const answer = await connection.next({ isHead: line.startsWith('HEAD') });
  connection.destroy();
  assert.ok(answer, `${line}: the server hung up without an answer`);
  return answer;
}

const withLength = (line: string, body: string, ...headers: string[]) =>
  send(line, [`Content-Length: ${Buffer.byteLength(body)}`, ...headers], body);

const inChunks = (line: string, body: string, ...headers: string[]) =>
  send(
    line,
    ['Transfer-Encoding: chunked', ...headers],
    `${body && `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`}0\r\n\r\n`,
  );

function assertNotTaken(what: string, line: string, answer: RawAnswer): void {
  assert.equal(answer.status, 400, `${line} with ${what}: ${answer.text}`);
  if (line.startsWith('HEAD')) return;
  const { errors } = assertProblem(answer, 400, 'invalid_request');
  assert.deepEqual(errors, [{ path: '/body', reason: 'is not taken' }], line);
}

const BODIES = [
  '{"which":"dead"}',
  '{"a":1,"a":2}',
  'null',
  '[]',
  '""',
  '0',
  'which=dead',
  '{}{}',
  '\ufeff{}',
];

test('a body is refused by every route that takes none, whatever its type and framing', async () => {
  assert.ok(bare.length > 50);
  const types = [JSON_TYPE, 'Content-Type: text/plain', 'Accept: */*'];
  await Promise.all(
    bare.map(async ({ line }, at) => {
      const [body = '', type = ''] = [BODIES[at % BODIES.length], types[at % types.length]];
      assertNotTaken(body, line, await withLength(line, body, type));
      assertNotTaken(`${body} in chunks`, line, await inChunks(line, body, type));
    }),
  );
  for (const body of [...BODIES, ' '.repeat(100_000), '{"a":'.repeat(300)]) {
    assertNotTaken(body, PURGE, await withLength(PURGE, body, JSON_TYPE));
  }
});

test('an empty body and {} count as none, on every route that takes none', async () => {
  const comparable = ({ status, text }: RawAnswer) =>
    `${status} ${status < 400 ? '' : text.replace(/"request_id":"[^"]*"/, '')}`;
  await Promise.all(
    bare.map(async ({ line }, at) => {
      const without = await send(line);
      assert.ok([200, 204, 404, 409].includes(without.status), `${line}: ${without.text}`);
      const object = ['{}', ' {\r\n}\t'][at % 2] ?? '';
      const answers = [
        inChunks(line, '', JSON_TYPE),
        inChunks(line, object),
        withLength(line, object, JSON_TYPE),
      ];
      for (const answer of await Promise.all(answers))
        assert.equal(comparable(answer), comparable(without), `${line} with ${object}`);
    }),
  );
});

test('purge removes nothing unless it is told which jobs, once, in the query, and nothing else', async () => {
  await ask('POST', '/queues/spared/jobs', { job: 1 });
  for (const query of [
    '',
    '?which=',
    '?which=all',
    '?which=Waiting',
    '?Which=waiting',
    '?which=waiting&which=dead',
    '?which=waiting&which=waiting',
    '?which[]=waiting',
    '?which=waiting&dry_run=true',
    '?which=waiting;which=dead',
  ]) {
    assertProblem(await ask('POST', `/queues/spared/purge${query}`), 400, 'invalid_request');
    assertProblem(await ask('POST', `/queues/spared/purge${query}`, {}), 400, 'invalid_request');
  }
  for (const path of ['/queues/spared/purge/', '/queues/spared/Purge', '/Queues/spared/purge']) {
    assertProblem(await ask('POST', `${path}?which=waiting`), 404, 'route_not_found');
  }
  for (const method of ['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])
    assert.equal((await send(PURGE.replace('POST', method))).status, 405, method);
  assert.equal((await ask('GET', '/queues/spared/jobs')).json.jobs.length, 1);
});

test('what should limit a removal is never ignored: a body, a condition, a part, another method', async () => {
  await ask('PUT', '/hashes/cc', { identifier: 'kept' });
  await ask('PUT', '/settings/kept', 'as it was');
  await ask('PUT', '/aliases/kept', { hash: 'cc', delete_token: 't' });
  const refusals = [
    withLength('DELETE /v1/hashes/cc', '{"only_if_unreferenced":true}', JSON_TYPE),
    send('DELETE /v1/hashes/cc?only_if_unreferenced=TRUE'),
    send('DELETE /v1/hashes/cc?only_if_unreferenced'),
    send('DELETE /v1/hashes/'),
    send('DELETE /v1/aliases/kept', ['If-Match: "a"']),
    send('DELETE /v1/aliases/kept', ['If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT']),
    send('DELETE /v1/settings/kept', ['X-HTTP-Method-Override: GET']),
    withLength('PUT /v1/settings/kept', 'new', 'If-None-Match: *'),
    withLength('PUT /v1/settings/kept', 'new', 'Content-Range: bytes 0-2/9'),
    send('POST /v1/workers//requeue'),
  ];
  for (const answer of await Promise.all(refusals)) assertProblem(answer, 400, 'invalid_request');
  assert.equal((await ask('GET', '/settings/kept')).text, 'as it was');
  assert.deepEqual((await ask('GET', '/hashes/cc/aliases')).json, { aliases: ['kept'] });
});

test('an unknown route is answered before its body is read', async () => {
  const answer = await send('POST /v1/queues/spared/purges', ['Content-Length: 5000000', JSON_TYPE]);
  assertProblem(answer, 404, 'route_not_found');
});

const OWN = `http://${host}`;
const foreign: Record<string, string[]> = {
  'another site': ['Origin: http://evil.example'],
  'another port': ['Origin: http://127.0.0.1:1'],
  'another name of this machine': [`Origin: ${OWN.replace('127.0.0.1', 'localhost')}`],
  'another scheme': [`Origin: ${OWN.replace('http', 'https')}`],
  'our origin and more': [`Origin: ${OWN}.evil.example`],
  'a sandboxed frame or a file': ['Origin: null'],
  'an empty origin': ['Origin:'],
  'two origins': [`Origin: ${OWN}`, 'Origin: http://evil.example'],
  'another site without its origin': ['Sec-Fetch-Site: cross-site'],
  'another origin of this site without its origin': ['Sec-Fetch-Site: same-site'],
  'another origin of this site': ['Sec-Fetch-Site: same-site', 'Origin: http://127.0.0.1:1'],
  'a redirect through another site': [`Origin: ${OWN}`, 'Sec-Fetch-Site: cross-site'],
};

for (const [what, headers] of Object.entries(foreign)) {
  test(`without keys a page of ${what} may change nothing: 403 cross_site`, async () => {
    await ask('POST', '/queues/spared/jobs', { job: 1 });
    const { ready } = (await ask('GET', '/queues/spared')).json;
    assertProblem(await send(PURGE, ['Content-Length: 0', ...headers]), 403, 'cross_site');
    const form = 'Content-Type: application/x-www-form-urlencoded';
    assertProblem(await withLength(PURGE, 'a=b', form, ...headers), 403, 'cross_site');
    const push = await withLength(
      'POST /v1/queues/spared/jobs',
      '{"job":1}',
      'Content-Type: text/plain',
      ...headers,
    );
    assertProblem(push, 403, 'cross_site');
    assert.equal(push.headers.get('www-authenticate'), null, 'a key would not help');
    assert.equal((await ask('GET', '/queues/spared')).json.ready, ready);
    assert.equal((await send('GET /v1/queues/spared', headers)).status, 200, 'reading stays as it is');
  });
}

test('every operation that may change something refuses a page of another origin, and no other does', async () => {
  await Promise.all(
    requests.map(async ({ method, line }) => {
      const { text } = await send(line, ['Content-Length: 0', 'Origin: http://evil.example']);
      assert.equal(text.includes('"cross_site"'), method !== 'GET', `${line}: ${text}`);
    }),
  );
});

test('no operation that reads changes anything, so that it may be asked from everywhere', async () => {
  const tables = await sql<{ name: string }[]>`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`;
  const content = async (): Promise<unknown> =>
    Promise.all(
      tables.map(async ({ name }) => [
        name,
        await sql`select md5(coalesce(string_agg(xmin::text || ctid::text || t::text, ' ' order by ctid), '')) as rows
          from ${sql(name)} t`,
      ]),
    );
  const before = await content();
  const reads = bare.filter(({ method }) => ['GET', 'HEAD'].includes(method));
  await Promise.all(reads.map(({ line }) => send(line)));
  assert.deepEqual(await content(), before);
});

test('a page of the service itself, and a program other than a browser, may change something', async () => {
  for (const headers of [
    [],
    [`Origin: ${OWN}`],
    [`Origin: ${OWN}`, 'Sec-Fetch-Site: same-origin'],
    [`Origin: ${OWN}`, `Host: ${host.toUpperCase()}`],
    ['Sec-Fetch-Site: none'],
  ]) {
    assert.equal((await send(PURGE, headers)).status, 200, String(headers));
  }
});

test('DNS rebinding does not get round it: a foreign Host is refused first', async () => {
  const rebound = ['Host: evil.example', 'Origin: http://evil.example', 'Sec-Fetch-Site: same-origin'];
  assertProblem(await send(PURGE, rebound), 421, 'misdirected_request');
});

test('ALLOWED_ORIGINS may change something, from whatever site; others may not', async () => {
  const ALLOWED_ORIGINS = 'https://images.example.org, http://10.0.0.7:8080';
  const { base: to } = await startTestService({ ALLOWED_ORIGINS });
  for (const origin of ALLOWED_ORIGINS.split(', ')) {
    const headers = [`Origin: ${origin}`, 'Sec-Fetch-Site: cross-site'];
    assert.equal((await send(PURGE, headers, '', to)).status, 200, origin);
  }
  for (const origin of ['http://images.example.org', 'https://images.example.org:8443', 'http://10.0.0.7']) {
    assertProblem(await send(PURGE, [`Origin: ${origin}`], '', to), 403, 'cross_site');
  }
});

test('PICT_REPO_INSECURE: pages of other origins are refused too', async () => {
  const { base: to } = await startTestService({ PICT_REPO_INSECURE: 'true' });
  assertProblem(
    await sendRaw(to, lines(`${PURGE} HTTP/1.1`, 'Host: a', 'Origin: http://b')),
    403,
    'cross_site',
  );
  assert.equal((await sendRaw(to, lines(`${PURGE} HTTP/1.1`, 'Host: a', 'Origin: http://a'))).status, 200);
});
