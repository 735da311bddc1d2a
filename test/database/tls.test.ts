import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { connectionOptions } from '../../src/database/connection.js';
import { openSession } from '../../src/database/driver/session.js';
import { migrateUp } from '../../src/database/migrate.js';
import { createDatabase } from '../support/database.js';
import { startTestService } from '../support/service.js';
import { startTlsProxy, tlsFile } from '../support/tls-proxy.js';

/** A PostgreSQL that demands TLS, with a certificate of an authority of its own, for the name localhost. */
const database = await createDatabase();
const port = await startTlsProxy(database.url);
const [authority, other] = [tlsFile('authority.pem'), tlsFile('other-authority.pem')];

function urlOf(query: string, host = 'localhost', at = port): string {
  const url = new URL(`${database.url}?${query}`);
  url.host = `${host}:${at}`;
  return url.href;
}

async function reach(url: string, caFile?: string): Promise<void> {
  const session = openSession(connectionOptions({ url, caFile, statementTimeoutSeconds: 30 }), () => {});
  try {
    await session.sql`select`;
  } finally {
    await session.end(1);
  }
}

test('the service works through TLS: statements, migrations and LISTEN', async () => {
  const service = await startTestService(
    { DATABASE_CA_FILE: authority },
    { ...database, url: urlOf('sslmode=verify-full') },
  );
  const created = await service.ask('PUT', '/hashes/aa', { identifier: 'i' });
  assert.equal(created.status, 201);
  const pop = service.ask('POST', '/queues/q/pop', { worker_id: 'w', wait_seconds: 20 });
  await service.ask('POST', '/queues/q/jobs', { job: {} });
  assert.equal((await pop).json.jobs.length, 1);
});

for (const [query, caFile] of [
  ['sslmode=verify-full', authority],
  [`sslmode=verify-full&sslrootcert=${encodeURIComponent(authority)}`],
  ['sslmode=verify-ca', authority],
  ['sslmode=require'],
  ['sslmode=prefer'],
  [''],
] as const) {
  test(`"${query.replace(/%2F.*%2F/, '')}" ${caFile ? 'with' : 'without'} DATABASE_CA_FILE is let in`, () =>
    reach(urlOf(query), caFile));
}

test('if the server has no TLS, only prefer goes on without it; else the error says so', async () => {
  const { port: plain } = new URL(database.url);
  for (const mode of ['require', 'verify-ca', 'verify-full']) {
    await assert.rejects(reach(urlOf(`sslmode=${mode}`, 'localhost', Number(plain))), {
      code: 'TLS_REFUSED',
      message: 'the server does not speak TLS',
    });
  }
  await reach(urlOf('sslmode=prefer', 'localhost', Number(plain)));
  const start = migrateUp(
    connectionOptions({
      url: urlOf('sslmode=require', 'localhost', Number(plain)),
      statementTimeoutSeconds: 0,
    }),
  );
  await assert.rejects(start, /TLS, which sslmode demands: the server does not speak TLS/);
});

test('a server that requires TLS refuses sessions without it', async () => {
  await assert.rejects(reach(urlOf('sslmode=disable')), { code: '28000' });
});

test('a certificate of another authority is refused', async () => {
  const refusal = { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' };
  for (const mode of ['verify-full', 'verify-ca', 'require', 'prefer']) {
    await assert.rejects(reach(urlOf(`sslmode=${mode}`), other), refusal, mode);
  }
  // One of our own, and nobody told us.
  await assert.rejects(reach(urlOf('sslmode=verify-full')), refusal);
});

test('a certificate for another name is refused by verify-full alone, an address is a name too', async () => {
  const elsewhere = urlOf('sslmode=verify-full', '127.0.0.1');
  await assert.rejects(reach(elsewhere, authority), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  await reach(urlOf('sslmode=verify-ca', '127.0.0.1'), authority);
});

const hasIpv6 = Object.values(networkInterfaces()).some((some) =>
  some?.some(({ address }) => address === '::1'),
);
test('verify-full accepts the IPv6 address of a certificate', {
  skip: !hasIpv6 && 'no ::1 here',
}, async () => {
  const named = await startTlsProxy(database.url, '::1', 'address-server');
  await reach(urlOf('sslmode=verify-full', '[::1]', named), tlsFile('address-authority.pem'));
  const unnamed = await startTlsProxy(database.url, '::1');
  await assert.rejects(reach(urlOf('sslmode=verify-full', '[::1]', unnamed), authority), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
});
