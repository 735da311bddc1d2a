import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ConnectionSettings, connectionOptions } from '../../src/database/connection.js';

function options(url: string, more: Partial<ConnectionSettings> = {}) {
  return connectionOptions({ url, statementTimeoutSeconds: 30, ...more });
}

const where: Record<string, Record<string, unknown>> = {
  'postgres://u:p@db.example:6432/images': {
    host: 'db.example',
    port: 6432,
    user: 'u',
    password: 'p',
    database: 'images',
  },
  'postgresql://u@db.example/images': {
    host: 'db.example',
    port: 5432,
    user: 'u',
    password: '',
    database: 'images',
  },
  'postgres://u@db.example': { host: 'db.example', database: 'u' },
  'postgres://u@db.example/': { host: 'db.example', database: 'u' },
  'postgres://localhost': { host: 'localhost', port: 5432, database: 'postgres' },
  'postgres:///images': { host: 'localhost', port: 5432, database: 'images' },
  'postgres://u:p@/images': { host: 'localhost', user: 'u', password: 'p', database: 'images' },
  'postgres://:6432/images': { host: 'localhost', port: 6432, database: 'images' },
  'postgres://u@[::1]:6432/images': { host: '::1', port: 6432 },
  'postgres://u@/images?host=[fd00::5]&port=6432': { host: 'fd00::5', port: 6432 },
  'postgres://u%40x:p%2F%3A%40%25%20%C3%BC@h/d%20b': { user: 'u@x', password: 'p/:@% ü', database: 'd b' },
  'postgres://u:p%2Bq+r@h/db': { password: 'p+q+r' },
  'postgres:///images?host=/run/postgresql': {
    path: '/run/postgresql/.s.PGSQL.5432',
    database: 'images',
    ssl: false,
  },
  'postgres:///?host=/run/pg&port=6432&user=u&password=p&dbname=images': {
    path: '/run/pg/.s.PGSQL.6432',
    user: 'u',
    password: 'p',
    database: 'images',
  },
  'postgres://u@%2Frun%2Fpostgresql/images': { path: '/run/postgresql/.s.PGSQL.5432', ssl: false },
  'postgres://u@h/db?host=other': { host: 'other' },
  'postgres://u@h/db?password=a%20b': { password: 'a b' },
};
for (const [url, expected] of Object.entries(where)) {
  test(`${url} leads where it says`, () => {
    const actual: Record<string, unknown> = { ...options(url) };
    for (const [name, value] of Object.entries(expected)) assert.equal(actual[name], value, name);
    assert.equal('path' in actual, 'path' in expected);
  });
}

test('sslmode encrypts and verifies as in libpq', () => {
  const ssl = (query: string, caFile?: string) => options(`postgres://u@h/db${query}`, { caFile }).ssl;
  assert.equal(ssl(''), 'prefer');
  assert.equal(ssl('?sslmode=disable'), false);
  assert.equal(ssl('?sslmode=prefer'), 'prefer');
  assert.equal(ssl('?sslmode=require'), 'require');
  for (const query of ['?sslmode=verify-full', '?sslmode=verify-full&sslrootcert=system']) {
    const verified: Record<string, unknown> = Object(ssl(query));
    assert.equal(verified['rejectUnauthorized'], true);
    assert.equal('ca' in verified, false);
  }
  assert.equal(ssl('?sslmode=allow'), 'prefer');
  for (const mode of ['VERIFY-FULL', 'yes', '']) {
    assert.throws(() => ssl(`?sslmode=${mode}`), /sslmode/, `"${mode}"`);
  }
});

test('the usual parameters of libpq are taken', () => {
  const query = [
    ...['target_session_attrs=read-write', 'keepalives=1', 'keepalives_idle=30', 'tcp_user_timeout=1000'],
    ...[
      'gssencmode=disable',
      'client_encoding=UTF8',
      'load_balance_hosts=disable',
      'sslnegotiation=postgres',
    ],
    ...['fallback_application_name=mine', 'connect_timeout=12', 'options=-csearch_path%3Dmine', 'sslsni=1'],
  ];
  const all = options(`postgres://u:p@h/db?${query.join('&')}`);
  assert.equal(all.connect_timeout, 12);
  assert.equal(all.connection?.['application_name'], 'mine');
  assert.equal(all.connection?.['options'], '-csearch_path=mine');
  for (const seconds of ['0', '-1']) {
    assert.equal(options(`postgres://h/db?connect_timeout=${seconds}`).connect_timeout, 5);
  }
  assert.equal(options('postgres://h/db?password=a+b').password, 'a+b');
});

test('channel_binding=require verifies the server, as the driver has no channel binding', () => {
  const { ssl } = options('postgres://u@h/db?sslmode=require&channel_binding=require');
  const verified: Record<string, unknown> = Object(ssl);
  assert.equal(verified['rejectUnauthorized'], true);
  const check = verified['checkServerIdentity'];
  assert.ok(typeof check === 'function');
  assert.match(check('', { subject: { CN: 'other' }, subjectaltname: 'DNS:other' }).message, /h/);
  assert.equal(options('postgres://u@h/db?channel_binding=prefer').ssl, 'prefer');
});

test('with an authority, the server is verified', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pict-repo-ca-'));
  t.after(() => rm(folder, { recursive: true }));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, 'PEM');
  for (const [url, file] of [
    ['postgres://u@h/db?sslmode=verify-full', caFile],
    [`postgres://u@h/db?sslmode=verify-full&sslrootcert=${encodeURIComponent(caFile)}`, undefined],
    ['postgres://u@h/db?sslmode=require', caFile],
  ] as const) {
    const ssl: Record<string, unknown> = Object(options(url, { caFile: file }).ssl);
    assert.equal(ssl['ca'], 'PEM');
    assert.equal(ssl['rejectUnauthorized'], true);
  }
});

test('sessions are read committed, and have the statement timeout that is asked for, or none', () => {
  const { connection, prepare } = options('postgres://u@h/db?application_name=mine', { prepare: false });
  assert.equal(connection?.['application_name'], 'mine');
  assert.equal(connection?.['statement_timeout'], '30000');
  assert.equal(connection?.['default_transaction_isolation'], 'read committed');
  assert.equal(prepare, false);
  // The driver leaves out a zero that is no text.
  assert.equal(
    options('postgres://u@h/db', { statementTimeoutSeconds: 0 }).connection?.['statement_timeout'],
    '0',
  );
});

const refused: Record<string, RegExp> = {
  'postgres://u:secret@h/db?channel_binding=require&sslmode=disable': /sslmode=disable/,
  'postgres://u:secret@h/db?channel_binding=yes': /"channel_binding"/,
  'postgres://u:secret@h/db?options=-c%20statement_timeout%3D1': /DATABASE_STATEMENT_TIMEOUT_SECONDS/,
  'postgres://u:secret@h/db?options=--enable-seqscan%3Don': /enable_seqscan/,
  'postgres://u:secret@h/db?connect_timeout=soon': /"connect_timeout"/,
  'postgres://u:secret@h/db?target_session_attrs=standby': /primary/,
  'postgres://u:secret@h/db?client_encoding=LATIN1': /"client_encoding".*UTF8/,
  'postgres://u:secret@h/db?gssencmode=require': /"gssencmode"/,
  'postgres://u:secret@h/db?hostaddr=10.0.0.1': /"hostaddr".*host/,
  'postgres://u:secret@h/db?passfile=x': /DATABASE_PASSWORD_FILE/,
  'postgres://u:secret@h/db?ssl=true': /sslmode=require/,
  'postgres://u:secret@h/db?sslcert=x': /client certificates/,
  'postgres://u:secret@h/db?schema=x': /DATABASE_SCHEMA/,
  'postgres://u:secret@h/db?pgbouncer=true': /docs\/operations\.md/,
  'postgres://u:secret@h/db?toString=1': /"toString"/,
  'postgres://u:secret@h/db?sslMode=require': /"sslMode"/,
  'postgres://u:secret#1@h/db': /has a #, which is written %23$/,
  'postgres://u@h/db#secret': /has a #, which is written %23$/,
  'postgres://u:12?secret@h/db': /has an @ after a \?: in a password, \? is written %3F$/,
  'postgres://u:secret@h/db?sslmode=disable&sslmode=verify-full': /"sslmode" more than once$/,
  'postgres://u:secret@one,two/db': /several hosts/,
  'postgres://u:secret@one:5432,two:5432/db': /several hosts/,
  'postgres:///db?host=one,two&password=secret': /several hosts/,
  'postgres://u:secret@h:99999/db': /postgres:\/\/user:password@host/,
  'postgres://u:secret@h:no/db': /postgres:\/\/user:password@host:5432\/database/,
  'postgres://u:secret@h/db?port=no': /port/,
  'postgres://u:secret@h/db?port=5432,5433': /port/,
  'postgres://u:%secret@h/db': /percent/,
  'postgres://u:secret/x@h/db': /postgres:\/\/|percent|host/,
  'mysql://u:secret@h/db': /postgres:\/\//,
  'host=h password=secret': /postgres:\/\//,
  secret: /postgres:\/\//,
};
for (const [url, said] of Object.entries(refused)) {
  test(`${url} is refused, without its password`, () => {
    assert.throws(
      () => options(url),
      (error: Error) => {
        assert.match(error.message, said);
        assert.ok(!`${error.message}${error.stack}${String(error.cause)}`.includes('secret'), error.stack);
        return true;
      },
    );
  });
}

test('a password comes from a file where the URL has none', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pict-repo-password-'));
  t.after(() => rm(folder, { recursive: true }));
  const passwordFile = join(folder, 'password');
  for (const [text, password] of Object.entries({
    'a%20b\n': 'a%20b',
    'a b \r\n': 'a b ',
    c: 'c',
    '\ufeffd\n': 'd',
  })) {
    await writeFile(passwordFile, text);
    assert.equal(options('postgres://u@h/db', { passwordFile }).password, password);
    assert.equal(options('postgres://u:p@h/db', { passwordFile }).password, 'p');
    assert.equal(options('postgres://u@h/db?password=q', { passwordFile }).password, 'q');
  }
  for (const text of ['', '\n', 'secret\nsecret\n']) {
    await writeFile(passwordFile, text);
    assert.throws(
      () => options('postgres://u@h/db', { passwordFile }),
      ({ message }: Error) => message.includes(passwordFile) && !message.includes('secret'),
    );
  }
});
