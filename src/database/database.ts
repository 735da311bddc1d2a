import type postgres from 'postgres';

/** The types with which the service, and the files of this folder, use the database. */
export type Sql = postgres.Sql;
/** A piece of SQL, to be put into a statement. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>;
/** The address of a database, and the settings that its sessions request. */
export type ConnectionOptions = postgres.Options<Record<never, postgres.PostgresType>> & {
  /** The schema of the tables, if one is configured. Otherwise search_path decides. */
  schema?: string | undefined;
};

/**
 * The two classes of statements. `bulk` is a read whose cost grows with what it reads (a page of a list or of a
 * stream, an exact count); few of those run at once. All others are `ordinary`.
 */
export type StatementClass = 'ordinary' | 'bulk';

export interface RunOptions<Row> {
  /** Tells from the rows that a concurrent transaction has made a change which the snapshot of the statement does not show. */
  retryIf?: (rows: Row[]) => boolean;
  /** Constraints whose violation means that a concurrent transaction was first. The next run sees what it has committed. */
  conflicts?: readonly string[];
  /** False if a second execution would have another result. It is then not run again after a lost connection. */
  idempotent?: boolean;
  class?: StatementClass;
  /** Aborted if the client has disconnected. A statement that still waits for a session is then not run. */
  signal?: AbortSignal | undefined;
}

/** How repos reach PostgreSQL: one statement at a time, each its own transaction. */
export interface Database {
  /**
   * Runs one statement and returns its rows. It is retried, up to five runs in all, after a conflict with a
   * concurrent transaction (see RunOptions), a deadlock or a serialization failure, and once when the connection
   * was lost.
   *
   * @throws Problem 503 `database_unavailable`, `overloaded` or `contended`
   * @throws ClientGone if `signal` is aborted before the statement has begun
   */
  run<Row>(statement: (sql: Sql) => PromiseLike<readonly Row[]>, options?: RunOptions<Row>): Promise<Row[]>;
  /** Statements that run now, statements that wait for a session, and how many sessions there may be. */
  load(): { running: number; waiting: number; size: number };
  close(): Promise<void>;
}
