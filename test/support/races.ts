import type { TransactionSql } from 'postgres';
import type { Sql } from '../../src/database/database.js';
import { clock } from './database.js';
import type { Answer } from './service.js';
import { until } from './until.js';

/** Resolves once `count` statements on the database wait for a lock. */
export async function untilWaiting(sql: Sql, count = 1): Promise<void> {
  await until(async () => {
    const [row] = await sql<{ waiting: number }[]>`
      select count(*)::integer as waiting
      from pg_stat_activity
      where datname = current_database()
        and wait_event_type = 'Lock'`;
    return (row?.waiting ?? 0) >= count;
  });
}

/**
 * Resolves once a statement about leases has passed over a job that was locked, after `since`: the service then looks
 * where that job is, and tries again.
 */
async function untilPassedOver(sql: Sql, since: string): Promise<void> {
  await until(async () => {
    const rows = await sql`
      select
      from pg_stat_activity
      where datname = current_database()
        and query like '%''dead'', null%'
        and pid <> pg_backend_pid()
        and state = 'idle'
        and query_start > ${since}::text::timestamptz`;
    return rows.length > 0;
  });
}

const UNDONE = new Error('rolled back');

/**
 * The answer to a request that came while a rival's transaction was open, and that had to wait for its end:
 * a commit, or else a rollback.
 */
export async function whileOpen(
  sql: Sql,
  rival: (tx: TransactionSql) => Promise<unknown>,
  request: () => Promise<Answer>,
  end: 'commit' | 'rollback' = 'commit',
): Promise<Answer> {
  let answer: Promise<Answer> | undefined;
  const early = () => {
    throw new Error('the request did not wait for its rival');
  };
  await sql
    .begin(async (tx) => {
      await rival(tx);
      const since = await clock(sql);
      answer = request();
      await Promise.race([untilWaiting(sql), untilPassedOver(sql, since), answer.then(early)]);
      if (end === 'rollback') throw UNDONE;
    })
    .catch((error: unknown) => {
      if (error !== UNDONE) throw error;
    });
  if (!answer) throw new Error('nothing was asked');
  return await answer;
}

/** How often each status, with the problem's code, was answered. */
export function tally(answers: Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, json } of answers) {
    const outcome = json?.code ? `${status} ${json.code}` : `${status}`;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

/** The answers to `count` requests that are sent at once. */
export function atOnce(count: number, request: (n: number) => Promise<Answer>): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, (_, n) => request(n)));
}
