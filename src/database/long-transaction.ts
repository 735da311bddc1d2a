import type { ConnectionOptions, Sql } from './database.js';
import { failure } from './driver/failure.js';
import { openLastingSession } from './driver/session.js';
import { isLostConnection } from './errors.js';
import { sessionFailure } from './unreachable.js';

/** Timeouts that a role or a server may set, and that must not end a long transaction. PostgreSQL 13 lacks some. */
const TIMEOUTS = ['idle_in_transaction_session_timeout', 'transaction_timeout'];

/**
 * Runs a task in one transaction, in a session of its own. For commands that run for long; repos have no transactions.
 *
 * It does not use the driver's `begin`, which ends the process with a TypeError if the connection is lost. The session
 * connects only once, so no statement can run outside of the transaction.
 *
 * @param mode as it is written after `begin`
 * @param onOpen gets a function that ends the session at once
 * @throws UnreachableError if no session can be opened; an error that names the database if the session is lost
 */
export async function longTransaction<T>(
  connection: ConnectionOptions,
  mode: string,
  task: (sql: Sql) => Promise<T>,
  onOpen: (close: () => Promise<void>) => void = () => {},
): Promise<T> {
  let isLost = false;
  const session = openLastingSession(connection, () => {
    isLost = true;
  });
  onOpen(() => session.end(0));
  const { sql } = session;
  try {
    await sql.unsafe(`begin ${mode}`);
    await sql`select set_config(name, '0', true) from pg_settings where name = any(${TIMEOUTS}::text[])`;
    const result = await task(sql);
    const { command } = await sql`commit`;
    // The server answers so if a statement has failed whose error the task did not pass on.
    if (command !== 'COMMIT') throw failure('25P02', 'the transaction had failed, and was rolled back');
    return result;
  } catch (error) {
    // The driver would keep it for ever in a session that never began, or is lost.
    if (session.isLoggedIn() && !isLost && !isLostConnection(error)) await sql`rollback`.catch(() => {});
    throw sessionFailure(error, session, connection);
  } finally {
    await session.end(5);
  }
}
