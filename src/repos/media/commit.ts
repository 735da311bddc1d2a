import { createHash } from 'node:crypto';
import type { Sql } from '../../database/database.js';
import { type Block, blockOf } from '../blocked.js';
import { isLive, isOfLiveHash } from '../doomed.js';
import { whyNotFree } from '../file-owner.js';
import { bytes } from '../values.js';
import type { RemovalOptions } from './removal.js';
import type { Upload } from './upload.js';
import { condemnedInVain } from './vain.js';

/**
 * What became of an upload:
 * - `created`: the alias is new, be its content new or not.
 * - `again`: the alias existed already, with this content and token.
 * - `alias`: it exists with another content or token.
 * - `proxy`: the URL is related to another alias.
 * - `blocked`: nobody may upload the content.
 * - `doomed`: the content is being removed, or another one that has the alias or the URL.
 * - `past`: its time would be over already.
 * - `taken`, `condemned`: one of its files is somebody else's, or was named for deletion.
 * - null: the content went while the statement waited for it; to be decided anew.
 */
export interface CommitRow {
  outcome:
    | 'created'
    | 'again'
    | 'blocked'
    | 'alias'
    | 'proxy'
    | 'doomed'
    | 'past'
    | 'taken'
    | 'condemned'
    | null;
  /** The file of the content. */
  identifier: string;
  /** The files that were uploaded in vain, and how many of them are condemned only now. */
  unneeded: string[];
  condemned: number;
  /** The hash of the existing alias, and the alias of the URL. */
  known_hash: string | null;
  related_alias: string | null;
  /** Why the content is blocked. */
  block: Block | null;
  /** What is in the way of a file. */
  obstacle: { identifier: string; hash: string; variant: string } | null;
}

/**
 * Commits one upload, whatever there is already. It locks the content, so that a release of its last alias is before or
 * after it. What stands is kept and only filled in. Files that nobody wants are condemned.
 */
export function commitStatement(sql: Sql, upload: Upload, options: RemovalOptions) {
  const { alias, identifier, owner = null, expires_at = null } = upload;
  const { details = null, blurhash = null, proxy_url = null } = upload;
  const hash = bytes(upload.hash);
  const motion = upload.motion_identifier ?? null;
  const size = upload.bytes ?? null;
  const tokenSha256 = createHash('sha256').update(upload.delete_token).digest();
  return sql<CommitRow[]>`
    with known as materialized (
      select
        encode(hash, 'hex') as hash,
        hash = ${hash} and sha256(convert_to(delete_token, 'UTF8')) = ${tokenSha256} as is_same,
        ${isLive(sql, sql`aliases.hash`)} as is_live
      from aliases
      where alias = ${alias}
    ),
    standing as materialized (
      select hash, identifier, motion_identifier, doomed_at
      from hashes
      where hash = ${hash}
      for update
    ),
    related as materialized (
      select alias, ${isOfLiveHash(sql, sql`proxies.alias`)} as is_live
      from proxies
      where url_sha256 = sha256(convert_to(${proxy_url}::text, 'UTF8'))
        and alias <> ${alias}
    ),
    file as materialized (
      select ${identifier}::text as identifier
      where not exists (select from standing where standing.identifier = ${identifier})
      union all
      select ${motion}::text
      where ${motion}::text is not null
        and not exists (select from standing where motion_identifier = ${motion}::text)
    ),
    obstacle as materialized (
      select outcome, file.identifier, encode(hash, 'hex') as hash, variant
      from file
      cross join lateral (select * from (${whyNotFree(sql, sql`file.identifier`)}) as reason limit 1) as why
      order by outcome desc
      limit 1
    ),
    decision as materialized (
      select
        case
          when ${blockOf(sql, sql`${hash}::bytea`)} is not null then 'blocked'
          when exists (select from standing where doomed_at is not null)
            or exists (select from known where not is_live)
            or exists (select from related where not is_live) then 'doomed'
          when exists (select from known where not is_same) then 'alias'
          when exists (select from related) then 'proxy'
          when not exists (select from standing) and exists (select from hashes where hash = ${hash}) then null
          when exists (select from known) then 'again'
          when ${expires_at}::text::timestamptz <= clock_timestamp() then 'past'
          when exists (select from obstacle) then (select outcome from obstacle)
          else 'created'
        end as outcome
    ),
    created as materialized (
      select true as is_new
      from decision
      where outcome = 'created'
    ),
    new_hash as (
      insert into hashes (hash, identifier, motion_identifier, blurhash, bytes)
      select ${hash}::bytea, ${identifier}::text, ${motion}::text, ${blurhash}::text, ${size}::float8::bigint
      from created
      where not exists (select from standing)
    ),
    -- Its row is written also where only details are new to it, so that a removal that has begun before looks again.
    filled_hash as (
      update hashes
      set
        motion_identifier = coalesce(motion_identifier, ${motion}::text),
        blurhash = coalesce(blurhash, ${blurhash}::text),
        bytes = coalesce(bytes, ${size}::float8::bigint)
      where hash = any(array(select hash from standing))
        and exists (select from created)
        and (
          motion_identifier is null and ${motion}::text is not null
          or blurhash is null and ${blurhash}::text is not null
          or bytes is null and ${size}::float8 is not null
          or ${details !== null} and (select true from details where details.identifier = hashes.identifier) is null
        )
    ),
    filled_details as (
      insert into details as stored (identifier, details)
      select coalesce((select identifier from standing), ${identifier}::text), details::json
      from (select ${details}::text as details from created) as given
      where details is not null
      on conflict (identifier) do update
        set details = excluded.details
        where not exists (select from standing)
          and stored.details::text <> excluded.details::text
    ),
    new_alias as (
      insert into aliases (alias, hash, delete_token, owner, expires_at)
      select ${alias}::text, ${hash}::bytea, ${upload.delete_token}::text, ${owner}::text, ${expires_at}::text::timestamptz
      from created
    ),
    new_proxy as (
      insert into proxies (url_sha256, url, alias)
      select sha256(convert_to(${proxy_url}::text, 'UTF8')), ${proxy_url}::text, ${alias}::text
      from created
      where ${proxy_url}::text is not null
    ),
    new_access as (
      insert into alias_accesses (alias, accessed)
      select ${alias}::text, clock_timestamp()
      from created
      where ${proxy_url}::text is not null
    ),
    unwanted as materialized (
      select file.identifier
      from file
      cross join decision
      where outcome in ('alias', 'proxy', 'blocked')
        or outcome in ('created', 'again') and exists (
          select
          from standing
          where file.identifier = ${identifier}
            or motion_identifier is not null
            or outcome = 'again'
        )
    ),
    ${condemnedInVain(sql, options)}
    select
      outcome,
      coalesce((select identifier from standing), ${identifier}) as identifier,
      coalesce((select json_agg(identifier order by identifier) from unneeded), '[]') as unneeded,
      (select count(*) from removed)::integer as condemned,
      (select hash from known) as known_hash,
      (select alias from related) as related_alias,
      ${blockOf(sql, sql`${hash}::bytea`)} as block,
      (select row_to_json(obstacle) from obstacle) as obstacle
    from decision`;
}
