import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionOptions } from '../../src/database/connection.js';
import { migrateUp } from '../../src/database/migrate.js';
import { askEveryRepo } from '../support/every-repo.js';
import { createRole, ODD_FORMS, ODD_TERMS } from '../support/odd-role.js';
import { startTestService } from '../support/service.js';
import { startStrippingProxy } from '../support/stripping-proxy.js';

/** What a role or a database may be set to makes no difference, also behind what drops the settings of sessions. */
const expected = await askEveryRepo(await startTestService());
// PgBouncer keeps these for its clients.
const KEPT = ['client_encoding', 'application_name'];

const checksOf = async (base: string) => JSON.parse(await (await fetch(`${base}/readyz`)).text()).checks;

test('whatever the settings of a role, every repo answers the same, byte for byte, and migrations run', async () => {
  const role = await createRole();
  await role.set({ ...ODD_FORMS, ...ODD_TERMS });
  await migrateUp(connectionOptions({ url: role.url, statementTimeoutSeconds: 0 }));
  await role.set({ search_path: 'nothing' });
  const service = await startTestService({}, role);
  assert.deepEqual(await askEveryRepo(service), expected);
  const { settings, database, schema } = await checksOf(service.base);
  assert.deepEqual([settings, database, schema], [[], 'reachable', 'fits']);
});

test('the same if the requested settings of sessions are dropped; /readyz names those that differ', async () => {
  const role = await createRole();
  // These a service cannot do without: with a millisecond nothing would be answered.
  const terms = { ...ODD_TERMS, statement_timeout: '45s', lock_timeout: '45s' };
  await role.set({ ...ODD_FORMS, ...terms });
  const proxy = await startStrippingProxy(role.url, KEPT);
  const service = await startTestService({}, { ...role, url: proxy });
  assert.deepEqual(await askEveryRepo(service), expected);
  const { settings, database } = await checksOf(service.base);
  const dropped = Object.keys({ ...terms, search_path: '' }).filter((name) => !KEPT.includes(name));
  assert.deepEqual([settings, database], [dropped.sort(), 'reachable']);
});

test('if client_encoding is dropped, so that other text would be stored, the service does not start', async () => {
  const role = await createRole();
  await role.set({ client_encoding: 'LATIN1' });
  const proxy = await startStrippingProxy(role.url, []);
  await assert.rejects(startTestService({ DATABASE_DIRECT_URL: role.url }, { ...role, url: proxy }), /UTF8/);
});

test('if session_replication_role turns triggers and foreign keys off, the service does not start', async () => {
  const role = await createRole();
  await role.set({ session_replication_role: 'replica' });
  await assert.rejects(startTestService({}, role), /session_replication_role is replica/);
  await role.set({ session_replication_role: 'origin' });
  await startTestService({}, role);
});
