import type { Fragment, Sql } from './database.js';
import { constant, TRUE } from './driver/constant.js';

/** `long` is for a batch, `short` for the retry of what was blocked, which is soon retried again. */
export type LockTimeout = 'long' | 'short';

const CONDITIONS = {
  long: constant((sql) => sql`(select set_config('lock_timeout', '100ms', true)) is not null`),
  short: constant((sql) => sql`(select set_config('lock_timeout', '10ms', true)) is not null`),
};

/**
 * A condition that is always true and sets the lock timeout of the statement. A statement that waits for a lock longer
 * than that fails with 55P03. Put it into the part that takes the first lock. A setting of the session would not be
 * enough, because a pooler may drop it.
 *
 * @param lockTimeout undefined sets none: the statement waits for locks until the statement timeout
 */
export function withinLockTimeout(sql: Sql, lockTimeout: LockTimeout | undefined): Fragment {
  return lockTimeout === undefined ? TRUE(sql) : CONDITIONS[lockTimeout](sql);
}
