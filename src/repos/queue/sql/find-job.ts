import type { Database } from '../../../database/database.js';
import { type JobRow, selectDead, selectLive } from './job-row.js';

export async function findJob(db: Database, id: string): Promise<JobRow | undefined> {
  const [row] = await db.run(
    (sql) => sql<JobRow[]>`
      ${selectLive(sql)}
      where id = ${id}::text::uuid
      union all
      ${selectDead(sql)}
      where id = ${id}::text::uuid`,
  );
  return row;
}
