import type { Fragment, Sql } from '../database/database.js';
import { constant } from '../database/driver/constant.js';
import { Problem } from '../problems.js';

/**
 * A hash that is being removed is doomed: no read finds it, and nothing is added to it (docs/media.md). Statements that
 * read or lock the row of the hash check `doomed_at is null`; others use one of these conditions.
 */

/** Whether no hash is doomed. It reads an index that is then empty, once for each statement. */
const isNoneDoomed = constant(
  (sql) =>
    sql`(select doomed_at from hashes where doomed_at > '-infinity' order by doomed_at limit 1) is null`,
);

/** A condition: the hash is not doomed. */
export function isLive(sql: Sql, hash: Fragment): Fragment {
  return sql`(
    ${isNoneDoomed(sql)}
    or (select true from hashes as doomed where doomed.hash = ${hash} and doomed_at is not null) is null
  )`;
}

/** A condition: the hash of the alias is not doomed. */
export function isOfLiveHash(sql: Sql, alias: Fragment): Fragment {
  return sql`(
    ${isNoneDoomed(sql)}
    or (
      select true
      from aliases as named
      join hashes as doomed on doomed.hash = named.hash
      where named.alias = ${alias}
        and doomed_at is not null
    ) is null
  )`;
}

/** A condition: the hash is not doomed. For statements that check many rows with a column `hash`, such as pages. */
export const isLiveRow = constant(
  (sql) => sql`hash not in (select doomed.hash from hashes as doomed where doomed_at > '-infinity')`,
);

export function hashBeingRemoved(): Problem {
  return new Problem('hash_being_removed', 'What has this name is being removed, which takes some seconds.', {
    retryAfterSeconds: 1,
  });
}
