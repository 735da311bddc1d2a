import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { isLoopback, localUrl } from '../src/address.js';
import { ConfigError, readConfig } from '../src/config.js';
import { withConfigTable } from '../src/config-table.js';
import { describeConfig, variables } from '../src/config-variables.js';
import { createKey, readKeys } from '../src/keys.js';
import { createDatabase } from './support/database.js';
import { testKey } from './support/keys.js';
import { startTestService } from './support/service.js';
import { startServiceProcess } from './support/service-process.js';
import { callInThread } from './support/thread.js';

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

test('every fault is named at once, and no secret is shown', () => {
  const message = faultsOf({
    PORT: '70000',
    DATABASE_URL: 'postgres://a:secret@b/c',
    DATABASE_POOL_SIZE: '1',
    DATABASE_PREPARE: 'no',
    LOG_LEVEL: 'loud',
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

test('if every number is wrong, each is named', () => {
  const numbers = Object.entries<object>(variables).flatMap(([name, schema]) =>
    'minimum' in schema ? [name] : [],
  );
  const faults = faultsOf(Object.fromEntries(numbers.map((name) => [name, '-1'])))
    .split('\n')
    .slice(1);
  assert.deepEqual(
    faults.map((fault) => fault.trim().split(' ')[0]),
    numbers,
  );
});

/** For each kind of variable what it is not; the name of the kind is a part of the message. */
const NO_NUMBERS = [
  '-1',
  '1e3',
  '3000.0',
  '1.5',
  '0x10',
  'NaN',
  'Infinity',
  '99999999999999999999',
  '30s',
  '1_000',
  '١',
];
const NO_TEXTS = [' ', '\t', ' a', 'a ', 'a\n', '\n'];
for (const [name, schema] of Object.entries<object>(variables)) {
  const { minimum, maximum, type, enum: names, 'x-kind': own }: Record<string, unknown> = { ...schema };
  const values = [...NO_TEXTS];
  let kind = '';
  if (typeof minimum === 'number' && typeof maximum === 'number') {
    values.push(
      ...NO_NUMBERS,
      String(minimum - 1),
      String(maximum + 1),
      String(2 ** 31),
      `${minimum} `,
      `+${maximum}`,
    );
    kind = `a whole number( of [a-zA-Z]+)? from ${minimum} to ${maximum}, in digits alone`;
  } else if (Array.isArray(names)) {
    values.push(String(names[0]).toUpperCase(), '0', 'undefined');
    kind = `one of ${names.join(', ')}`;
  } else if (type === 'boolean') {
    values.push('yes', '1', 'TRUE', 'undefined');
    kind = 'true or false';
  } else if (own !== undefined) kind = String(own);
  if (kind === '') continue;
  test(`${name}: a value that is not ${kind} is refused with a message that says so, and the bounds are accepted`, () => {
    for (const value of values) {
      const faults = faultsOf({ [name]: value, DATABASE_URL: 'postgres://localhost/db' }).split('\n');
      const [fault = ''] = faults.filter((line) => line.startsWith(`  ${name} must be `));
      assert.match(fault, new RegExp(`^  ${name} must be ${kind}`), faults.join('\n'));
      assert.ok(fault.endsWith(`; it is ${JSON.stringify(value)}`), fault);
    }
    for (const bound of [minimum, maximum]) {
      if (bound !== undefined && name !== 'METRICS_PORT') readConfig({ [name]: String(bound) });
    }
  });
}

test('the unit of a number is the one in its name', () => {
  const units = {
    QUEUE_LEASE_SECONDS: 'seconds',
    QUEUE_ID_RETENTION_MINUTES: 'minutes',
    QUEUE_DEAD_RETENTION_DAYS: 'days',
    UNREAD_BUDGET_MIB: 'MiB',
  };
  for (const [name, unit] of Object.entries(units)) {
    assert.match(faultsOf({ [name]: '5s' }), new RegExp(`${name} must be a whole number of ${unit} from`));
  }
  assert.match(
    faultsOf({ RATE_LIMIT_PER_SECOND: '-1' }),
    /RATE_LIMIT_PER_SECOND must be a whole number from 0/,
  );
});

test('what may be a secret is never shown', () => {
  for (const [name, schema] of Object.entries(variables)) {
    if (!('x-secret' in schema)) continue;
    for (const value of [
      'secret',
      ' secret',
      'postgres://u:secret@h:99999/db',
      'postgres://u:secret@h/db?x=secret',
    ]) {
      const message = faultsOf({
        [name]: value,
        DATABASE_URL: name === 'DATABASE_URL' ? value : 'postgres://h/db',
      });
      assert.match(message, new RegExp(`^  ${name} `, 'm'));
      assert.ok(!message.replace('"secret"', '').includes('secret'), message);
    }
  }
});

test('variables that describe a database need DATABASE_URL, and DATABASE_CA_FILE must hold a certificate', () => {
  for (const name of ['DATABASE_DIRECT_URL', 'DATABASE_CA_FILE', 'DATABASE_PASSWORD_FILE']) {
    assert.match(faultsOf({ [name]: main }), new RegExp(`^  ${name} needs DATABASE_URL, `, 'm'));
  }
  const DATABASE_URL = 'postgres://localhost/db';
  assert.match(
    faultsOf({ DATABASE_URL, DATABASE_CA_FILE: main }),
    /^ {2}DATABASE_CA_FILE holds no PEM certificate: /m,
  );
  assert.match(
    faultsOf({ DATABASE_URL, DATABASE_CA_FILE: '/nowhere' }),
    /^ {2}DATABASE_CA_FILE ENOENT.*\/nowhere/m,
  );
});

test('METRICS_PORT cannot be PORT', () => {
  assert.match(
    faultsOf({ PORT: '3001', METRICS_PORT: '3001' }),
    /^ {2}METRICS_PORT must be another port than PORT$/m,
  );
  assert.match(faultsOf({ METRICS_PORT: '3000' }), /METRICS_PORT must be another/);
  readConfig({ PORT: '0', METRICS_PORT: '0' });
});

test('without keys only a loopback address is listened on', () => {
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
    assert.match(
      faultsOf({ HOST }),
      /^ {2}HOST must be a loopback address .* while there are no keys.*PICT_REPO_KEYS_FILE.*PICT_REPO_INSECURE/m,
    );
  }
});

test('an address is the same for HOST, the URL that is shown and the health check', async () => {
  for (const [given, host, url] of [
    ['127.0.0.2', '127.0.0.2', 'http://127.0.0.2:80'],
    ['::1', '::1', 'http://[::1]:80'],
    ['[::1]', '::1', 'http://[::1]:80'],
    ['0:0:0:0:0:0:0:1', '0:0:0:0:0:0:0:1', 'http://[0:0:0:0:0:0:0:1]:80'],
    ['LocalHost', 'localhost', 'http://localhost:80'],
    ['0.0.0.0', '0.0.0.0', 'http://127.0.0.1:80'],
    ['[::]', '::', 'http://[::1]:80'],
    ['images-1.example', 'images-1.example', 'http://images-1.example:80'],
  ] as const) {
    const { HOST } = readConfig({ HOST: given, PICT_REPO_INSECURE: 'true' });
    assert.deepEqual([HOST, localUrl(HOST, 80)], [host, url]);
  }
  for (const HOST of ['localhost:80', '[::1]:80', 'http://localhost', 'a b', '[localhost]'])
    assert.match(faultsOf({ HOST, PICT_REPO_INSECURE: 'true' }), /^ {2}HOST must be a name or an address/m);
  const database = await createDatabase();
  for (const HOST of ['127.0.0.2', '[::1]']) {
    const service = await startTestService({ HOST }, database).catch((error) => error);
    // Not every machine has IPv6.
    if (service.code === 'EADDRNOTAVAIL' || service.code === 'EAFNOSUPPORT') continue;
    const { port, hostname } = new URL(service.base);
    assert.equal(hostname, HOST);
    const check = () => callInThread('src/main.js', ['healthcheck'], { HOST, PORT: port });
    assert.equal((await check()).code, 0);
    await service.close();
    assert.equal((await check()).code, 1);
  }
});

test('with keys, or told to be insecure, any address is listened on', () => {
  const { line } = createKey('a', 'read');
  assert.equal(readConfig({ HOST: '0.0.0.0', PICT_REPO_KEYS: line }).HOST, '0.0.0.0');
  assert.equal(readConfig({ HOST: '0.0.0.0', PICT_REPO_INSECURE: 'true' }).HOST, '0.0.0.0');
  assert.match(faultsOf({ HOST: '0.0.0.0', PICT_REPO_INSECURE: 'false' }), /HOST/);
});

test('ALLOWED_ORIGINS takes origins as browsers send them, and nothing else', () => {
  const ALLOWED_ORIGINS = 'https://images.example.org, http://[::1]:8080,http://10.0.0.7:81';
  assert.equal(readConfig({ ALLOWED_ORIGINS }).ALLOWED_ORIGINS, ALLOWED_ORIGINS);
  for (const origin of [
    '*',
    'null',
    'images.example.org',
    'https://images.example.org/',
    'https://Images.example.org',
    'https://images.example.org:443',
    'https://user@images.example.org',
    'https://*.example.org',
    'file:///tmp',
    'https://a.example,',
    'https://a.example https://b.example',
  ]) {
    assert.match(faultsOf({ ALLOWED_ORIGINS: origin }), /^ {2}ALLOWED_ORIGINS must be origins/m, origin);
  }
});

const HASH = `sha256:${'a'.repeat(64)}`;
const badKeys: Record<string, [lines: string, fault: RegExp]> = {
  'no key': ['# none yet', /holds no key/],
  'a key itself': ['secret', /line 1: the scope/],
  'an unknown scope': [`secret root ${HASH}`, /line 1: the scope must be one of read, write, admin/],
  'no hash': ['secret read', /line 1: .*sha256: and 64 hex digits/],
  'a hash that is too short': [`secret read ${HASH.slice(0, -1)}`, /line 1: .*sha256: and 64/],
  'another hash': ['secret read md5:d41d8cd98f00b204e9800998ecf8427e', /line 1: .*sha256: and 64/],
  'the hash of nothing': [
    'secret read sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    /line 1: the hash is that of no key at all/,
  ],
  'a name in other letters': [`sécret read ${HASH}`, /line 1: the name/],
  'an expiry that is no time': [`secret read ${HASH} expires:2026-02-30T00:00:00Z`, /line 1: .*expires:/],
  'an expiry without its name': [`secret read ${HASH} 2026-02-03T00:00:00Z`, /line 1: .*expires:/],
  'a fifth field': [`secret read ${HASH} expires:2026-02-03T00:00:00Z secret`, /line 1: there is more/],
  'two keys of a name': [
    `secret read ${HASH}\nsecret read ${HASH.replace(/a$/, 'b')}`,
    /line 2: the name is that/,
  ],
  'a key twice': [`secret read ${HASH}\nsecret2 admin ${HASH}`, /line 2: the hash is that of a key above/],
  'faults in several lines': ['secret\n#\nsecret read', /line 1: .*\n.*line 3: /],
};
for (const [what, [text, fault]] of Object.entries(badKeys)) {
  test(`${what} in the keys is refused by its line, without showing it`, () => {
    const message = faultsOf({ PICT_REPO_KEYS: text, HOST: '0.0.0.0' });
    assert.match(message, fault);
    assert.ok(!message.includes('secret') && !message.includes('HOST'), message);
  });
}

test('a byte order mark before a text is no part of it, UTF-16 is refused', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pict-repo-bom-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'keys');
  const { line } = createKey('a', 'read');
  await writeFile(file, `\ufeff${line}\r\n`);
  assert.equal(readKeys({ PICT_REPO_KEYS_FILE: file })[0]?.name, 'a');
  await writeFile(file, Buffer.from(`\ufeff${line}\n`, 'utf16le'));
  assert.match(faultsOf({ PICT_REPO_KEYS_FILE: file }), /PICT_REPO_KEYS_FILE .*UTF-16/);
  const config = readConfig({ PICT_REPO_KEYS: `\ufeff${line}`, PORT: '\ufeff80', HOST: '\ufeff::1' });
  assert.deepEqual([config.PORT, config.HOST, readKeys(config).length], [80, '::1', 1]);
});

test('keys from a missing file, or from two sources, are refused', () => {
  assert.match(faultsOf({ PICT_REPO_KEYS_FILE: '/nowhere/keys' }), /PICT_REPO_KEYS_FILE .*\/nowhere\/keys/);
  assert.match(faultsOf({ PICT_REPO_KEYS_FILE: '/x', PICT_REPO_KEYS: 'y' }), /are both set/);
});

test('an unknown PICT_REPO_ variable is refused: it is a misspelt one', () => {
  assert.match(
    faultsOf({ PICT_REPO_DATA_DIRECTORY: '/x' }),
    /PICT_REPO_DATA_DIRECTORY is not a known variable/,
  );
});

test('a former name of a variable is refused with its new name', () => {
  const message = faultsOf({ MOST_STREAMS: '2', QUEUE_MOST_PARKED_POLLS: '9' });
  assert.match(message, /^ {2}MOST_STREAMS is now called MAX_STREAMS$/m);
  assert.match(message, /^ {2}QUEUE_MOST_PARKED_POLLS is now called QUEUE_MAX_WAITING_POLLS$/m);
});

test('serve --help lists every variable with its default and meaning', async () => {
  const { stdout, stderr } = await callInThread('src/main.js', ['serve', '--help'], { PORT: 'wrong' });
  assert.equal(stderr, '');
  for (const { name, fallback, description } of describeConfig()) {
    assert.ok(description.length > 10, name);
    assert.ok(stdout.includes(`  ${name}${fallback && ` (${fallback})`}\n      ${description}`), name);
  }
});

test('the table in docs/operations.md is what the configuration says', async () => {
  const page = await readFile(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  assert.equal(withConfigTable(page), page, 'docs/operations.md is out of date: npm run docs');
  for (const { name } of describeConfig()) assert.ok(page.includes(`| \`${name}\` |`), name);
});

const badDatabases: Record<string, [env: Record<string, string>, said: RegExp]> = {
  'a URL with an unknown parameter': [
    { DATABASE_URL: 'postgres://u:secret@localhost/db?channel=require' },
    /DATABASE_URL.*channel/,
  ],
  'a schema of the server itself': [{ DATABASE_SCHEMA: 'pg_secret' }, /DATABASE_SCHEMA.*another name/],
  'a schema with too long a name': [{ DATABASE_SCHEMA: 'ä'.repeat(32) }, /DATABASE_SCHEMA.*63 bytes/],
  'a URL that is none': [{ DATABASE_URL: 'secret' }, /DATABASE_URL.*postgres:\/\//],
  'a CA file that is not there': [
    { DATABASE_URL: 'postgres://u:secret@localhost/db', DATABASE_CA_FILE: '/nowhere/ca.pem' },
    /\/nowhere\/ca\.pem/,
  ],
  'a password file that is not there': [
    { DATABASE_URL: 'postgres://u@localhost/db', DATABASE_PASSWORD_FILE: '/nowhere/password' },
    /DATABASE_PASSWORD_FILE .*\/nowhere\/password/,
  ],
  'a password for no database': [
    { DATABASE_PASSWORD_FILE: main },
    /DATABASE_PASSWORD_FILE needs DATABASE_URL/,
  ],
  'a port that is no good': [{ DATABASE_URL: 'postgres://u:secret@localhost:99999/db' }, /DATABASE_URL/],
};
for (const [what, [env, said]] of Object.entries(badDatabases)) {
  test(`${what} is refused, and no secret is shown`, () => {
    const message = faultsOf(env);
    assert.match(message, said);
    assert.ok(!message.includes('secret'), message);
  });
}

const badStarts: Record<string, [env: Record<string, string>, said: RegExp]> = {
  'a wrong configuration': [{ PORT: 'x', HOST: '0.0.0.0' }, /PORT .*"x"\n.*HOST .*PICT_REPO_KEYS_FILE/],
  'a database that cannot be reached': [
    { DATABASE_URL: 'postgres://u:secret@127.0.0.1:9/db' },
    /127\.0\.0\.1:9/,
  ],
};
describe('a bad start', { concurrency: 3 }, () => {
  for (const [what, [env, said]] of Object.entries(badStarts)) {
    test(`with ${what} exits with 1, a message and no stack`, async () => {
      const failure = await run(process.execPath, [main, 'serve'], { env, timeout: 100_000 }).catch(
        (error) => error,
      );
      assert.equal(failure.code, 1, failure.stdout);
      assert.match(failure.stderr, said);
      assert.doesNotMatch(failure.stderr, /\n\s+at /, 'a stack is for programmers');
      assert.ok(!failure.stderr.includes('secret'), failure.stderr);
    });
  }
});

test('the log has a line for each request, and no secret; with DOCS=off it names no page; without a file of keys SIGHUP stops the service', async () => {
  const { url, sql: own } = await createDatabase();
  // The variables of libpq have no effect; the driver would obey some.
  const libpq = { PGTARGETSESSIONATTRS: 'any', PGOPTIONS: '-c search_path=no', PGSSLMODE: 'verify-full' };
  const { key, line, headers: authorization } = testKey('worker', 'write');
  const program = await startServiceProcess({
    ...libpq,
    DATABASE_URL: url,
    PICT_REPO_KEYS: line,
    DOCS: 'off',
  });
  const ask = async (method: string, path: string, body?: object) => {
    const headers = { 'content-type': 'application/json', ...authorization };
    const text = body && JSON.stringify(body);
    return (await fetch(`${program.base}/v1${path}`, { method, headers, ...(text && { body: text }) }))
      .status;
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
  await own`alter table aliases add constraint refuses check (alias <> 'c')`;
  assert.equal(await ask('PUT', '/aliases/c', alias), 500);
  assert.equal(await program.end('SIGHUP'), 0);

  const log = program.log();
  assert.ok(!log.includes('/docs'), log);
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
    records.some(({ level, problem }) => level === 'error' && problem === 'internal_error'),
    log,
  );
  for (const secret of ['secret', key, line.split(':').at(-1), new URL(url).password])
    assert.ok(!secret || !log.includes(secret), log);
});
