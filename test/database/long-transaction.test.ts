import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionOptions } from '../../src/database/connection.js';
import type { Sql } from '../../src/database/database.js';
import { longTransaction } from '../../src/database/long-transaction.js';
import { createDatabase } from '../support/database.js';
import { startDatabaseProxy } from '../support/database-proxy.js';
import { until } from '../support/until.js';

const MODE = 'isolation level read committed';

const { url, sql } = await createDatabase({ empty: true });
await sql`create table notes (note text unique deferrable initially deferred)`;
const connectionTo = (address: string) => connectionOptions({ url: address, statementTimeoutSeconds: 0 });

const notes = async () => (await sql`select note from notes`).map(({ note }) => note);
const write = async (tx: Sql) => {
  await tx`insert into notes values ('written')`;
  const [row] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
  return row?.pid ?? 0;
};
const isOver = async (pid: number) =>
  (await sql`select from pg_stat_activity where pid = ${pid}`).length === 0;

test('a connection that is lost during a statement: an error that names the database, and nothing was done', async () => {
  const proxy = await startDatabaseProxy(url);
  const { port } = new URL(proxy.url);
  const lost = longTransaction(connectionTo(proxy.url), MODE, async (tx) => {
    await write(tx);
    const asked = tx`select pg_sleep(0.1)`.execute();
    proxy.cut();
    await asked;
  });
  await assert.rejects(lost, new RegExp(`^Error: the database at 127.0.0.1:${port} closed the connection$`));
  assert.deepEqual(await notes(), []);
});

test('the same between two statements: no later statement is run', async () => {
  const lost = longTransaction(connectionTo(url), MODE, async (tx) => {
    const pid = await write(tx);
    await sql`select pg_terminate_backend(${pid})`;
    await until(() => isOver(pid));
    await tx`insert into notes values ('alone')`;
  });
  await assert.rejects(lost, /closed the connection/);
  assert.deepEqual(await notes(), []);
});

test('a task that does not pass on the error of a statement fails, and nothing was done', async () => {
  const failed = longTransaction(connectionTo(url), MODE, async (tx) => {
    await write(tx);
    await tx`select 1 / 0`.catch(() => {});
  });
  await assert.rejects(failed, /rolled back/);
  assert.deepEqual(await notes(), []);
});

test('a commit that the server refuses is an error', async () => {
  const refused = longTransaction(connectionTo(url), MODE, async (tx) => {
    await write(tx);
    await write(tx);
  });
  await assert.rejects(refused, /notes_note_key/);
  assert.deepEqual(await notes(), []);
});
