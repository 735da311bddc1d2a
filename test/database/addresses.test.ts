import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig } from '../../src/config.js';
import type { Sql } from '../../src/database/database.js';
import { openListener } from '../../src/database/listener.js';
import { migrateUp } from '../../src/database/migrate.js';
import { openDatabase } from '../../src/database/open-database.js';
import { openProbe } from '../../src/database/probe.js';
import { databaseConnections } from '../../src/service-options.js';
import { atEnd } from '../support/cleanup.js';
import { createDatabase } from '../support/database.js';
import { startTestService } from '../support/service.js';

/** Resolves with the server, or undefined where the machine has no such address. */
async function listen(where: ListenOptions, onSocket: (socket: Socket) => void): Promise<Server | undefined> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  const listens = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(where, () => resolve(true));
  });
  atEnd(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return listens ? server : undefined;
}

/** A proxy to the database, and how often somebody came to 127.0.0.1 with the same port instead. */
async function startProxyAt(url: string, where: (port: number) => ListenOptions) {
  let touched = 0;
  const bait = await listen({ host: '127.0.0.1', port: 0 }, (socket) => {
    touched++;
    socket.destroy();
  });
  const address = bait?.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const target = new URL(url);
  const proxy = await listen(where(port), (socket) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port) });
    upstream.on('error', () => {});
    upstream.on('close', () => socket.destroy());
    socket.on('close', () => upstream.destroy());
    socket.pipe(upstream).pipe(socket);
  });
  return proxy && { port, touched: () => touched };
}

const { url, sql } = await createDatabase();
const folder = await mkdtemp(join(tmpdir(), 'pict-repo-socket-'));
atEnd(() => rm(folder, { recursive: true }));
const inFolder = (port: number): ListenOptions => ({ path: join(folder, `.s.PGSQL.${port}`) });
const at = (host: string) => (port: number) => ({ host, port, ipv6Only: true });

/** How the address is written, and where the database is. */
const forms: [
  string,
  (authority: string, path: string, port: number) => string,
  (port: number) => ListenOptions,
][] = [
  ['IPv6', (user, path, port) => `${user}[::1]:${port}${path}`, at('::1')],
  ['IPv6 in ?host=', (user, path, port) => `${user}${path}?host=::1&port=${port}`, at('::1')],
  ['IPv6 in ?host=, in brackets', (user, path, port) => `${user}${path}?host=[::1]&port=${port}`, at('::1')],
  ['IPv4', (user, path, port) => `${user}127.0.0.2:${port}${path}`, at('127.0.0.2')],
  ['IPv4 written as IPv6', (user, path, port) => `${user}[::ffff:127.0.0.2]:${port}${path}`, at('127.0.0.2')],
  [
    'a socket in ?host=',
    (user, path, port) => `${user}${path}?host=${encodeURIComponent(folder)}&port=${port}`,
    inFolder,
  ],
  [
    'a socket for a host',
    (user, path, port) => `${user}${encodeURIComponent(folder)}:${port}${path}`,
    inFolder,
  ],
];
for (const [name, write, where] of forms) {
  test(`${name}: migrations, statements, LISTEN and probes all reach the database, and nothing else`, async (t) => {
    const proxy = await startProxyAt(url, where);
    if (!proxy) return t.skip('this machine has no such address');
    const { username, password, pathname } = new URL(url);
    const own = write(`postgres://${username}:${password}@`, pathname, proxy.port);
    const { migration, statement, direct } = databaseConnections(readConfig({}), own);
    // Another database would have to be migrated.
    assert.deepEqual(await migrateUp(migration), []);
    const db = openDatabase(statement, { poolSize: 1, waitSeconds: 10 });
    const probe = openProbe(statement, 10_000);
    atEnd(() => Promise.all([db.close(), probe.close()]));
    const count = (sql: Sql) => sql<{ hashes: number }[]>`select count(*) as hashes from hashes`;
    assert.deepEqual([await db.run(count), await probe.run(count)], [[{ hashes: 0 }], [{ hashes: 0 }]]);
    const heard = await new Promise<string>((resolve, reject) => {
      const listener = openListener({
        connection: direct,
        channel: 'here',
        onMessage: resolve,
        onListening: () => void db.run((sql) => sql`select pg_notify('here', 'word')`),
        onLost: () => {},
      });
      atEnd(listener.close);
      listener.listen().catch(reject);
    });
    assert.equal(heard, 'word');
    assert.equal(proxy.touched(), 0);
  });
}

test('if no session can be opened, the start says why in one line with the address', async () => {
  const closing = await listen({ host: '127.0.0.1', port: 0 }, (socket) => socket.destroy());
  const address = closing?.address();
  const closingPort = typeof address === 'object' && address ? address.port : 0;
  const changed = (change: (parts: URL) => void): string => {
    const parts = new URL(url);
    change(parts);
    return parts.href;
  };
  for (const [own, code, said] of [
    [
      changed((parts) => (parts.password = 'wrong')),
      '28P01',
      /refuses sessions: password authentication failed/,
    ],
    [changed((parts) => (parts.pathname = '/nothing')), '3D000', /refuses sessions: .*"nothing"/],
    [changed((parts) => (parts.host = 'localhost:1')), 'ECONNREFUSED', /localhost:1 refuses connections/],
    [changed((parts) => (parts.hostname = 'nothing.invalid')), /ENOTFOUND|EAI_AGAIN/, /cannot be found/],
    [changed((parts) => (parts.host = `127.0.0.1:${closingPort}`)), /CONN/, /closes connections before/],
    [`${new URL(url).protocol}//u@/d?host=${folder}/nothing`, 'ENOENT', /no such socket/],
  ] as const) {
    const { migration } = databaseConnections(readConfig({}), own);
    const failure: Error & { code?: string } = await migrateUp(migration).then(
      () => assert.fail(own),
      (error) => error,
    );
    if (typeof code === 'string') assert.equal(failure.code, code);
    else assert.match(failure.code ?? '', code);
    assert.match(failure.message, said);
    assert.match(failure.message, /^pict-repo cannot start: the database at \S+ [^\n]+ \(\w+\)$/);
    assert.ok(!failure.message.includes('wrong'));
  }
});

test('a name is looked up, and each of its addresses is tried', async () => {
  const own = new URL(url);
  own.hostname = 'localhost';
  const service = await startTestService({}, { url: own.href, sql });
  assert.equal((await service.ask('GET', '/hashes/size')).status, 200);
});
