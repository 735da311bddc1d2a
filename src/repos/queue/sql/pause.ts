import type { Database } from '../../../database/database.js';

/** From now on pops of the queue get nothing; pushes go on. */
export async function pauseQueue(db: Database, queue: string): Promise<void> {
  await db.run((sql) => sql`insert into paused_queues (queue) values (${queue}) on conflict do nothing`);
}

export async function resumeQueue(db: Database, queue: string): Promise<void> {
  await db.run((sql) => sql`delete from paused_queues where queue = ${queue}`);
}

/** For each of the queues whether it is paused. */
export async function arePaused(db: Database, queues: string[]): Promise<boolean[]> {
  const rows = await db.run(
    (sql) => sql<{ queue: string }[]>`
      select queue from paused_queues where queue = any(${[...new Set(queues)]}::text[])`,
  );
  const paused = new Set(rows.map(({ queue }) => queue));
  return queues.map((queue) => paused.has(queue));
}
