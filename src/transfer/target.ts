import type { ConnectionOptions, Database } from '../database/database.js';
import { inTransaction, migrateUp } from '../database/migrate.js';
import { openDatabase } from '../database/open-database.js';
import { PLANNER_SETTINGS, withSettings } from '../database/settings.js';
import { TransferError } from './error.js';

/** A batch that takes longer is stuck behind the lock of another transaction. */
const STATEMENT_TIMEOUT_MS = 600_000;
/**
 * Each row of a batch is looked up by an index. A plan that was made while the tables were nearly empty would else read all
 * of a table for each batch.
 */
const BATCH_SETTINGS = { enable_hashjoin: 'off', enable_mergejoin: 'off' };
/** Batches that are written side by side, and one session to spare. */
export const LANES = 2;

/**
 * Opens the database that rows are written to, with its schema up to date. A service may run on it.
 *
 * @param options.migrates false where nothing may be changed: the schema must then be there
 */
export async function openTarget(
  connection: ConnectionOptions,
  { migrates }: { migrates: boolean },
): Promise<Database> {
  if (migrates) await migrateUp(connection);
  const search_path = await inTransaction(connection, async (_sql, { schema, applied }) => {
    if (applied.length === 0)
      throw new TransferError('The database has no tables yet: run "pict-repo migrate" first.');
    return schema;
  });
  const settings = {
    ...PLANNER_SETTINGS,
    ...BATCH_SETTINGS,
    search_path,
    statement_timeout: String(STATEMENT_TIMEOUT_MS),
  };
  return openDatabase(withSettings(connection, settings), {
    poolSize: LANES + 1,
    waitSeconds: STATEMENT_TIMEOUT_MS / 1000,
  });
}
