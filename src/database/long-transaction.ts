import type { TransactionSql } from 'postgres';
import type { ConnectionOptions } from './database.js';
import { openLastingSession } from './driver/session.js';
import { unreachable } from './unreachable.js';

/** Timeouts that a role or a server may set, and that must not end a long transaction. PostgreSQL 13 lacks some. */
const TIMEOUTS = ['idle_in_transaction_session_timeout', 'transaction_timeout'];

/**
 * Runs a task in one transaction, in a session of its own. For commands that run for long; repos have no transactions.
 *
 * @param mode as it is written after `begin`
 * @param onOpen gets a function that ends the session at once
 * @throws UnreachableError if no session can be opened
 */
export async function longTransaction<T>(
  connection: ConnectionOptions,
  mode: string,
  task: (sql: TransactionSql) => Promise<T>,
  onOpen: (close: () => Promise<void>) => void = () => {},
): Promise<T> {
  const session = openLastingSession(connection);
  onOpen(() => session.end(0));
  try {
    let result: { value: T } | undefined;
    await session.sql.begin(mode, async (sql) => {
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
