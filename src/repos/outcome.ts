import type { Database, Sql } from '../database/database.js';
import type { Problem } from '../problems.js';

/**
 * What the statement of a create finds, as the first column of its rows:
 * - `created`: the record is new.
 * - `existing`: a record with the same key already exists.
 * - `taken`: a record with another key has a value that must be unique.
 * - `orphan`: the parent of the record does not exist.
 *
 * No row at all means that a concurrent transaction committed the record after the statement took its snapshot.
 */
interface OutcomeRow {
  outcome: 'created' | 'existing' | 'taken' | 'orphan';
}

/** The problem for each outcome that is not a success. */
interface Refusals<Row> {
  /** For an existing record; undefined when it equals the requested one. */
  existing: (row: Row) => Problem | undefined;
  taken?: (row: Row) => Problem;
  orphan?: () => Problem;
}

/** The answer to a create: 201 with the new record, or 200 with the equal one that already existed. */
export interface Created<Record> {
  created: boolean;
  record: Record;
}

/**
 * Runs the statement of a create so that the request can be sent again: an equal record that already exists is a
 * success. Runs the statement again when it returned no row.
 *
 * @throws Problem of `refusals`; 503 `contended`
 */
export async function createOnce<Row extends OutcomeRow, Record>(
  db: Database,
  record: Record,
  statement: (sql: Sql) => PromiseLike<readonly Row[]>,
  refusals: Refusals<Row>,
): Promise<Created<Record>> {
  const rows = await db.run(statement, { retryIf: (found) => found.length === 0 });
  const rowOf = (outcome: Row['outcome']) => rows.find((row) => row.outcome === outcome);
  if (rowOf('created')) return { created: true, record };
  const existing = rowOf('existing');
  const taken = rowOf('taken');
  const problem = existing
    ? refusals.existing(existing)
    : ((taken && refusals.taken?.(taken)) ?? refusals.orphan?.());
  if (problem) throw problem;
  return { created: false, record };
}
