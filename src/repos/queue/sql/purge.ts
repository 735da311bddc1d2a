import type { Database } from '../../../database/database.js';
import { MIN_PRIORITY } from './queue-position.js';

/** Maximum number of rows that one statement deletes. */
const CHUNK = 5000;

/**
 * Deletes the jobs that wait, or the dead ones. Running jobs stay, and so does a job that another transaction has
 * locked: a purge never waits for a lock while it holds others. Scheduled jobs go first, because they may become ready
 * meanwhile.
 */
export async function purgeQueue(db: Database, queue: string, which: 'waiting' | 'dead'): Promise<number> {
  if (which === 'dead') return await purgeState(db, queue, 'dead');
  return (await purgeState(db, queue, 'scheduled')) + (await purgeState(db, queue, 'ready'));
}

/** Each statement begins behind the last job of the previous one, so that none reads the deleted rows again. */
async function purgeState(
  db: Database,
  queue: string,
  state: 'scheduled' | 'ready' | 'dead',
): Promise<number> {
  let purged = 0;
  let after = { priority: MIN_PRIORITY, seq: '0' };
  for (;;) {
    const [row] = await db.run(
      (sql) => {
        const table = sql(state === 'dead' ? 'dead_jobs' : 'jobs');
        // The states are constants in the text, and the order is that of the state's own partial index.
        const isPurged = {
          scheduled: sql`state = 'scheduled' and seq > ${after.seq}::text::bigint`,
          ready: sql`
            state = 'ready' and (priority, seq) > (${after.priority}::smallint, ${after.seq}::text::bigint)`,
          dead: sql`seq > ${after.seq}::text::bigint`,
        };
        const order = state === 'ready' ? sql`priority, seq` : sql`seq`;
        return sql<{ deleted: number; priority: number | null; seq: string | null }[]>`
          with chosen as materialized (
            select id, priority, seq
            from ${table}
            where queue = ${queue}
              and ${isPurged[state]}
            order by ${order}
            limit ${CHUNK}
            for update skip locked
          ),
          deleted as (
            delete from ${table}
            where id = any(array(select id from chosen))
            returning id
          ),
          last as (
            select priority, seq
            from chosen
            order by ${state === 'ready' ? sql`priority desc, seq desc` : sql`seq desc`}
            limit 1
          )
          select
            (select count(*) from deleted)::integer as deleted,
            (select priority from last) as priority,
            (select seq from last)::text as seq`;
      },
      { idempotent: false },
    );
    purged += row?.deleted ?? 0;
    if (!row || row.priority === null || row.seq === null || row.deleted < CHUNK) return purged;
    after = { priority: row.priority, seq: row.seq };
  }
}
