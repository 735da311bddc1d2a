import type { Sql } from '../../database/database.js';
import { withinLockTimeout } from '../../database/lock-timeout.js';
import { utcText } from '../time-text.js';

/** The result of an upload: an alias with its token, or a failure. */
export interface Result {
  alias?: string | undefined;
  token?: string | undefined;
  message?: string | undefined;
  code?: string | undefined;
}

/** A condition: requests with the id find the upload. */
const isThere = (sql: Sql) => sql`not is_over and expires_at > clock_timestamp()`;

const later = (sql: Sql, hours: number) => sql`clock_timestamp() + make_interval(hours => ${hours})`;

export function createStatement(sql: Sql, id: string, queue: string | undefined, hours: number) {
  // If the statement is sent again after a lost connection, it finds the row that it has inserted.
  return sql<{ created_at: string; expires_at: string }[]>`
    insert into uploads as upload (id, queue, expires_at)
    values (${id}, ${queue ?? null}, ${later(sql, hours)})
    on conflict (id) do update set id = excluded.id
    returning ${utcText(sql, 'created_at')}, ${utcText(sql, 'expires_at')}`;
}

interface CompletedRow {
  was_complete: boolean;
  /** Whether the existing result is the same; null if there was none. */
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
        and expires_at > clock_timestamp()
        -- After the claim, the result can be sent again, even if the upload was discarded since.
        and (not is_over or claimer_sha256 is not null)
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
  /** Null if there is no such upload. */
  state: 'pending' | 'completed' | 'failed' | null;
  claimed: boolean;
  created_at: string;
  expires_at: string;
  message: string | null;
  code: string | null;
}

/** The state of each upload, without what only its claimer may see. */
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

/**
 * If the result was committed while the statement waited for the row, PostgreSQL checks the update of the old version
 * first, in which a claimer without a result is refused. The next run sees the result.
 */
export const CLAIM_CONFLICTS = ['uploads_result'];

/** Gives the result to a claimer. The row is locked, so that the first of several claimers wins. */
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
