import type { Fragment, Sql } from '../../../database/database.js';
import { constant } from '../../../database/driver/constant.js';
import { utcText, utcTextOf } from '../../time-text.js';

export type JobState = 'scheduled' | 'ready' | 'running' | 'dead';

/** In which state jobs are listed. */
export type ListedState = JobState | 'completed';

/** A live or dead job as the API shows it: without the count of claims, which is part of its lease. */
export interface JobRow {
  id: string;
  queue: string;
  state: JobState;
  /** JSON text. */
  job: string;
  priority: number;
  unique_key: string | null;
  attempts: number;
  max_attempts: number;
  queued_at: string;
  ready_since: string | null;
  run_at: string | null;
  worker_id: string | null;
  running_since: string | null;
  last_heartbeat_at: string | null;
  lease_expires_at: string | null;
  run_ends_at: string | null;
  cancel_requested: boolean;
  last_error: string | null;
  died_at: string | null;
}

/** The last sign of a run: its claim, or its last heartbeat. `heartbeat_at` may be left from a run before. */
export const LAST_SIGN = constant((sql) => sql`greatest(claimed_at, heartbeat_at)`);

export function selectLive(sql: Sql) {
  const ifReady = (time: Fragment) => sql`case when state = 'ready' then ${utcTextOf(sql, time)} end`;
  const ifRunning = (time: Fragment) => sql`case when state = 'running' then ${utcTextOf(sql, time)} end`;
  return sql`
    select
      id::text as id, queue, state, job::text as job, priority, unique_key, attempts, max_attempts,
      ${utcText(sql, 'queued_at')},
      ${ifReady(sql`coalesce(ready_since, queued_at)`)} as ready_since,
      ${utcText(sql, 'run_at')},
      worker_id,
      ${ifRunning(sql`claimed_at`)} as running_since,
      ${ifRunning(LAST_SIGN(sql))} as last_heartbeat_at,
      ${utcText(sql, 'lease_expires_at')},
      ${ifRunning(sql`run_ends_at`)} as run_ends_at,
      cancel_requested, last_error, null as died_at, seq
    from jobs`;
}

export function selectDead(sql: Sql) {
  return sql`
    select
      id::text as id, queue, 'dead' as state, job::text as job, priority, unique_key, attempts, max_attempts,
      ${utcText(sql, 'queued_at')}, null as ready_since, null as run_at, null as worker_id, null as running_since,
      null as last_heartbeat_at, null as lease_expires_at, null as run_ends_at, false as cancel_requested, last_error,
      ${utcText(sql, 'died_at')}, seq
    from dead_jobs`;
}
