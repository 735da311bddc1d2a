import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { ConfigError, describeConfig, isLoopback, readConfig } from '../src/config.js';
import { createDatabase } from './support/database.js';

/** The configuration, and the program as it is started with it. */

const run = promisify(execFile);
const main = join(import.meta.dirname, '../src/main.js');

function faultsOf(env: Record<string, string>): string {
  try {
    readConfig(env);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  assert.fail(`taken: ${JSON.stringify(env)}`);
}

test('without variables every setting has its documented default', () => {
  const config: Record<string, unknown> = readConfig({});
  for (const { name, fallback } of describeConfig()) assert.equal(String(config[name] ?? ''), fallback, name);
  assert.equal(config['HOST'], '127.0.0.1');
  assert.equal(config['PORT'], 3000);
  assert.equal(config['DATABASE_URL'], undefined);
});

test('an empty variable counts as not set', () => {
  const empty = Object.fromEntries(describeConfig().map(({ name }) => [name, '']));
  assert.deepEqual(readConfig(empty), readConfig({}));
});

test('values are read by their type', () => {
  const config = readConfig({ PORT: '0', DATABASE_PREPARE: 'false', LOG_LEVEL: 'warn', HOST: '::1' });
  assert.equal(config.PORT, 0);
  assert.equal(config.DATABASE_PREPARE, false);
  assert.equal(config.LOG_LEVEL, 'warn');
  assert.equal(config.HOST, '::1');
});

test('variables of other programs are left alone', () => {
  assert.deepEqual(readConfig({ PATH: '/bin', PGPASSWORD: 'x', PORT_: '1' }), readConfig({}));
});

test('every fault is named at once, and no value is shown', () => {
  const message = faultsOf({
    PORT: '70000',
    DATABASE_URL: 'postgres://a:secret@b/c',
    DATABASE_POOL_SIZE: '1',
    DATABASE_PREPARE: 'secret',
    LOG_LEVEL: 'secret',
    HOST: '0.0.0.0',
    PICT_REPO_DATADIR: 'secret',
  });
  const wrong = ['PORT', 'DATABASE_POOL_SIZE', 'DATABASE_PREPARE', 'LOG_LEVEL', 'HOST', 'PICT_REPO_DATADIR'];
  const named = message
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(' ')[0] ?? '');
  assert.deepEqual([...new Set(named)].sort(), wrong.sort());
  assert.ok(!message.includes('secret'), message);
});

for (const value of [
  '',
  ' 3000',
  '3000 ',
  '0x10',
  '1e3',
  '3000.0',
  '-1',
  '65536',
  '99999999999999999999',
  'NaN',
]) {
  test(`a PORT of "${value}" is ${value === '' ? 'not set' : 'refused'}`, () => {
    if (value === '') assert.equal(readConfig({ PORT: value }).PORT, 3000);
    else assert.match(faultsOf({ PORT: value }), /^ {2}PORT /m);
  });
}

test('only a loopback address is listened on', () => {
  for (const host of ['127.0.0.1', '127.8.9.1', '::1', 'localhost', 'LocalHost'])
    assert.ok(isLoopback(host), host);
  for (const HOST of [
    '0.0.0.0',
    '::',
    '192.168.1.2',
    'example.org',
    '127.0.0.1.example.org',
    '127.0.0.1\n0.0.0.0',
  ]) {
    assert.match(faultsOf({ HOST }), /^ {2}HOST must be a loopback address/m);
  }
});

test('an unknown PICT_REPO_ variable is refused: it is a misspelt one', () => {
  assert.match(
    faultsOf({ PICT_REPO_DATA_DIRECTORY: '/x' }),
    /PICT_REPO_DATA_DIRECTORY is not a known variable/,
  );
});

test('--help lists every variable with its default and meaning', async () => {
  const { stdout, stderr } = await run(process.execPath, [main, '--help'], { env: { PORT: 'wrong' } });
  assert.equal(stderr, '');
  for (const { name, fallback, description } of describeConfig()) {
    assert.ok(description.length > 10, name);
    assert.ok(stdout.includes(`  ${name}${fallback && ` (${fallback})`}\n      ${description}`), name);
  }
});

test('the README lists the same', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const [, table = ''] = /<!-- configuration -->\n([\s\S]*)<!-- \/configuration -->/.exec(readme) ?? [];
  const rows = describeConfig().map(
    ({ name, fallback, description }) =>
      `| \`${name}\` | ${fallback && `\`${fallback}\``} | ${description} |`,
  );
  assert.deepEqual(table.trim().split('\n').slice(2), rows);
});

const badStarts: Record<string, [env: Record<string, string>, said: RegExp]> = {
  'a wrong configuration': [{ PORT: 'x', LOG_LEVEL: 'loud' }, /PORT .*\n.*LOG_LEVEL/],
  'a URL with an unknown parameter': [
    { DATABASE_URL: 'postgres://u:secret@localhost/db?channel_binding=require' },
    /DATABASE_URL.*channel_binding/,
  ],
  'a URL that is none': [{ DATABASE_URL: 'secret' }, /DATABASE_URL.*postgres:\/\//],
  'a CA file that is not there': [
    { DATABASE_URL: 'postgres://u:secret@localhost/db', DATABASE_CA_FILE: '/nowhere/ca.pem' },
    /\/nowhere\/ca\.pem/,
  ],
  'a database that cannot be reached': [
    { DATABASE_URL: 'postgres://u:secret@127.0.0.1:9/db' },
    /127\.0\.0\.1:9/,
  ],
  'a port that is no good': [{ DATABASE_URL: 'postgres://u:secret@localhost:99999/db' }, /DATABASE_URL/],
};
describe('a bad start', { concurrency: true }, () => {
  for (const [what, [env, said]] of Object.entries(badStarts)) {
    test(`with ${what} exits with 1, a message and no stack`, async () => {
      const failure = await run(process.execPath, [main], { env, timeout: 20_000 }).catch((error) => error);
      assert.equal(failure.code, 1, failure.stdout);
      assert.match(failure.stderr, said);
      assert.doesNotMatch(failure.stderr, /\n\s+at /, 'a stack is for programmers');
      assert.ok(!failure.stderr.includes('secret'), failure.stderr);
    });
  }
});

test('the log has a line for each request, and no secret', async (t) => {
  const { url, sql: own } = await createDatabase();
  const env = { ...process.env, DATABASE_URL: url, PORT: '0', LOG_FORMAT: 'json', LOG_LEVEL: 'info' };
  const program = spawn(process.execPath, [main], { env });
  t.after(() => program.kill());
  let log = '';
  program.stderr.on('data', (chunk) => (log += chunk));
  const at = new Promise<string>((resolve) => {
    program.stdout.on('data', (chunk) => {
      log += chunk;
      const [, origin] = /"url":"([^"]+)"/.exec(log) ?? [];
      if (origin !== undefined) resolve(`${origin}/v1`);
    });
  });
  const ask = async (method: string, path: string, body?: object) => {
    const headers = { 'content-type': 'application/json', authorization: 'Bearer secret-key' };
    const text = body && JSON.stringify(body);
    return (await fetch((await at) + path, { method, headers, ...(text && { body: text }) })).status;
  };
  const proxy = { url: 'https://secret-url.example/?a=b', alias: 'a' };
  const alias = { hash: 'aa', delete_token: 'secret-token' };
  assert.equal(await ask('PUT', '/hashes/aa', { identifier: 'i' }), 201);
  assert.equal(await ask('PUT', '/aliases/a', alias), 201);
  assert.equal(await ask('PUT', '/aliases/a', { ...alias, hash: 'bb' }), 409);
  assert.equal(await ask('PUT', '/aliases/b', { ...alias, delete_token: 'secret-token'.repeat(99) }), 400);
  assert.equal(await ask('PUT', '/proxies', proxy), 201);
  assert.equal(await ask('GET', `/proxies?url=${encodeURIComponent(proxy.url)}`), 200);
  assert.equal(await ask('GET', '/proxies?url=https://secret-url.example/%ff'), 400);
  assert.equal(await ask('GET', '/nothing/%?url=https://secret-url.example'), 400);
  for (const path of ['/livez', '/readyz', '/metrics']) assert.equal(await ask('GET', `/..${path}`), 200);
  await own`alter table aliases rename to elsewhere`;
  assert.equal(await ask('PUT', '/aliases/c', alias), 500);
  program.kill();
  await once(program, 'close');

  const records = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    records.filter(({ status }) => status).map(({ method, path, status }) => `${method} ${path} ${status}`),
    [
      'PUT /v1/hashes/aa 201',
      'PUT /v1/aliases/a 201',
      'PUT /v1/aliases/a 409',
      'PUT /v1/aliases/b 400',
      'PUT /v1/proxies 201',
      'GET /v1/proxies 200',
      'GET /v1/proxies 400',
      'PUT /v1/aliases/c 500',
    ],
  );
  assert.ok(
    records.some(({ level, problem }) => level === 50 && problem === 'internal_error'),
    log,
  );
  for (const secret of ['secret', new URL(url).password]) assert.ok(!secret || !log.includes(secret), log);
});
