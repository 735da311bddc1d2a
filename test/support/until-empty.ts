import type { Sql } from '../../src/database/database.js';
import { until } from './until.js';

/** How many jobs of a queue are neither done nor dead. Costs a fraction of what a request for the figures costs. */
export async function liveJobs(sql: Sql, queue: string): Promise<number> {
  const [row] = await sql<{ live: number }[]>`
    select count(*)::integer as live
    from jobs
    where queue = ${queue} and state in ('ready', 'running', 'scheduled')`;
  return row?.live ?? 0;
}

/** Resolves when all jobs of a queue are done or dead. */
export const untilEmpty = (sql: Sql, queue: string): Promise<void> =>
  until(async () => (await liveJobs(sql, queue)) === 0, 60, 20);
