import type { Database } from '../../../database/database.js';
import { MAX_SWEPT, type Swept } from './sweep.js';

/** Forgets the ids of pushed jobs. The ids of jobs that still exist are found in their own tables. */
export async function deleteJobIds(db: Database, retentionMinutes: number): Promise<Swept> {
  const rows = await db.run(
    (sql) => sql`
      delete from job_ids
      where id = any(array(
        select id
        from job_ids
        where pushed_at <= now() - make_interval(mins => ${retentionMinutes})
        order by pushed_at
        limit ${MAX_SWEPT}
        for update skip locked
      ))
      returning id`,
  );
  return { ready: [], full: rows.length >= MAX_SWEPT };
}
