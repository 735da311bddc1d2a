import type { Database, Sql } from '../../database/database.js';
import { violatedConstraint } from '../../database/errors.js';
import { conflict, Problem, unavailable } from '../../problems.js';
import type { Enqueuer, InsertJobs } from '../enqueue.js';
import { bytes } from '../values.js';
import { enqueued, goneContents, lockedChildren, REMOVAL_CONFLICTS } from './removal-parts.js';

/** The most aliases, variants, claims and proxies that one statement removes. */
export const MAX_CHILDREN = 1000;
/** How often a removal is tried while other requests add to the hash or remove it. */
const MAX_RUNS = 5;
/** After this many tries the hash is marked. A marked hash accepts no additions, so the next try succeeds. */
const MAX_UNMARKED_RUNS = 2;
/** How many of the aliases that keep a hash are returned. */
const NAMED_ALIASES = 100;

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
        (sql) => cleanupStatement(sql, { hash, onlyIfUnreferenced, queue }, enqueuer.into(sql, queue)),
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

/**
 * What a cleanup did:
 * - `removed`: the hash and everything that belongs to it were removed.
 * - `in_use`: nothing was removed, because the hash has aliases.
 * - `enqueue_required`: nothing was removed. There are too many children for one statement, and without a queue nobody
 *   would learn which files to delete.
 * - `unsure`: nothing was removed, because an alias may have been added since the snapshot. Call markStatement and try
 *   again.
 * - `removing`: the hash is doomed and is removed in steps (doomed-steps.ts).
 * - null: the hash does not exist.
 */
type Outcome = 'removed' | 'in_use' | 'enqueue_required' | 'unsure' | 'removing' | null;

interface CleanupRow {
  outcome: Outcome;
  /** For `in_use`, the first aliases that keep the hash. */
  aliases: string[];
  variants: string[];
  identifiers: string[];
}

interface Cleanup {
  hash: Buffer;
  onlyIfUnreferenced: boolean;
  /** The queue that gets a job for each removed file. */
  queue: string | undefined;
}

/**
 * Marks a hash as doomed, so that nothing more is added to it. Additions lock the row only while it is not doomed, and
 * this statement waits for those that have locked it. So the next statement sees all of its children.
 */
export function markStatement(sql: Sql, hash: Buffer) {
  return sql`
    with target as materialized (
      select hash
      from hashes
      where hash = ${hash}
        and doomed_at is null
      for update
    )
    update hashes
    set doomed_at = clock_timestamp()
    where hash = any(array(select hash from target))`;
}

/**
 * Removes a hash with everything that belongs to it, and returns what it removed. If that is too much for one
 * statement, the hash becomes doomed instead. A mark by markStatement is cleared if the hash is kept. Rows are locked
 * first, parents before children and each table in the order of its key, to avoid deadlocks.
 */
function cleanupStatement(sql: Sql, { hash, onlyIfUnreferenced, queue }: Cleanup, insertJobs: InsertJobs) {
  return sql<CleanupRow[]>`
    with target as materialized (
      select hash, identifier, motion_identifier, doomed_at, removal
      from hashes
      where hash = ${hash}
      for update
    ),
    -- An alias that another transaction is removing must not keep the hash, so the lock waits for it.
    live as materialized (
      select alias
      from aliases
      where ${onlyIfUnreferenced}::boolean
        and hash = any(array(select hash from target where removal is null))
      order by alias
      limit ${NAMED_ALIASES}
      for update
    ),
    child as (
      (select from aliases where hash = any(array(select hash from target)) limit ${MAX_CHILDREN + 1})
      union all
      (select from variants where hash = any(array(select hash from target)) limit ${MAX_CHILDREN + 1})
      union all
      (select from variant_claims where hash = any(array(select hash from target)) limit ${MAX_CHILDREN + 1})
      union all
      (
        select
        from proxies
        where alias = any(array(
          select alias from aliases where hash = any(array(select hash from target)) limit ${MAX_CHILDREN + 1}
        ))
        limit ${MAX_CHILDREN + 1}
      )
    ),
    decision as materialized (
      select
        case
          when removal is not null then 'removing'
          when exists (select from live) then 'in_use'
          when (select count(*) from child) <= ${MAX_CHILDREN} then 'removed'
          when ${queue === undefined} then 'enqueue_required'
          when ${onlyIfUnreferenced} and doomed_at is null then 'unsure'
          else 'removing'
        end as outcome
      from target
    ),
    marked as (
      update hashes
      set doomed_at = clock_timestamp(), removal = jsonb_build_object('enqueue', ${queue ?? null}::text)
      where hash = any(array(select hash from target where removal is null))
        and (select outcome from decision) = 'removing'
    ),
    unmarked as (
      update hashes
      set doomed_at = null
      where hash = any(array(select hash from target where doomed_at is not null))
        and (select outcome from decision) in ('in_use', 'enqueue_required')
    ),
    doomed as materialized (
      select hash, identifier, motion_identifier
      from target
      where (select outcome from decision) = 'removed'
    ),
    released as materialized (
      select alias
      from aliases
      where hash = any(array(select hash from doomed))
      order by alias
      for update
    ),
    ${lockedChildren(sql)},
    ${goneContents(sql)}
    ${enqueued(sql, insertJobs)},
    named as (
      select alias from released
      union all
      select alias from live
    )
    select
      (select outcome from decision) as outcome,
      coalesce((select json_agg(alias order by alias) from named), '[]') as aliases,
      coalesce((select json_agg(variant order by variant) from doomed_variants), '[]') as variants,
      coalesce((select json_agg(identifier order by identifier) from removed), '[]') as identifiers`;
}
