import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { unavailable } from '../problems.js';
import { currentRequesters } from '../requester.js';
import type { ConnectionOptions, Database, RunOptions } from './database.js';
import { withoutHoles } from './driver/rows.js';
import {
  asLockTimeout,
  databaseUnavailable,
  isLockTimeout,
  isLostConnection,
  isTransactionRollback,
  problemOf,
  refusedWrite,
  violatedConstraint,
  type WriteRefusal,
} from './errors.js';
import { Pool } from './pool.js';
import { SessionRefused } from './sessions.js';
import type { SlowStatements } from './slow-statements.js';

const MAX_RUNS = 5;
const LOST_PAUSE_MS = 10;
/** The server ends a statement at its timeout. This is how much longer its answer may take. */
const ANSWER_MS = 5000;
/** How long a statement waits while the server refuses sessions, for example while it restarts. */
const MAX_REFUSED_MS = 1500;

interface DatabaseOptions {
  poolSize: number;
  /** How long a statement waits for a session. */
  waitSeconds: number;
  onWriteRefused?: (reason: WriteRefusal) => void;
  slow?: SlowStatements;
}

export function openDatabase(connection: ConnectionOptions, options: DatabaseOptions): Database {
  const { onWriteRefused } = options;
  const pool = new Pool(connection, {
    size: options.poolSize,
    maxWaitMs: options.waitSeconds * 1000,
    maxRefusedMs: MAX_REFUSED_MS,
    maxRunMs: Number(connection.connection?.['statement_timeout']) + ANSWER_MS,
    slow: options.slow,
  });
  return {
    async run(statement, options = {}) {
      const requesters = currentRequesters();
      let lostBefore = false;
      for (let runs = 1; ; runs++) {
        const begunAt = performance.now();
        try {
          const rows = withoutHoles(await pool.run(statement, options.class, options.signal, requesters));
          if (!options.retryIf?.(rows)) return rows;
          if (runs >= MAX_RUNS) throw contended();
        } catch (thrown) {
          const error = asLockTimeout(thrown, performance.now() - begunAt);
          if (error instanceof SessionRefused) throw databaseUnavailable(error.cause);
          if (isLostConnection(error)) {
            if (lostBefore || options.idempotent === false) throw databaseUnavailable(error);
            lostBefore = true;
            await othersAreNoticed();
          } else if (isConflict(error, options)) {
            if (runs >= MAX_RUNS) throw contended(error);
          } else if (isLockTimeout(error)) {
            throw unavailable('contended', 'Another transaction has locked what this request needs.', error);
          } else {
            const refusal = refusedWrite(error);
            if (refusal) onWriteRefused?.(refusal);
            throw problemOf(error);
          }
        }
      }
    },
    load: () => pool.load(),
    close: () => pool.close(),
  };
}

function isConflict(error: unknown, { conflicts }: Pick<RunOptions<never>, 'conflicts'>): boolean {
  const constraint = violatedConstraint(error);
  return (
    isTransactionRollback(error) || (constraint !== undefined && conflicts?.includes(constraint) === true)
  );
}

function contended(cause?: unknown): Error {
  return unavailable('contended', 'Concurrent transactions kept changing the same rows.', cause);
}

/**
 * Connections are often lost together, as when the server restarts. After this pause the pool has noticed the others
 * too, and the retry does not get one of them. The turns of the event loop are for a process that was busy for longer
 * than the pause: it reads what it received only then.
 */
async function othersAreNoticed(): Promise<void> {
  await sleep(LOST_PAUSE_MS);
  await nextTurn();
  await nextTurn();
}
