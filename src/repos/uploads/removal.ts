import type { Sql } from '../../database/database.js';
import { withinLockTimeout } from '../../database/lock-timeout.js';

/** An upload that nobody claimed, whose alias is to be released. */
export interface Unclaimed {
  id: string;
  alias: string;
  token: string;
  queue: string | null;
}

/** The pause before the first retry of a failed release. Later pauses double. */
const FIRST_PAUSE = '1 minute';

/**
 * Removes an upload. If its alias was not claimed, the row is hidden from all requests and stays until the alias is
 * released (forgetStatement); until then this statement returns the alias, also when it is repeated. If the alias was
 * claimed, the hidden row stays until it expires: if a worker sends the result again, it must not take the upload for
 * unwanted and release the alias, which belongs to the claimer.
 */
export function discardStatement(sql: Sql, id: string) {
  return sql<Unclaimed[]>`
    with known as materialized (
      select
        id,
        alias is not null and claimer_sha256 is null as is_unclaimed,
        alias is not null and claimer_sha256 is not null as is_claimed
      from uploads
      where ${withinLockTimeout(sql, 'long')}
        and id = ${id}
      for update
    ),
    gone as (
      delete from uploads
      where id = any(array(select id from known where not is_unclaimed and not is_claimed))
    ),
    hidden as (
      update uploads
      set is_over = true
      where id = any(array(select id from known where is_claimed))
    )
    update uploads
    set is_over = true, expires_at = clock_timestamp() + ${FIRST_PAUSE}::interval
    where id = any(array(select id from known where is_unclaimed))
    returning id, alias, delete_token as token, queue`;
}

export function forgetStatement(sql: Sql, id: string) {
  return sql`
    delete from uploads
    where id = ${id}
      and is_over`;
}

export interface ExpiryRow {
  /** How many expired uploads it has found. */
  due: number;
  unclaimed: Unclaimed[];
}

/**
 * Removes expired uploads, and returns those whose alias was not claimed. These are only hidden (`is_over`), so that no
 * claim finds them, until their alias is released. If the release fails or this process dies, they are returned again:
 * the pause doubles each time, up to a day.
 */
export function expireStatement(sql: Sql, limit: number) {
  return sql<ExpiryRow[]>`
    with due as materialized (
      select id, alias is not null and claimer_sha256 is null as is_unclaimed
      from uploads
      where expires_at < clock_timestamp()
      order by expires_at
      limit ${limit}
      for update skip locked
    ),
    gone as (
      delete from uploads
      where id = any(array(select id from due where not is_unclaimed))
    ),
    unclaimed as (
      update uploads
      set
        is_over = true,
        releases = least(releases + 1, 1000),
        expires_at = clock_timestamp()
          + least(${FIRST_PAUSE}::interval * power(2, least(releases, 12)), interval '1 day')
      where id = any(array(select id from due where is_unclaimed))
      returning id, alias, delete_token as token, queue
    )
    select
      (select count(*) from due)::integer as due,
      coalesce((select json_agg(unclaimed) from unclaimed), '[]') as unclaimed`;
}
