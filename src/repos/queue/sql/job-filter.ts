import type { Fragment, Sql } from '../../../database/database.js';
import { TRUE } from '../../../database/driver/constant.js';
import type { JobState } from './job-row.js';

/** Which jobs are looked for; what is not said does not matter. */
export interface JobFilter {
  queue?: string | undefined;
  state?: JobState | undefined;
  /** The worker that runs the job. */
  worker?: string | undefined;
  unique_key?: string | undefined;
  /** A part of the last error; the case of ASCII letters does not matter. */
  error?: string | undefined;
  /** A part of the text of the job, as it was pushed; the case of ASCII letters does not matter. */
  payload?: string | undefined;
  /** Dead jobs of a queue with the newest first. */
  order?: 'newest' | undefined;
}

/** The conditions that no index answers, on columns of a job. */
export function matchesFilter(sql: Sql, { worker, unique_key, error, payload }: JobFilter): Fragment {
  return sql`
    ${worker === undefined ? TRUE(sql) : sql`worker_id = ${worker}::text`}
    and ${unique_key === undefined ? TRUE(sql) : sql`unique_key = ${unique_key}::text`}
    and ${error === undefined ? TRUE(sql) : has(sql, sql`last_error`, error)}
    and ${payload === undefined ? TRUE(sql) : has(sql, sql`job::text`, payload)}`;
}

function has(sql: Sql, whole: Fragment, part: string): Fragment {
  return sql`strpos(lower(${whole} collate "C"), lower(${part}::text collate "C")) > 0`;
}
