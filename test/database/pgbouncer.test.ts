import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { readConfig } from '../../src/config.js';
import { databaseConnections } from '../../src/service-options.js';
import { atEnd } from '../support/cleanup.js';
import { createDatabase } from '../support/database.js';
import { askEveryRepo } from '../support/every-repo.js';
import { listen, throughProxy } from '../support/listen.js';
import { createRole } from '../support/odd-role.js';
import { pgbouncerVersion, RECIPE, ROLE_SETTINGS, startPgbouncer } from '../support/pgbouncer.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

/** What PgBouncer passes on, or keeps for each client, without being told. */
const TRACKED = ['application_name', 'client_encoding'];
const { statement } = databaseConnections(readConfig({}), 'postgres://localhost');
const asked = { ...statement.connection, search_path: 'public' };
const ignored = Object.keys(asked).filter((name) => !TRACKED.includes(name));

const version = pgbouncerVersion();
const needsPgbouncer = version === undefined && 'PgBouncer is not at hand: apt-get install pgbouncer';
// Before 1.21 it does not know the prepared statements of its clients.
const env = { DATABASE_PREPARE: String((version ?? 0) >= 21) };

const database = await createDatabase();

const readyOf = async (base: string) => {
  const response = await fetch(`${base}/readyz`);
  return { status: response.status, checks: JSON.parse(await response.text()).checks };
};

test('docs/operations.md lists all settings of sessions, for PgBouncer and for the role', () => {
  const [, list = ''] = /^ignore_startup_parameters = (.*)$/m.exec(RECIPE) ?? [];
  assert.deepEqual(list.split(', ').sort(), [...ignored].sort());
  const set = Object.fromEntries(
    ROLE_SETTINGS.map((one) => /^set (\w+) = '?(.*?)'?$/.exec(one)?.slice(1) ?? []),
  );
  const wanted = Object.entries({ ...asked, statement_timeout: '30s' }).filter(([name]) =>
    ignored.includes(name),
  );
  assert.deepEqual(set, Object.fromEntries(wanted));
});

test('PgBouncer by the recipe: every repo answers as without it, and nothing differs', {
  skip: needsPgbouncer,
}, async () => {
  const expected = await askEveryRepo(await startTestService({}, database));
  const role = await createRole();
  const { username, pathname } = new URL(role.url);
  for (const set of ROLE_SETTINGS)
    await role.sql.unsafe(`alter role ${username} in database ${pathname.slice(1)} ${set}`);
  const url = await startPgbouncer(role.url);
  const service = await startTestService({ ...env, DATABASE_DIRECT_URL: role.url }, { ...role, url });
  assert.deepEqual(await askEveryRepo(service), expected);
  await until(async () => (await readyOf(service.base)).checks.listener === 'listening');
  const { status, checks } = await readyOf(service.base);
  assert.deepEqual([status, checks.settings], [200, []]);
});

test('PgBouncer, and no settings for the role: /readyz names the settings that are lost', {
  skip: needsPgbouncer,
}, async () => {
  const role = await createRole();
  const url = await startPgbouncer(role.url);
  const service = await startTestService({ ...env, DATABASE_DIRECT_URL: role.url }, { ...role, url });
  const { status, checks } = await readyOf(service.base);
  const lost = [
    'enable_bitmapscan',
    'enable_seqscan',
    'jit',
    'plan_cache_mode',
    'search_path',
    'statement_timeout',
  ];
  assert.deepEqual([status, checks.settings], [200, lost]);
});

test('PgBouncer without ignore_startup_parameters: the start says so', { skip: needsPgbouncer }, async () => {
  const url = await startPgbouncer(database.url, (recipe) => recipe.replace(/^ignore.*$/m, ''));
  await assert.rejects(
    startTestService({ ...env, DATABASE_DIRECT_URL: database.url }, { ...database, url }),
    /unsupported startup parameter.*docs\/operations\.md/,
  );
});

test('a pooler that refuses the sessions of the pool: the start says so, and /readyz too', async () => {
  const pooler = await startPickyPooler(database.url);
  const service = await startTestService(
    { DATABASE_DIRECT_URL: database.url },
    { ...database, url: pooler.url },
  );
  assert.equal((await readyOf(service.base)).status, 200);
  pooler.refuse('enable_bitmapscan');
  await until(async () => (await readyOf(service.base)).status === 503);
  assert.equal((await readyOf(service.base)).checks.database, 'unreachable');
  await assert.rejects(
    startTestService({ DATABASE_DIRECT_URL: database.url }, { ...database, url: pooler.url }),
    /unsupported startup parameter: enable_bitmapscan/,
  );
});

/** Refuses a startup parameter as PgBouncer does, from when it is told; sessions that stood then are ended. */
async function startPickyPooler(database: string) {
  const target = new URL(database);
  const sockets = new Set<Socket>();
  let refused: string | undefined;
  const server = createServer((client) => {
    sockets.add(client);
    client.on('error', () => {});
    client.once('data', (startup) => {
      if (refused !== undefined && startup.includes(refused)) {
        const fields = `SFATAL\0C08P01\0Munsupported startup parameter: ${refused}\0\0`;
        const head = Buffer.from([0x45, 0, 0, 0, 4 + fields.length]);
        client.end(Buffer.concat([head, Buffer.from(fields)]));
        return;
      }
      const upstream = connect({ host: target.hostname, port: Number(target.port) });
      upstream.on('error', () => {});
      upstream.on('close', () => client.destroy());
      client.on('close', () => upstream.destroy());
      upstream.write(startup);
      client.pipe(upstream).pipe(client);
    });
  });
  const port = await listen(server);
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  atEnd(async () => {
    cut();
    server.close();
  });
  const url = new URL(throughProxy(database, port));
  url.searchParams.set('sslmode', 'disable');
  return {
    url: url.href,
    refuse(parameter: string) {
      refused = parameter;
      cut();
    },
  };
}
