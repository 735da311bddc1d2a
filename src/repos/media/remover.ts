import type { Database, Sql } from '../../database/database.js';
import { Problem, unavailable } from '../../problems.js';
import type { Enqueuer } from '../enqueue.js';
import { MAX_CHILDREN, markStatement } from '../hashes/cleanup.js';
import { REMOVAL_CONFLICTS } from '../hashes/removal-parts.js';
import { bytes } from '../values.js';
import type { RemovalOptions, RemovalRow } from './removal.js';

/** The options of a removal, as they are named in the API. */
export interface Pass {
  limit?: number | undefined;
  /** The queue that gets a job for each removed file. */
  enqueue?: string | undefined;
  delay_seconds?: number | undefined;
  dry_run?: boolean | undefined;
}

type Statement<Row> = (sql: Sql, options: RemovalOptions, limit: number) => PromiseLike<readonly Row[]>;

const DEFAULT_LIMIT = 100;
/**
 * How many statements of a pass may find only rows that were used in the meantime, before the pass ends without a
 * result.
 */
const MAX_ROUNDS = 10;
/** How often contents are marked while other requests keep adding to them. */
const MAX_MARKS = 5;

/** Runs statements that remove, and wakes the pops that wait for their jobs. */
export function removerOf(db: Database, enqueuer: Enqueuer) {
  function optionsFor(
    sql: Sql,
    { enqueue, delay_seconds: delay, dry_run: isDry = false }: Pass,
  ): RemovalOptions {
    const queue = isDry ? undefined : enqueue;
    return { isDry, queue, insertJobs: enqueuer.into(sql, queue, delay) };
  }

  /** Wakes pops after a statement with these options was committed and pushed `count` jobs. */
  function pushed({ enqueue: queue, delay_seconds: delay, dry_run: isDry }: Pass, count: number): void {
    if (queue !== undefined && !isDry && count > 0) enqueuer.pushed(queue, count, delay);
  }

  async function remove<Row extends RemovalRow>(pass: Pass, statement: Statement<Row>): Promise<Row> {
    for (let marks = 0; marks <= MAX_MARKS; marks++) {
      const [row] = await db.run(
        (sql) => statement(sql, optionsFor(sql, pass), pass.limit ?? DEFAULT_LIMIT),
        // Not repeated after a lost connection: a second run could not return what the first one removed.
        { conflicts: REMOVAL_CONFLICTS, idempotent: false, retryIf: ([row]) => row?.is_stale === true },
      );
      if (!row) throw new Error('A removal returns one row.');
      pushed(pass, row.removed.identifiers.length);
      if (row.unsure.length === 0) return row;
      if (pass.enqueue === undefined) {
        throw new Problem(
          'enqueue_required',
          `The hash ${row.unsure[0]} has more than ${MAX_CHILDREN} aliases, variants, claims and proxies. It is removed in steps, ` +
            'which push a job for each file: name the queue for them in `enqueue`.',
        );
      }
      for (const hash of row.unsure) await db.run((sql) => markStatement(sql, bytes(hash)));
    }
    throw unavailable('contended', 'Concurrent transactions kept changing the same rows.');
  }

  return {
    optionsFor,
    pushed,
    remove,

    /** Runs a pass, which removes no more than its limit. */
    async removeSome<Row extends RemovalRow & { more: boolean }>(pass: Pass, statement: Statement<Row>) {
      for (let round = 1; ; round++) {
        const { removed, more } = await remove(pass, statement);
        const isEmpty = removed.aliases.length + removed.variants.length === 0;
        if (!isEmpty || !more || round === MAX_ROUNDS) return { removed, more };
      }
    },
  };
}

export type Remover = ReturnType<typeof removerOf>;
