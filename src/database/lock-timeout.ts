import { constant } from './constant.js';

/**
 * A condition that is always true, and from which on the statement waits at most this long for a lock (55P03 then). It
 * belongs to the part that takes the first lock. As a setting of the session, a pooler might drop it.
 */
export const WITHIN_LOCK_TIMEOUT = constant(
  (sql) => sql`(select set_config('lock_timeout', '100ms', true)) is not null`,
);
