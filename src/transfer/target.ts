import type { ConnectionOptions, Database } from '../database/database.js';
import { inTransaction, knownMigrations, migrateUp } from '../database/migrate.js';
import { openDatabase } from '../database/open-database.js';
import { PLANNER_SETTINGS, withSettings } from '../database/settings.js';
import { TransferError } from './error.js';
import { requireAllFiles } from './file-state.js';
import { LANES } from './lanes.js';

/** A batch that takes longer than this is waiting for a lock of another transaction. */
const STATEMENT_TIMEOUT_MS = 600_000;
/**
 * Makes PostgreSQL look up each row of a batch by an index. Otherwise a plan made while the tables were nearly empty
 * would read the whole table for each batch.
 */
const BATCH_SETTINGS = { enable_hashjoin: 'off', enable_mergejoin: 'off' };

/**
 * Opens the database that rows are written to, and migrates it. A service may be running on it.
 *
 * @param options.migrates false if nothing may be changed: the schema must then be up to date
 */
export async function openTarget(
  connection: ConnectionOptions,
  { migrates }: { migrates: boolean },
): Promise<Database> {
  if (migrates) await migrateUp(connection);
  const known = await knownMigrations();
  const search_path = await inTransaction(connection, async (sql, { schema, applied }) => {
    if (applied.length === 0)
      throw new TransferError('The database has no tables yet: run "pict-repo migrate" first.');
    if (applied.length < known.length)
      throw new TransferError('The database is of an older version: run "pict-repo migrate" first.');
    await requireAllFiles(sql, 'import');
    return schema;
  });
  const settings = {
    ...PLANNER_SETTINGS,
    ...BATCH_SETTINGS,
    search_path,
    statement_timeout: String(STATEMENT_TIMEOUT_MS),
  };
  return openDatabase(withSettings(connection, settings), {
    // The batches that are written at the same time, and one statement beside them.
    poolSize: LANES + 1,
    waitSeconds: STATEMENT_TIMEOUT_MS / 1000,
  });
}
