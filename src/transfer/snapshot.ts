import type { TransactionSql } from 'postgres';
import type { ConnectionOptions } from '../database/database.js';
import { openSession } from '../database/driver/session.js';
import { unreachable } from '../database/unreachable.js';

/** Timeouts of the role that must not end a snapshot. */
const TIMEOUTS = ['idle_in_transaction_session_timeout', 'transaction_timeout'];

/**
 * Runs a task in one snapshot of a database, in which nothing can be changed.
 *
 * @param onOpen is told how to end the session
 * @throws UnreachableError where there is no session
 */
export async function inSnapshot<T>(
  connection: ConnectionOptions,
  task: (sql: TransactionSql) => Promise<T>,
  onOpen: (close: () => Promise<void>) => void,
): Promise<T> {
  const session = openSession({ ...connection, idle_timeout: 0, max_lifetime: null }, () => {});
  onOpen(() => session.end(0));
  try {
    let result: { value: T } | undefined;
    await session.sql.begin('isolation level repeatable read read only', async (sql) => {
      await sql`select set_config(name, '0', true) from pg_settings where name = any(${TIMEOUTS}::text[])`;
      result = { value: await task(sql) };
    });
    if (!result) throw new Error('the transaction ended before its task');
    return result.value;
  } catch (error) {
    throw session.isLoggedIn() ? error : unreachable(error, connection);
  } finally {
    await session.end(5);
  }
}
