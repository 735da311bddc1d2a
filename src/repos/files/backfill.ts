import type { Database, Fragment, Sql } from '../../database/database.js';
import { withinLockTimeout } from '../../database/lock-timeout.js';

/** How far old files have been added to the table `files`, and how many of them have several owners. */
export interface Progress {
  stage: 'hashes' | 'variants' | 'done';
  shared: number;
}

/** How many contents, or variants, a step reads. */
const STEP_ROWS = 1000;

/**
 * Adds files from before migration 00008 to the table `files`, a step at a time in the order of their contents. A step
 * continues where the last one ended, in whatever process that was. Contents and variants are locked, so that none is
 * removed meanwhile. A file with several owners is marked as shared, so that removing one owner does not delete it.
 *
 * @returns undefined if another process is running a step
 */
export async function backfillFiles(db: Database): Promise<Progress | undefined> {
  const [current] = await db.run((sql) => sql<Progress[]>`select stage, shared from files_taken_in`);
  if (!current || current.stage === 'done') return current;
  const [row] = await db.run((sql) => (current.stage === 'hashes' ? fromHashes(sql) : fromVariants(sql)), {
    idempotent: false,
  });
  return row;
}

function fromHashes(sql: Sql) {
  return step(sql, {
    stage: 'hashes',
    next: 'variants',
    files: sql`
      bounds as materialized (
        select hash, '' as variant
        from hashes
        where hash > (select hash from progress)
        order by hash
        limit ${STEP_ROWS}
      ),
      page as materialized (
        select hash, identifier, motion_identifier
        from hashes
        where ${withinLockTimeout(sql, 'long')}
          and hash > (select hash from progress)
          and hash <= (select max(hash) from bounds)
        order by hash
        for key share
      ),
      file as (
        select identifier, hash, 'original' as kind from page
        union all
        select motion_identifier, hash, 'motion' from page where motion_identifier is not null
      )`,
  });
}

function fromVariants(sql: Sql) {
  return step(sql, {
    stage: 'variants',
    next: 'done',
    files: sql`
      bounds as materialized (
        select hash, variant
        from variants
        where (hash, variant) > (select hash, variant from progress)
        order by hash, variant
        limit ${STEP_ROWS}
      ),
      page as materialized (
        select hash, identifier
        from variants
        where ${withinLockTimeout(sql, 'long')}
          and (hash, variant) > (select hash, variant from progress)
          and (hash, variant) <= (select hash, variant from bounds order by hash desc, variant desc limit 1)
        order by hash, variant
        for key share
      ),
      file as (
        select identifier, hash, 'variant' as kind from page
      )`,
  });
}

/** @param file the CTEs `bounds` (the keys of this step) and `file` (the files of its locked rows) */
function step(
  sql: Sql,
  { stage, next, files }: { stage: Progress['stage']; next: Progress['stage']; files: Fragment },
) {
  return sql<Progress[]>`
    with progress as materialized (
      select hash, variant
      from files_taken_in
      where stage = ${stage}
      for update skip locked
    ),
    ${files},
    taken_in as (
      insert into files as known (identifier, hash, kind, is_shared)
      select identifier, (array_agg(hash order by hash))[1], (array_agg(kind order by hash))[1], count(*) > 1
      from file
      group by identifier
      order by identifier
      on conflict (identifier) do update
        set is_shared = true, condemned_at = null, deleted_at = null
        where not known.is_shared
          and (
            excluded.is_shared
            or known.condemned_at is not null
            or (known.hash, known.kind) is distinct from (excluded.hash, excluded.kind)
          )
      returning is_shared
    ),
    last as (
      select hash, variant
      from bounds
      order by hash desc, variant desc
      limit 1
    )
    update files_taken_in
    set
      stage = case when exists (select from last) then stage else ${next} end,
      hash = coalesce((select hash from last), ''),
      variant = coalesce((select variant from last), ''),
      shared = shared + (select count(*) from taken_in where is_shared)
    where exists (select from progress)
    returning stage, shared`;
}
