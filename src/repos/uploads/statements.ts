import type { Sql } from '../../database/database.js';
import { withinLockTimeout } from '../../database/lock-timeout.js';
import { utcText } from '../keyset.js';

/** What an upload has come to: an alias with its token, or a failure. */
export interface Result {
  alias?: string | undefined;
  token?: string | undefined;
  message?: string | undefined;
  code?: string | undefined;
}

/** A condition: the upload is still there for those who know its id. */
const isThere = (sql: Sql) => sql`not is_over and expires_at > clock_timestamp()`;

const later = (sql: Sql, hours: number) => sql`clock_timestamp() + make_interval(hours => ${hours})`;

export function createStatement(sql: Sql, id: string, queue: string | undefined, hours: number) {
  // Sent again after a lost connection, it finds its own row.
  return sql<{ created_at: string; expires_at: string }[]>`
    insert into uploads as upload (id, queue, expires_at)
    values (${id}, ${queue ?? null}, ${later(sql, hours)})
    on conflict (id) do update set id = excluded.id
    returning ${utcText(sql, 'created_at')}, ${utcText(sql, 'expires_at')}`;
}

interface CompletedRow {
  was_complete: boolean;
  /** It has had this result before; null where it had none. */
  is_same: boolean | null;
}

/** @param tokenSha256 the digest of the token of the result */
export function completeStatement(
  sql: Sql,
  id: string,
  {
    alias = null,
    token = null,
    message = null,
    code = null,
  }: { [Name in keyof Result]: Result[Name] | null },
  tokenSha256: Buffer,
  hours: number,
) {
  return sql<CompletedRow[]>`
    with known as materialized (
      select
        id,
        completed_at is not null as was_complete,
        coalesce(
          alias = ${alias}::text and sha256(convert_to(delete_token, 'UTF8')) = ${tokenSha256},
          message = ${message}::text and code = ${code}::text,
          false
        ) as is_same
      from uploads
      where ${withinLockTimeout(sql, 'long')}
        and id = ${id}
        and ${isThere(sql)}
      for update
    ),
    completed as (
      update uploads
      set
        alias = ${alias}::text,
        delete_token = ${token}::text,
        message = ${message}::text,
        code = ${code}::text,
        completed_at = clock_timestamp(),
        expires_at = ${later(sql, hours)}
      where id = any(array(select id from known where not was_complete))
    )
    select was_complete, is_same
    from known`;
}

export interface StateRow {
  /** Null where there is no such upload. */
  state: 'pending' | 'completed' | 'failed' | null;
  claimed: boolean;
  created_at: string;
  expires_at: string;
  message: string | null;
  code: string | null;
}

/** What is known of each upload, without what only its claimer may know. */
export function statesStatement(sql: Sql, ids: string[]) {
  return sql<StateRow[]>`
    select found.*
    from unnest(${ids}::uuid[]) with ordinality as asked (id, n)
    left join lateral (
      select
        case
          when completed_at is null then 'pending'
          when message is null then 'completed'
          else 'failed'
        end as state,
        claimer_sha256 is not null as claimed,
        ${utcText(sql, 'created_at')},
        ${utcText(sql, 'expires_at')},
        message,
        code
      from uploads
      where uploads.id = asked.id
        and ${isThere(sql)}
      limit 1
    ) as found on true
    order by n`;
}

interface ClaimRow {
  outcome: 'pending' | 'foreign' | 'claimed';
  alias: string | null;
  token: string | null;
  message: string | null;
  code: string | null;
}

/** The row is locked, so that of several claimers the first one wins. */
export function claimStatement(sql: Sql, id: string, claimerSha256: Buffer, hours: number) {
  return sql<ClaimRow[]>`
    with known as materialized (
      select
        id,
        case
          when completed_at is null then 'pending'
          when claimer_sha256 <> ${claimerSha256} then 'foreign'
          else 'claimed'
        end as outcome,
        claimer_sha256 is null as is_new,
        alias,
        delete_token as token,
        message,
        code
      from uploads
      where ${withinLockTimeout(sql, 'long')}
        and id = ${id}
        and ${isThere(sql)}
      for update
    ),
    claimed as (
      update uploads
      set claimer_sha256 = ${claimerSha256}, expires_at = ${later(sql, hours)}
      where id = any(array(select id from known where outcome = 'claimed' and is_new))
    )
    select outcome, alias, token, message, code
    from known`;
}

/** An alias that nobody claimed, to be released. */
export interface Unclaimed {
  id: string;
  alias: string;
  token: string;
  queue: string | null;
}

/** Of the time until the next try, for what has failed. */
const FIRST_PAUSE = '1 minute';

/**
 * Removes an upload for all who ask, and returns the alias that is to be released with it. Again it returns the alias as long as
 * that was not forgotten.
 */
export function discardStatement(sql: Sql, id: string) {
  return sql<Unclaimed[]>`
    with known as materialized (
      select id, alias is not null and claimer_sha256 is null as is_unclaimed
      from uploads
      where ${withinLockTimeout(sql, 'long')}
        and id = ${id}
      for update
    ),
    gone as (
      delete from uploads
      where id = any(array(select id from known where not is_unclaimed))
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
  /** How many it has looked at. */
  due: number;
  unclaimed: Unclaimed[];
}

/**
 * Takes the uploads whose time is over. What has no alias to be released is forgotten. The others are over from now on, so
 * that no claim finds them, and are returned. They come again later, each time after twice the time and within a day, in case
 * this process dies or the release fails.
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
