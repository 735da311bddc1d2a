import type { Database } from '../../../database/database.js';
import { DEAD_COLUMNS, MOVE_BACK } from './move-back.js';
import type { ReadyJob } from './queue-position.js';

/** Maximum number of rows that one statement moves. */
const CHUNK = 5000;

interface Redriven {
  redriven: number;
  skipped: number;
  /** The first job of each priority. */
  ready: ReadyJob[];
}

/** Makes all dead jobs of a queue ready again, step by step. */
export async function redriveQueue(db: Database, queue: string): Promise<Redriven> {
  const total: Redriven = { redriven: 0, skipped: 0, ready: [] };
  for (let after = '0'; ; ) {
    const [row] = await db.run(
      (sql) => sql<(Redriven & { last: string | null })[]>`
        with dead as materialized (
          select ${DEAD_COLUMNS(sql)}
          from dead_jobs
          where queue = ${queue}
            and seq > ${after}::text::bigint
          order by seq
          limit ${CHUNK}
          for update skip locked
        ),
        ${MOVE_BACK(sql)}
        select
          (select count(*) from back)::integer as redriven,
          ((select count(*) from dead) - (select count(*) from back))::integer as skipped,
          (
            select coalesce(json_agg(of_each), '[]')
            from (
              select ${queue}::text as queue, priority, min(seq)::text as seq
              from back
              group by priority
            ) as of_each
          ) as ready,
          (select max(seq) from dead)::text as last`,
      { idempotent: false },
    );
    total.redriven += row?.redriven ?? 0;
    total.skipped += row?.skipped ?? 0;
    total.ready.push(...(row?.ready ?? []));
    if (!row || row.last === null || row.redriven + row.skipped < CHUNK) return total;
    after = row.last;
  }
}
