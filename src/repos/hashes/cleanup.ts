import type { Database } from '../../database/database.js';
import { violatedConstraint } from '../../database/errors.js';
import { conflict, Problem, unavailable } from '../../problems.js';
import type { Enqueuer } from '../enqueue.js';
import { bytes } from '../values.js';
import { cleanupStatement, markStatement } from './removal.js';
import { REMOVAL_CONFLICTS } from './removal-parts.js';

/** The most aliases, variants, claims and proxies that one statement removes. */
export const MAX_CHILDREN = 1000;
/** How often a removal is tried while other requests add to the hash or remove it. */
const MAX_RUNS = 5;
/** After this many tries the hash is marked. A marked hash accepts no additions, so the next try succeeds. */
const MAX_UNMARKED_RUNS = 2;

interface Removed {
  removed: { aliases: string[]; variants: string[]; identifiers: string[] };
  more?: true;
}

/** Removes hashes with everything that belongs to them. */
export function cleanupOf(db: Database, enqueuer: Enqueuer) {
  /** @returns undefined if the hash must be marked first, or if another request added to it during the statement */
  async function attempt(hash: Buffer, onlyIfUnreferenced: boolean, queue: string | undefined) {
    try {
      const [row] = await db.run(
        (sql) =>
          cleanupStatement(sql, { hash, onlyIfUnreferenced, queue, maxChildren: MAX_CHILDREN }, (jobs) =>
            queue === undefined ? undefined : enqueuer.insert(sql, queue, jobs),
          ),
        // Not repeated after a lost connection: a second run could not return what the first one removed.
        { idempotent: false },
      );
      return row?.outcome === 'unsure' ? { isUnsure: true } : { row };
    } catch (error) {
      if (REMOVAL_CONFLICTS.includes(violatedConstraint(error) ?? '')) return { isUnsure: false };
      throw error;
    }
  }

  return async (
    text: string,
    { only_if_unreferenced = false, enqueue: queue }: { only_if_unreferenced?: boolean; enqueue?: string },
  ): Promise<Removed> => {
    const hash = bytes(text);
    for (let runs = 1; runs <= MAX_RUNS; runs++) {
      const { row, isUnsure } = await attempt(hash, only_if_unreferenced, queue);
      if (isUnsure || (!row && runs >= MAX_UNMARKED_RUNS)) await db.run((sql) => markStatement(sql, hash));
      if (!row) continue;
      const { outcome, aliases, variants, identifiers } = row;
      if (outcome === 'in_use') throw conflict('hash_in_use', 'The hash has aliases.', { aliases });
      if (outcome === 'enqueue_required') {
        throw new Problem(
          'enqueue_required',
          `The hash has more than ${MAX_CHILDREN} aliases, variants, claims and proxies. It is removed in steps, which push a job for ` +
            'each file: name the queue for them in `enqueue`.',
        );
      }
      if (queue !== undefined && identifiers.length > 0) enqueuer.pushed(queue, identifiers.length);
      return { removed: { aliases, variants, identifiers }, ...(outcome === 'removing' && { more: true }) };
    }
    throw unavailable('contended', 'Concurrent transactions kept changing the same rows.');
  };
}
