import { constant } from './constant.js';
import type { Fragment, Sql } from './database.js';

/** How long a statement waits for a lock: with many others in it, or apart from them, where it is tried again soon. */
export type LockPatience = 'long' | 'short';

const WITHIN = {
  long: constant((sql) => sql`(select set_config('lock_timeout', '100ms', true)) is not null`),
  short: constant((sql) => sql`(select set_config('lock_timeout', '10ms', true)) is not null`),
};

/**
 * A condition that is always true, and from which on the statement waits at most so long for a lock (55P03 then). It
 * belongs to the part that takes the first lock. As a setting of the session, a pooler might drop it.
 */
export function withinLockTimeout(sql: Sql, patience: LockPatience): Fragment {
  return WITHIN[patience](sql);
}
