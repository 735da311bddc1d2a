import type { ConnectionOptions } from './database.js';
import { openLastingSession } from './driver/session.js';
import { MigrationError } from './ownership.js';
import { askedSettings, otherSettings } from './settings.js';
import { sessionFailure } from './unreachable.js';

/**
 * Opens a session like those of the pool, so that the start fails if every request would fail.
 *
 * @returns the names of the settings that differ from what was asked for
 * @throws MigrationError if a pooler refuses the settings, or the session does not find the tables or is not in
 *   UTF-8; else what the driver throws
 */
export async function checkSession(connection: ConnectionOptions): Promise<string[]> {
  const schema = String(connection.connection?.['search_path']);
  const session = openLastingSession(connection);
  try {
    const { sql } = session;
    const [row] = await sql<{ found: boolean; settings: string[] }[]>`
      select
        coalesce(to_regclass('hashes') = to_regclass(${`${schema}.hashes`}::text), false) as found,
        ${otherSettings(sql, askedSettings(connection))} as settings`;
    const { found = false, settings = [] } = row ?? {};
    if (!found) {
      throw new MigrationError(
        `Sessions of DATABASE_URL do not find the tables, which are in the schema ${schema}. Either DATABASE_URL leads to ` +
          'another database than DATABASE_DIRECT_URL, or a pooler drops search_path: see "PgBouncer" in ' +
          'docs/operations.md.',
      );
    }
    if (settings.includes('client_encoding')) {
      throw new MigrationError('Sessions of DATABASE_URL are not in UTF8: a pooler drops client_encoding.');
    }
    return settings;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === '08P01')) {
      throw sessionFailure(error, session, connection);
    }
    // PgBouncer's error for a setting that it does not know and is not configured to ignore.
    throw new MigrationError(
      `The pooler at DATABASE_URL refuses sessions: ${error.message}. "PgBouncer" in docs/operations.md lists the ` +
        'settings that it must ignore.',
    );
  } finally {
    await session.end(5);
  }
}
