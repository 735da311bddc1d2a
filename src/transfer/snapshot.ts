import type { ConnectionOptions, Sql } from '../database/database.js';
import { longTransaction } from '../database/long-transaction.js';

/**
 * Runs a task in one read-only snapshot of a database.
 *
 * @param onOpen gets a function that ends the session
 * @throws UnreachableError if no session can be opened
 */
export function inSnapshot<T>(
  connection: ConnectionOptions,
  task: (sql: Sql) => Promise<T>,
  onOpen: (close: () => Promise<void>) => void,
): Promise<T> {
  return longTransaction(connection, 'isolation level repeatable read read only', task, onOpen);
}
