import type { Database } from '../../../database/database.js';

/** Which of the queues have ready jobs. One statement looks at all; a claim for each queue would cost far more. */
export async function findReadyQueues(db: Database, queues: string[]): Promise<string[]> {
  const rows = await db.run(
    (sql) => sql<{ queue: string }[]>`
      select queue
      from unnest(${queues}::text[]) as waiting (queue)
      where exists (select from jobs where jobs.queue = waiting.queue and jobs.state = 'ready')`,
  );
  return rows.map(({ queue }) => queue);
}
