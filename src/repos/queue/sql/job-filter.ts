import type { Fragment, Sql } from '../../../database/database.js';
import { constant } from '../../../database/driver/constant.js';
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
}

const ANY = constant((sql) => sql`true`);

/** The conditions that no index answers, on columns of a job. */
export function isWanted(sql: Sql, { worker, unique_key, error }: JobFilter): Fragment {
  return sql`
    ${worker === undefined ? ANY(sql) : sql`worker_id = ${worker}::text`}
    and ${unique_key === undefined ? ANY(sql) : sql`unique_key = ${unique_key}::text`}
    and ${error === undefined ? ANY(sql) : sql`strpos(lower(last_error collate "C"), lower(${error}::text collate "C")) > 0`}`;
}
