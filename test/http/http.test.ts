import assert from 'node:assert/strict';
import { test } from 'node:test';
import { document } from '../support/contract.js';
import { examplePath, operations } from '../support/generate.js';
import {
  assertProblem,
  connectRaw,
  get,
  HOST,
  JSON_TYPE,
  lines,
  type RawConnection,
  sendRaw,
  withBody,
} from '../support/raw-http.js';
import { startTestService } from '../support/service.js';

/** What the framework and node answer by themselves, and what every route refuses alike. */
const main = await startTestService();
const { base, ask, sql } = main;

const PROGRESS = 'GET /v1/store-migration HTTP/1.1';
const LEASE = '019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1';

/** Asks for a short answer with these headers only. */
function withHeaders(...headers: string[]): string {
  return lines(PROGRESS, ...headers);
}

function put(body: string | Uint8Array, ...headers: string[]): Buffer {
  return withBody('PUT /v1/hashes/aa HTTP/1.1', body, ...headers);
}

function putJson(body: string | Uint8Array): Buffer {
  return put(body, JSON_TYPE);
}

const refused: Record<string, Record<string, string | Uint8Array>> = {
  '400 malformed_request': {
    'bytes that are no UTF-8 in the path': get('/v1/aliases/%ff/hash'),
    'a lone % in the path': get('/v1/aliases/%/hash'),
    'a lone % in the path of no route': get('/nothing/%'),
    'bytes that are no UTF-8 in the query': get('/v1/proxies?url=%ff'),
    'a lone % in the query': get('/v1/proxies?url=%'),
    'a path in raw UTF-8': get('/v1/aliases/ü/hash'),
    'no Host': withHeaders(),
    'no Host in HTTP/1.0': lines('GET /v1/store-migration HTTP/1.0'),
    'a second Host': withHeaders(HOST, 'Host: evil.example'),
    'Content-Length beside Transfer-Encoding': put('0\r\n\r\n', 'Transfer-Encoding: chunked'),
    'a second Content-Length': put('{}', 'Content-Length: 7'),
    'a bad chunk': `${lines('PUT /v1/settings/a HTTP/1.1', HOST, 'Transfer-Encoding: chunked')}zz\r\n`,
    'a bad header': withHeaders(HOST, 'Bad Header: x'),
    'an unknown method': lines('BREW /v1/store-migration HTTP/1.1', HOST),
    'HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'a TLS handshake': Buffer.from('16030100800100007c0303', 'hex'),
    'what is no HTTP': 'hello\r\n\r\n',
  },
  '400 invalid_request': {
    'a NUL in the path': get('/v1/aliases/%00/hash'),
    'a slash in a path segment': get('/v1/aliases/a%2Fb/hash'),
    '".." as a path segment': get('/v1/aliases/%2e%2e/hash'),
    'an empty body': putJson(''),
    'no body at all': put(''),
  },
  '400 malformed_json': {
    'JSON after a BOM': putJson('\ufeff{"identifier":"a"}'),
    'JSON that is no UTF-8': putJson(Buffer.from('{"identifier":"\xff"}', 'latin1')),
    'broken JSON': putJson('{"identifier":"a"'),
    'JSON with a tail': putJson('{"identifier":"a"}{}'),
  },
  '400 invalid_text': { 'a NUL in JSON': putJson('{"identifier":"a\\u0000"}') },
  '404 route_not_found': {
    'an unknown route': get('/nothing'),
    'an unknown route with a body': withBody('POST /v2 HTTP/1.1', 'hi'),
    'another spelling of a route': get('/v1/Store-Migration/'),
  },
  '405 method_not_allowed': { 'OPTIONS *': lines('OPTIONS * HTTP/1.1', HOST) },
  '415 unsupported_content_encoding': { 'a body in gzip': put('{}', JSON_TYPE, 'Content-Encoding: gzip') },
  '415 unsupported_media_type': {
    'a body of no type': put('{}'),
    'a body of another type': put('{}', 'Content-Type: text/plain'),
    'a body in UTF-16': put('{}', `${JSON_TYPE}; charset=utf-16`),
    'a type that only begins right': put('{}', `${JSON_TYPE}-patch+json`),
    'a second charset': put('{}', `${JSON_TYPE}; charset=utf-8; charset=latin1`),
    'an empty charset': put('{}', `${JSON_TYPE}; charset=""`),
    'a parameter that is none': put('{}', `${JSON_TYPE}; charset`),
    'a quoted string without an end': put('{}', `${JSON_TYPE}; a="b`),
  },
  '417 expectation_failed': { 'an expectation': put('{}', JSON_TYPE, 'Expect: tea') },
  '421 misdirected_request': {
    'an empty Host': withHeaders('Host:'),
    'a foreign Host': withHeaders('Host: evil.example'),
    'a Host below ours': withHeaders('Host: localhost.evil.example'),
    'a Host that ends like ours': withHeaders('Host: evil-localhost:80'),
    'a Host with a user': withHeaders('Host: localhost:80@evil.example'),
  },
  '431 headers_too_large': {
    'headers above the limit': withHeaders(HOST, `X-A: ${'a'.repeat(70_000)}`),
    'a URL above the limit of headers': get(`/${'a'.repeat(70_000)}`),
  },
};

for (const [answer, requests] of Object.entries(refused)) {
  const [status, code = ''] = answer.split(' ');
  for (const [what, bytes] of Object.entries(requests)) {
    test(`${what} is refused with ${answer}`, async () => {
      assertProblem(await sendRaw(base, bytes), Number(status), code);
    });
  }
}

test('a Host of this machine is accepted, with any port and in any case', async () => {
  for (const host of ['localhost', 'LOCALHOST:80', '127.0.0.1', '127.1.2.3:9', '[::1]', '[::1]:3000']) {
    assert.equal((await sendRaw(base, withHeaders(`Host: ${host}`))).status, 200, host);
  }
});

test('a method that a route does not have gets 405 with Allow, on every route', async () => {
  const methods = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'];
  const connection = await connectRaw(base);
  for (const [path, operations] of Object.entries(document.paths)) {
    const known = Object.keys(operations).map((method) => method.toUpperCase());
    if (known.includes('GET')) known.push('HEAD');
    const url = path.replace(/\{\w+\}/g, 'aa');
    for (const method of methods.filter((one) => !known.includes(one))) {
      connection.write(lines(`${method} ${url} HTTP/1.1`, HOST));
      const answer = await connection.next({ isHead: method === 'HEAD' });
      assert.equal(answer?.status, 405, `${method} ${path}`);
      assert.deepEqual(answer.headers.get('allow')?.split(', ').sort(), known.sort(), `${method} ${path}`);
      if (method !== 'HEAD') assertProblem(answer, 405, 'method_not_allowed');
    }
  }
  connection.destroy();
});

test('any method of HTTP gets 405 with Allow where the path is known, else 404', async () => {
  for (const [path, allow] of Object.entries({
    '/v1/hashes/aa': 'DELETE, GET, HEAD, PUT',
    '/v1/%68ashes/a%2Fb?x=1': 'DELETE, GET, HEAD, PUT',
    '/v1/hashes/size': 'GET, HEAD',
    'http://localhost/v1/queues': 'GET, HEAD',
    '/metrics': 'GET, HEAD',
    '/pages/docs.css': 'GET, HEAD',
    '/': 'GET, HEAD',
  })) {
    for (const method of ['TRACE', 'PROPFIND', 'M-SEARCH', 'PATCH']) {
      const answer = await sendRaw(base, lines(`${method} ${path} HTTP/1.1`, HOST));
      assertProblem(answer, 405, 'method_not_allowed');
      const sorted = (list = '') => list.split(', ').sort();
      assert.deepEqual(sorted(answer.headers.get('allow') ?? ''), sorted(allow), `${method} ${path}`);
    }
  }
  for (const line of ['PROPFIND /v1/nothing', 'TRACE /v1/hashes/aa/', 'GET /pages/nothing.css'])
    assertProblem(await sendRaw(base, lines(`${line} HTTP/1.1`, HOST)), 404, 'route_not_found');
});

const limits: [method: string, path: string, bytes: number, code: string, head: string, tail: string][] = [
  ['PUT', '/settings/large', 64 * 1024, 'settings_value_too_large', '', ''],
  ['PUT', '/details?identifier=large', 1024 * 1024, 'details_too_large', '{"a":"', '"}'],
  ['PUT', '/hashes/bb', 64 * 1024, 'body_too_large', '{"identifier":"large"', '}'],
  ['POST', '/queues/large/jobs', 256 * 1024, 'job_too_large', '{"job":[', ']}'],
];

for (const [method, path, bytes, code, head, tail] of limits) {
  test(`${method} ${path} takes ${bytes} bytes, and refuses more with 413 ${code}`, async () => {
    // What stands around the job is not counted.
    const counted = code === 'job_too_large' ? 2 : head.length + tail.length;
    const body = (size: number) => head + ' '.repeat(size - counted) + tail;
    assert.equal((await ask(method, path, body(bytes))).status < 300, true);
    for (const more of [1, 100_000, 5_000_000])
      assertProblem(await ask(method, path, body(bytes + more)), 413, code);
  });
}

test('a text above its limit has a code of its own, whether bytes or characters are too many', async () => {
  for (const letter of ['x', 'ü', '\u{1f600}']) {
    const [segment, long] = [255, 2048].map((limit) => encodeURIComponent(letter.repeat(limit + 1)));
    assertProblem(await ask('GET', `/aliases/${segment}/hash`), 400, 'alias_too_long');
    assertProblem(await ask('POST', `/queues/${segment}/jobs`, { job: 1 }), 400, 'queue_too_long');
    assertProblem(await ask('GET', `/settings/${segment}`), 400, 'settings_key_too_long');
    assertProblem(await ask('GET', `/details?identifier=${long}`), 400, 'identifier_too_long');
    assertProblem(await ask('DELETE', `/hashes/aa/variant?variant=${long}`), 400, 'variant_too_long');
    const url = letter.repeat(8193);
    assertProblem(await ask('PUT', '/proxies', { url, alias: 'a' }), 400, 'url_too_long');
  }
});

test('an unknown property is named by its JSON pointer', async () => {
  for (const [name, pointer] of [
    ['x', 'x'],
    ['a/b~c', 'a~1b~0c'],
    ['__proto__', '__proto__'],
  ]) {
    const answer = await ask('PUT', '/hashes/aa', `{"identifier":"a","${name}":1}`);
    assertProblem(answer, 400, 'invalid_request');
    assert.deepEqual(answer.json.errors, [{ path: `/body/${pointer}`, reason: 'is not known' }]);
  }
});

test('however many properties are unknown, eight are named', async () => {
  const unknown = (count: number) => Array.from({ length: count }, (_, at) => [`x${at}`, 1]);
  for (const count of [1, 7, 8, 9, 500]) {
    const answer = await ask('PUT', '/hashes/aa', { identifier: 'a', ...Object.fromEntries(unknown(count)) });
    const problem = assertProblem(answer, 400, 'invalid_request');
    assert.equal(problem['detail'], '/body/x0 is not known.');
    assert.equal(answer.json.errors.length, Math.min(count, 8));
    for (const [at, error] of answer.json.errors.entries())
      assert.deepEqual(error, { path: `/body/x${at}`, reason: 'is not known' });
  }
  const long = 'x'.repeat(50_000);
  const queries = [`/hashes?${long}=1`, `/hashes?${'a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9'}`];
  for (const answer of [
    await ask('PUT', '/hashes/aa', { [long]: 1 }),
    await ask('POST', '/queues/q/jobs/batch', { jobs: Array.from({ length: 900 }, () => ({ nope: 1 })) }),
    await ask('GET', queries[0] ?? ''),
    await ask('GET', queries[1] ?? ''),
    await ask('PUT', '/hashes/aa', '{}', { headers: { 'content-type': long } }),
    await ask('PUT', '/hashes/aa', '{}', { headers: { 'content-encoding': long } }),
  ]) {
    assert.ok(answer.status === 400 || answer.status === 415, answer.text);
    assert.doesNotMatch(answer.text, /undefined/);
    assert.ok(answer.text.length < 3000, `${answer.text.length} characters`);
  }
});

test('a fault is described in words, with its place', async () => {
  for (const [method, path, body, at, reason] of [
    ['PUT', '/hashes/aa', {}, '/body/identifier', 'is missing'],
    ['PUT', '/hashes/aa', { identifier: 1 }, '/body/identifier', 'must be a text'],
    ['PUT', '/hashes/aa', { identifier: '' }, '/body/identifier', 'must not be empty'],
    ['PUT', '/hashes/aa', [], '/body', 'must be an object'],
    ['GET', '/hashes/xyz/identifier', undefined, '/params/hash', 'must be 1 to 64 bytes in hex'],
    ['GET', '/hashes?limit=0', undefined, '/query/limit', 'must be at least 1'],
    ['GET', '/hashes?limit=x', undefined, '/query/limit', 'must be an integer'],
    [
      'GET',
      '/queues/q/jobs?state=x',
      undefined,
      '/query/state',
      'must be one of scheduled, ready, running, dead, completed',
    ],
    ['GET', '/queues/q/jobs?after=x', undefined, '/query/after', 'must be `next` of the page before'],
    ['POST', '/queues/q/jobs/batch', { jobs: [{ job: 1 }, {}] }, '/body/jobs/1/job', 'is missing'],
  ] as const) {
    const answer = await ask(method, path, body);
    assertProblem(answer, 400, 'invalid_request');
    assert.deepEqual(answer.json.errors[0], { path: at, reason }, `${method} ${path}`);
  }
});

test('an unknown query parameter is named, on every route of the API', async () => {
  // Elsewhere the missing body is refused first.
  const asked = operations.filter(
    ({ method, path }) => path.startsWith('/v1/') && ['GET', 'DELETE'].includes(method),
  );
  assert.ok(asked.length > 30);
  for (const operation of asked) {
    const answer = await ask(operation.method, `${examplePath(operation).replace('/v1', '')}?nope=1`);
    assertProblem(answer, 400, 'invalid_request');
    const named = answer.json.errors.some((fault: { path: string }) => fault.path === '/query/nope');
    assert.ok(named, answer.text);
  }
});

test('a query parameter that comes twice is refused', async () => {
  assertProblem(await ask('GET', '/proxies?url=a&url=b'), 400, 'invalid_request');
  assertProblem(await ask('GET', '/hashes?limit=1&limit=1'), 400, 'invalid_request');
});

test('of duplicate names in JSON the last counts', async () => {
  const { json } = await ask('PUT', '/hashes/dd', '{"identifier":"d1","identifier":"d2"}');
  assert.deepEqual(json, { hash: 'dd', identifier: 'd2' });
});

test('JSON in UTF-8 is accepted however the charset is spelt', async () => {
  const types = ['', '; charset=utf-8', ';charset="UTF-8"', ' ; charset=UTF8', ';', '; charset=utf-8;'];
  const odd = ['; odata.metadata=minimal', ';; Charset="utf\\-8";\t', '; a="b;\\"c"; charset=utf-8 '];
  for (const type of [...types, ...odd]) {
    const answer = await sendRaw(base, put('{"identifier":"charset"}', JSON_TYPE + type));
    assert.ok([200, 201].includes(answer.status), `${type}: ${answer.text}`);
  }
});

test('a POST without a body may say that it is JSON', async () => {
  const headers = { 'content-type': 'application/json' };
  assertProblem(await ask('POST', `/leases/${LEASE}/complete`, undefined, { headers }), 409, 'lease_lost');
  assert.equal((await ask('DELETE', '/store-migration', undefined, { headers })).status, 204);
});

test('Expect: 100-continue is met before the body is sent', async () => {
  const connection = await connectRaw(base);
  connection.write(
    lines('PUT /v1/settings/expect HTTP/1.1', HOST, 'Expect: 100-continue', 'Content-Length: 2'),
  );
  assert.equal((await connection.next())?.status, 100);
  connection.write('hi');
  assert.equal((await connection.next())?.status, 204);
  connection.destroy();
});

test('a well-formed X-Request-Id comes back, any other is replaced', async () => {
  for (const id of ['a', 'req-1:2.3_4', 'x'.repeat(128)]) {
    const { headers } = await ask('GET', '/nothing', undefined, { headers: { 'x-request-id': id } });
    assert.equal(headers.get('x-request-id'), id);
  }
  for (const id of ['', 'a b', 'x'.repeat(129), '{"a":1}', 'ü']) {
    const { headers } = await ask('GET', '/nothing', undefined, { headers: { 'x-request-id': id } });
    assert.match(headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
  }
});

test('pipelined requests are answered in their order', async () => {
  const connection = await connectRaw(base);
  const ids = Array.from({ length: 20 }, (_, at) => `pipelined-${at}`);
  connection.write(ids.map((id) => withHeaders(HOST, `X-Request-Id: ${id}`)).join(''));
  for (const id of ids) assert.equal((await connection.next())?.headers.get('x-request-id'), id);
  connection.destroy();
});

test('CONNECT, upgrades and clients that hang up halfway do no harm', async () => {
  for (const bytes of [
    lines('CONNECT localhost:1 HTTP/1.1', HOST),
    withHeaders(HOST, 'Connection: upgrade', 'Upgrade: websocket'),
    PROGRESS,
    put('{"identifier":', JSON_TYPE, 'Connection: close').subarray(0, -3),
  ]) {
    const connection = await connectRaw(base);
    connection.write(bytes);
    connection.write('\r\n');
    connection.destroy();
  }
  assert.equal((await ask('GET', '/store-migration')).status, 200);
});

test('HEAD of a stream does not read the table', async () => {
  await sql`alter table hashes rename to elsewhere`;
  const { status, headers } = await fetch(`${base}/v1/hashes`, { method: 'HEAD' });
  await sql`alter table elsewhere rename to hashes`;
  assert.equal(status, 200);
  assert.equal(headers.get('content-type'), 'application/x-ndjson');
});

/** Opens a connection on which a request has begun to arrive: the answer to one before it proves that. */
async function beginRequest(to: string, bytes: string): Promise<RawConnection> {
  const connection = await connectRaw(to);
  connection.write(withHeaders(HOST) + bytes);
  assert.equal((await connection.next())?.status, 200);
  return connection;
}

test('a service that closes answers what has begun, and refuses the rest with 503', async () => {
  const service = await startTestService({}, main);
  const begin = (bytes: string) => beginRequest(service.base, bytes);
  const uploading = await begin(withBody('PUT /v1/settings/a HTTP/1.1', 'hi').toString().slice(0, -1));
  const asking = await begin(`${PROGRESS}\r\n${HOST}\r\n`);
  const pop = withBody('POST /v1/queues/a/pop HTTP/1.1', '{"worker_id":"a","wait_seconds":50}', JSON_TYPE);
  const popping = await begin(pop.toString());
  const idle = await begin('');

  const closed = service.close();
  assert.equal((await popping.next())?.text, '{"jobs":[]}');
  await idle.hangUp();
  uploading.write('i');
  assert.equal((await uploading.next())?.status, 204);
  asking.write('\r\n');
  const refused = await asking.next();
  assert.ok(refused);
  assertProblem(refused, 503, 'shutting_down');
  assert.equal(refused.headers.get('retry-after'), '1');
  await closed;
});

for (const [what, bytes] of [
  ['a connection that never asked', ''],
  ['a connection whose last URL was malformed', get('/v1/aliases/%ff/hash')],
] as const) {
  test(`a service that closes does not wait for ${what}`, async () => {
    const service = await startTestService({ SHUTDOWN_TIMEOUT_SECONDS: '6' }, main);
    const silent = await connectRaw(service.base);
    // Accepted later than the silent one, which is therefore accepted too.
    const begun = await beginRequest(service.base, bytes.slice(0, -2));
    const from = performance.now();
    const closed = service.close();
    begun.write(bytes.slice(-2));
    await closed;
    assert.ok(performance.now() - from < 4000, 'the end of the timeout was waited for');
    for (const connection of [silent, begun]) connection.destroy();
  });
}
