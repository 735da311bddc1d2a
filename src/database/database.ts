import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import { unavailable } from '../problems.js';
import { isDeadlock, isLockTimeout, isLostConnection, isOverload, violatedConstraint } from './errors.js';
import { Gate, type StatementClass } from './gate.js';
import { Pool, SessionRefused } from './pool.js';

export type Sql = postgres.Sql;
/** A part of a statement. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>;

interface RunOptions<Row> {
  /** Says from the rows that the statement met a rival, whose rows its snapshot could not see. */
  again?: (rows: Row[]) => boolean;
  /** Constraints whose violation means a rival too: the next run sees what it left. */
  rivals?: readonly string[];
  /** False where the same statement, run twice, would answer otherwise; it is then never repeated blindly. */
  repeatable?: boolean;
  /** `bulk` for a read whose cost grows with what it reads: few of those run at once. */
  class?: StatementClass;
}

/** How repositories reach PostgreSQL: one statement at a time, each its own transaction. */
export interface Database {
  /**
   * Runs one statement and returns its rows. It is run again, at most five times in all, when it met a
   * rival (see RunOptions), a deadlock or a serialization failure, and once when the connection was lost.
   *
   * @throws Problem 503 `database_unavailable`, `overloaded` or `contended`
   */
  run<Row>(statement: (sql: Sql) => PromiseLike<readonly Row[]>, options?: RunOptions<Row>): Promise<Row[]>;
  /** Statements that run now, and requests that wait for a connection. */
  load(): { running: number; waiting: number; size: number };
  close(): Promise<void>;
}

const MOST_RUNS = 5;
const LOST_PAUSE_MS = 10;
/** After the first run twice as long, after each further one twice that; and up to as much again. */
const REFUSED_PAUSE_MS = 30;
/** So long after its time is over a statement has an answer, if anybody is there. */
const ANSWER_MS = 5000;

export type ConnectionOptions = postgres.Options<Record<never, postgres.PostgresType>>;

interface PoolOptions {
  poolSize: number;
  waitSeconds: number;
}

export function openDatabase(connection: ConnectionOptions, pool: PoolOptions): Database {
  const connections = new Pool(connection, {
    deadlineMs: Number(connection.connection?.['statement_timeout']) + ANSWER_MS,
    waitMs: pool.waitSeconds * 1000,
  });
  const gate = new Gate({
    places: pool.poolSize,
    longestQueue: 10_000,
    deadlineSeconds: pool.waitSeconds,
  });

  return {
    async run(statement, options = {}) {
      const refusedUntil = performance.now() + pool.waitSeconds * 1000;
      let lostBefore = false;
      for (let runs = 1; ; runs++) {
        const last = runs >= MOST_RUNS;
        try {
          const result = await gate.pass(() => connections.run(statement), options.class);
          // A query that failed after its first rows makes the driver leave holes before the next
          // result's rows; filter() passes over holes (test/driver.test.ts shows the bug).
          const rows = result.filter(() => true);
          if (!options.again?.(rows)) return rows;
          if (last) throw unavailable('contended', 'Rivals kept changing the same rows.');
        } catch (error) {
          const constraint = violatedConstraint(error);
          if (error instanceof SessionRefused) {
            // A server that restarts may soon let us in.
            if (last || performance.now() > refusedUntil) throw disconnected(error.cause);
            await sleep(REFUSED_PAUSE_MS * 2 ** runs * (1 + Math.random()));
          } else if (isLostConnection(error)) {
            if (lostBefore || options.repeatable === false) throw disconnected(error);
            lostBefore = true;
            await othersAreKnown();
          } else if (isDeadlock(error) || (constraint && options.rivals?.includes(constraint))) {
            if (last) throw unavailable('contended', 'Rivals kept changing the same rows.', error);
          } else if (isLockTimeout(error)) {
            throw unavailable('contended', 'Another transaction holds what this needs.', error);
          } else throw problemOf(error);
        }
      }
    },
    load: () => ({ running: gate.running, waiting: gate.waiting, size: pool.poolSize }),
    close: () => connections.close(),
  };
}

/**
 * What was lost together (a restart, a pooler that went) is told apart by then, and not taken for the next run: also
 * where the process was busy for longer than the pause, and what was received is read only now.
 */
async function othersAreKnown(): Promise<void> {
  await sleep(LOST_PAUSE_MS);
  await nextTurn();
  await nextTurn();
}

/** What a client is told of a failure: the problem where it is one of the database, else the failure itself. */
export function problemOf(error: unknown): unknown {
  if (isLostConnection(error)) return disconnected(error);
  if (isOverload(error)) {
    return unavailable('overloaded', 'The database could not finish the statement in time.', error);
  }
  return error;
}

function disconnected(cause: unknown): Error {
  return unavailable('database_unavailable', 'The database cannot be reached now.', cause);
}
