import type { Fragment, Sql } from '../database/database.js';
import { TransferError } from './error.js';

/**
 * An expression: why a file cannot be used, because it is condemned or has another owner; null if it can be used.
 *
 * @param identifier an expression of `item`
 */
export function whyNotUsable(sql: Sql, identifier: Fragment): Fragment {
  return sql`
    (
      select case when condemned_at is null then 'identifier_used' else 'identifier_condemned' end
      from files
      where files.identifier = ${identifier}
    )`;
}

/**
 * The table `files` tells the owner of each file, once the files of an older database are taken in.
 *
 * @throws TransferError before that
 */
export async function requireAllFiles(sql: Sql, command: 'export' | 'import'): Promise<void> {
  const [table] = await sql<{ found: boolean }[]>`select to_regclass('files_taken_in') is not null as found`;
  if (!table?.found) return;
  const [progress] = await sql<{ stage: string }[]>`select stage from files_taken_in`;
  if (progress && progress.stage !== 'done') {
    throw new TransferError(
      'The files of this database are not all taken in since its upgrade. The service does that in a few minutes: ' +
        `start it, and ${command} later.`,
    );
  }
}
