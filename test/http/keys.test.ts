import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readKeys, SCOPES, type Scope } from '../../src/keys.js';
import { document } from '../support/contract.js';
import { testKey } from '../support/keys.js';
import { assertProblem, connectRaw, HOST, JSON_TYPE, lines, sendRaw, withBody } from '../support/raw-http.js';
import { startTestService } from '../support/service.js';

/** Who is let in to what, on every operation of the document. */

const keys = { read: testKey('r', 'read'), write: testKey('w', 'write'), admin: testKey('a', 'admin') };
const expired = testKey('old', 'admin', '2026-01-01T00:00:00Z');
const lasting = testKey('lasting', 'read', '9999-12-31T23:59:59.5+01:00');
const unknown = testKey('unknown', 'admin');

const PICT_REPO_KEYS = [...Object.values(keys), expired, lasting].map(({ line }) => line).join(',');
const service = await startTestService({ PICT_REPO_KEYS });
const { base, ask } = service;

const API = Object.entries(document.paths).filter(([path]) => path.startsWith('/v1/'));
const operations = API.flatMap(([path, byMethod]) =>
  Object.entries(byMethod).map(([method, { operationId, security = [] }]) => {
    const [scope] = security[0]?.['bearer'] ?? [];
    return { operationId, method: method.toUpperCase(), path: path.slice('/v1'.length), scope };
  }),
);

/** None has a body, so that what gets past the keys is refused as bad input, or does nothing. */
async function askWith(authorization: string | undefined, { method, path }: (typeof operations)[number]) {
  const url = path.replace(/\{\w+\}/g, 'aa');
  return ask(method, url, undefined, { headers: authorization === undefined ? {} : { authorization } });
}

/** Where the method does not say it: GET is read, all others are write. */
const EXCEPTIONS: Record<string, Scope> = {
  'aliases.deleteToken': 'write',
  'aliases.forHashMany': 'read',
  'details.forHashMany': 'read',
  'files.owners': 'read',
  'blocklist.block': 'admin',
  'blocklist.unblock': 'admin',
  'files.condemn': 'admin',
  'hashes.identifierMany': 'read',
  'hashes.variantsMany': 'read',
  'media.resolveMany': 'read',
  'media.releaseOwner': 'admin',
  'media.expireVariants': 'admin',
  'media.expireProxied': 'admin',
  'media.expireAliases': 'admin',
  'report.clean': 'admin',
  'queue.jobs': 'write',
  'queue.job': 'write',
  'queue.errors': 'write',
  'queue.find': 'write',
  'queue.worker': 'write',
  'queue.retry': 'admin',
  'queue.runNow': 'admin',
  'queue.remove': 'admin',
  'queue.pause': 'admin',
  'queue.resume': 'admin',
  'queue.purge': 'admin',
  'queue.redrive': 'admin',
  'queue.cancel': 'admin',
  'storeMigration.clear': 'admin',
};

test('every operation names its scope', () => {
  assert.ok(operations.length > 50);
  for (const { operationId, method, scope } of operations) {
    assert.equal(scope, EXCEPTIONS[operationId] ?? (method === 'GET' ? 'read' : 'write'), operationId);
  }
});

test('/metrics needs a key for read; probes and pages need none', async () => {
  const statusOf = async (path: string, authorization?: string) =>
    (await fetch(base + path, { headers: authorization === undefined ? {} : { authorization } })).status;
  assert.equal(await statusOf('/metrics'), 401);
  assert.equal(await statusOf('/metrics', 'Bearer wrong'), 401);
  assert.equal(await statusOf('/metrics', keys.read.headers.authorization), 200);
  for (const path of ['/livez', '/readyz', '/docs', '/docs/json', '/queues', '/']) {
    assert.equal(await statusOf(path), 200, path);
  }
});

const { key } = keys.admin;
const refused: Record<string, [authorization: string | undefined, code: string]> = {
  'no key': [undefined, 'missing_key'],
  'an empty header': ['', 'missing_key'],
  'the scheme alone': ['Bearer', 'missing_key'],
  'a key without a scheme': [key, 'missing_key'],
  'another scheme': [`Basic ${Buffer.from(`admin:${key}`).toString('base64')}`, 'missing_key'],
  'an unknown key': [unknown.headers.authorization, 'invalid_key'],
  'an expired key': [expired.headers.authorization, 'invalid_key'],
  'the beginning of a key': [`Bearer ${key.slice(0, -1)}`, 'invalid_key'],
  'a key and more': [`Bearer ${key}a`, 'invalid_key'],
  'a key in capitals': [`Bearer ${key.toUpperCase()}`, 'invalid_key'],
  'two keys': [`Bearer ${unknown.key} ${key}`, 'invalid_key'],
  'two keys with a comma': [`Bearer ${unknown.key}, Bearer ${key}`, 'invalid_key'],
  'what is kept of a key': [`Bearer ${keys.admin.line.split(' ')[2]}`, 'invalid_key'],
  'the line of a key': [`Bearer ${keys.admin.line}`, 'invalid_key'],
  'the name of a key': [`Bearer ${keys.admin.name}`, 'invalid_key'],
  'a long key': [`Bearer ${'a'.repeat(30_000)}`, 'invalid_key'],
  'a key in bytes that are no ASCII': ['Bearer \u00fc\u00ff', 'invalid_key'],
};

for (const [what, [authorization, code]] of Object.entries(refused)) {
  test(`${what} is refused by every operation with 401 ${code}`, async () => {
    for (const operation of operations) {
      const answer = await askWith(authorization, operation);
      const problem = assertProblem(answer, 401, code);
      const challenge = answer.headers.get('www-authenticate');
      const error = code === 'invalid_key' ? ', error="invalid_token"' : '';
      assert.equal(challenge, `Bearer realm="pict-repo"${error}`, operation.operationId);
      assert.ok(!answer.text.includes(key), String(problem['detail']));
    }
  });
}

for (const [index, given] of SCOPES.entries()) {
  test(`a key for ${given} opens what its scope includes, and gets 403 from the rest`, async () => {
    for (const operation of operations) {
      const answer = await askWith(keys[given].headers.authorization, operation);
      const { operationId, scope } = operation;
      if (SCOPES.indexOf(scope ?? 'admin') > index) {
        assertProblem(answer, 403, 'insufficient_scope');
        assert.equal(
          answer.headers.get('www-authenticate'),
          `Bearer realm="pict-repo", error="insufficient_scope", scope="${scope}"`,
        );
      } else assert.ok(![401, 403].includes(answer.status), `${operationId}: ${answer.text}`);
    }
  });
}

test('HEAD needs what GET needs', async () => {
  for (const operation of operations.filter(({ method }) => method === 'GET')) {
    const url = `${base}/v1${operation.path.replace(/\{\w+\}/g, 'aa')}`;
    assert.equal((await fetch(url, { method: 'HEAD' })).status, 401, operation.operationId);
    const { status } = await fetch(url, { method: 'HEAD', headers: keys.read.headers });
    if (operation.scope === 'read') assert.ok(![401, 403].includes(status), operation.operationId);
    else assert.equal(status, 403, operation.operationId);
  }
});

test('the scheme is taken in any case, and a key until it ends', async () => {
  const accepted = [`bearer ${key}`, `BEARER  ${key} `, `Bearer ${lasting.key}`];
  for (const authorization of accepted) {
    const { status } = await ask('GET', '/store-migration', undefined, { headers: { authorization } });
    assert.equal(status, 200, authorization);
  }
});

test('a request without a key is refused before its body has arrived', async () => {
  const connection = await connectRaw(base);
  connection.write(lines('PUT /v1/hashes/aa HTTP/1.1', HOST, JSON_TYPE, 'Content-Length: 60000'));
  const answer = await connection.next();
  assert.ok(answer);
  assertProblem(answer, 401, 'missing_key');
  connection.destroy();
});

test('a request whose body has bad framing gets one answer, be it refused or not', async () => {
  const bad = (path: string, ...headers: string[]) =>
    `${lines(`PUT ${path} HTTP/1.1`, HOST, 'Transfer-Encoding: chunked', ...headers)}zz\r\n`;
  const authorized = `Authorization: ${keys.write.headers.authorization}`;
  for (const [bytes, statuses] of [
    [bad('/v1/settings/a'), [401]],
    [bad('/v1/settings/a', authorized), [400]],
    [bad('/nothing'), [404]],
    [lines('GET /livez HTTP/1.1', HOST) + bad('/v1/settings/a'), [200, 401]],
    [lines('GET /livez HTTP/1.1', HOST) + bad('/v1/settings/a', authorized), [200, 400]],
  ] as const) {
    const connection = await connectRaw(base);
    connection.write(bytes);
    const answers: (number | undefined)[] = [];
    for (let answer = await connection.next(); answer; answer = await connection.next())
      answers.push(answer.status);
    assert.deepEqual(answers, statuses, bytes);
    connection.destroy();
  }
});

test('/metrics is limited without a valid key, and with one it is not', async () => {
  const limited = await startTestService({ PICT_REPO_KEYS, RATE_LIMIT_PER_SECOND: '2' }, service);
  const statuses = async (authorization: string) => {
    const asked = Array.from({ length: 12 }, () =>
      fetch(`${limited.base}/metrics`, { headers: { authorization } }),
    );
    return (await Promise.all(asked)).map(({ status }) => status);
  };
  const wrong = await statuses('Bearer wrong');
  assert.ok(wrong.includes(429) && wrong.every((status) => [401, 429].includes(status)), String(wrong));
  assert.ok((await statuses(keys.read.headers.authorization)).every((status) => status === 200));
});

test('a connection goes on after a refusal, and each request is looked at by itself', async () => {
  const connection = await connectRaw(base);
  const set = (...headers: string[]) => withBody('PUT /v1/settings/a HTTP/1.1', 'x', ...headers);
  const authorization = `Authorization: ${keys.write.headers.authorization}`;
  connection.write(Buffer.concat([set(), set(authorization), set()]));
  const statuses = [];
  for (let at = 0; at < 3; at++) statuses.push((await connection.next())?.status);
  assert.deepEqual(statuses, [401, 204, 401]);
  connection.destroy();
});

test('no key is needed for the docs, and for the answers 404 and 405', async () => {
  for (const path of ['/docs', '/docs/json', '/docs/yaml', '/pages/docs.js']) {
    assert.equal((await fetch(base + path)).status, 200, path);
  }
  assertProblem(await ask('GET', '/nothing'), 404, 'route_not_found');
  assertProblem(await ask('PATCH', '/store-migration'), 405, 'method_not_allowed');
});

test('with DOCS=off there are none', async () => {
  const without = await startTestService({ DOCS: 'off' }, service);
  for (const path of ['/docs', '/docs/json', '/pages/docs.js']) {
    assert.equal((await fetch(without.base + path)).status, 404, path);
  }
});

test('with keys, or told to be insecure, the service answers for every host', async () => {
  const insecure = await startTestService({ PICT_REPO_INSECURE: 'true', HOST: '0.0.0.0' }, service);
  const request = (...headers: string[]) =>
    lines('GET /v1/store-migration HTTP/1.1', 'Host: images.example', ...headers);
  const port = new URL(insecure.base).port;
  assert.equal((await sendRaw(`http://127.0.0.1:${port}`, request())).status, 200);
  assert.equal((await sendRaw(base, request())).status, 401);
  const authorization = `Authorization: ${keys.read.headers.authorization}`;
  assert.equal((await sendRaw(base, request(authorization))).status, 200);
});

test('keys are read with comments, blank lines and any white space between', () => {
  const text = `# a comment\r\n\r\n  ${keys.read.line.replaceAll(' ', ' \t ')}  \r\n${keys.write.line}\n`;
  assert.deepEqual(
    readKeys({ PICT_REPO_KEYS: text }).map(({ name, scope }) => ({ name, scope })),
    [
      { name: 'r', scope: 'read' },
      { name: 'w', scope: 'write' },
    ],
  );
});
