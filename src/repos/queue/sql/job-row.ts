import type { Sql } from '../../../database/database.js';
import { utcText } from '../../keyset.js';

export type JobState = 'scheduled' | 'ready' | 'running' | 'dead';

/** A job as the API shows it: without the count of claims, which is part of its lease. */
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
  run_at: string | null;
  worker_id: string | null;
  lease_expires_at: string | null;
  cancel_requested: boolean;
  last_error: string | null;
  died_at: string | null;
}

export function selectLive(sql: Sql) {
  return sql`
    select
      id::text as id, queue, state, job::text as job, priority, unique_key, attempts, max_attempts,
      ${utcText(sql, 'queued_at')}, ${utcText(sql, 'run_at')}, worker_id, ${utcText(sql, 'lease_expires_at')},
      cancel_requested, last_error, null as died_at, seq
    from jobs`;
}

export function selectDead(sql: Sql) {
  return sql`
    select
      id::text as id, queue, 'dead' as state, job::text as job, priority, unique_key, attempts, max_attempts,
      ${utcText(sql, 'queued_at')}, null as run_at, null as worker_id, null as lease_expires_at,
      false as cancel_requested, last_error, ${utcText(sql, 'died_at')}, seq
    from dead_jobs`;
}
