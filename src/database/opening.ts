import type { ConnectionOptions } from './database.js';
import { MigrationError } from './ownership.js';
import { openSession } from './session.js';
import { askedSettings, otherSettings } from './settings.js';

/**
 * Opens a session as the pool will, so that a start says at once what every request would meet.
 *
 * @returns the settings of the session that are not as they were asked for
 * @throws MigrationError where a pooler refuses what is asked for, or the session leads to other tables or would store
 *   other text; else what the driver throws
 */
export async function tryConnection(connection: ConnectionOptions): Promise<string[]> {
  const session = openSession({ ...connection, idle_timeout: 0, max_lifetime: null }, () => {});
  try {
    const { sql } = session;
    const [row] = await sql<{ found: boolean; settings: string[] }[]>`
      select
        to_regclass('hashes') is not null as found,
        ${otherSettings(sql, askedSettings(connection))} as settings`;
    const { found = false, settings = [] } = row ?? {};
    if (!found) {
      throw new MigrationError(
        `Sessions of DATABASE_URL do not find the tables, which are in the schema ` +
          `${String(connection.connection?.['search_path'])}: is it another database than that of ` +
          'DATABASE_DIRECT_URL, or a pooler that drops search_path?',
      );
    }
    if (settings.includes('client_encoding')) {
      throw new MigrationError('Sessions of DATABASE_URL are not in UTF8: a pooler drops client_encoding.');
    }
    return settings;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === '08P01')) throw error;
    // What PgBouncer says of a parameter that it neither knows nor was told to ignore.
    throw new MigrationError(
      `The pooler at DATABASE_URL refuses sessions: ${error.message}. docs/operations.md, "PgBouncer", says what ` +
        'it must be told to ignore.',
    );
  } finally {
    await session.end(5);
  }
}
