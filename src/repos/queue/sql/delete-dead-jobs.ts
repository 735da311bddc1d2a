import type { Database } from '../../../database/database.js';
import { MAX_SWEPT, type Swept } from './sweep.js';

/** Deletes jobs that have been dead for longer than they are kept. */
export async function deleteDeadJobs(db: Database, retentionDays: number): Promise<Swept> {
  const rows = await db.run(
    (sql) => sql<{ queue: string }[]>`
      delete from dead_jobs
      where id = any(array(
        select id
        from dead_jobs
        where died_at < now() - make_interval(hours => ${24 * retentionDays})
        order by seq
        limit ${MAX_SWEPT}
        for update skip locked
      ))
      returning queue`,
  );
  return { ready: [], discarded: rows.map(({ queue }) => queue), full: rows.length >= MAX_SWEPT };
}
