import type { Fragment, Sql } from '../../../database/database.js';
import { TRUE } from '../../../database/driver/constant.js';
import type { EndedRun } from './move-ended.js';
import type { ReadyJob } from './queue-position.js';

/** Maximum number of rows in one pass. */
export const MAX_SWEPT = 1000;

/** What one pass of a sweep did. */
export interface Swept {
  ready: ReadyJob[];
  /** The runs whose lease had run out. */
  expired?: EndedRun[];
  /** The queues of dead jobs that were deleted, one for each job. */
  discarded?: string[];
  /** There may be more to do. */
  full: boolean;
}

/** A sweep of jobs. A single faulty row would fail the statement for all rows (housekeeping/skipping-sweep.ts). */
export interface Sweep {
  /** Sweeps all jobs but those in `skipped`, or only the job `only`. */
  pass: (skipped: string[], only?: string) => Promise<Swept>;
  /** The ids of the jobs that the next pass would sweep. */
  candidates: (skipped: string[]) => Promise<string[]>;
}

export function isSwept(sql: Sql, skipped: string[], only?: string): Fragment {
  if (only !== undefined) return sql`id = ${only}::text::uuid`;
  return skipped.length === 0 ? TRUE(sql) : sql`id <> all(${skipped}::uuid[])`;
}
