import type { Database, Sql } from '../../database/database.js';
import { conflict, Problem } from '../../problems.js';
import { type Block, blockOf, hashBlocked } from '../blocked.js';
import { hashBeingRemoved, isLive, isOfLiveHash } from '../doomed.js';
import { whyNotFree } from '../file-owner.js';
import { identifierCondemned, identifierUsed } from '../hashes/refusals.js';
import { bytes, sha256 } from '../values.js';
import { condemnedUnneeded } from './condemn-unneeded.js';
import type { RemovalOptions } from './removal.js';
import type { Remover } from './remover.js';
import { type Committed, UPLOAD_CONFLICTS, type Upload } from './upload.js';

/**
 * The outcome of an upload:
 * - `created`: the alias is new. The content may be new, or may have existed.
 * - `repeated`: the alias existed already, with this content and token.
 * - `other_alias`: the alias exists with another content or token.
 * - `other_url`: the URL is related to another alias.
 * - `blocked`: nobody may upload the content.
 * - `doomed`: the content is being removed, or the existing alias or URL belongs to a content that is being removed.
 * - `expired`: the expiry of the alias is in the past.
 * - `taken`, `condemned`: one of the files has another owner, or is condemned.
 * - null: the content was removed while the statement waited for its lock. Run the statement again.
 */
interface CommitRow {
  outcome:
    | 'created'
    | 'repeated'
    | 'blocked'
    | 'other_alias'
    | 'other_url'
    | 'doomed'
    | 'expired'
    | 'taken'
    | 'condemned'
    | null;
  /** The file of the content. */
  identifier: string;
  /** Uploaded files that nobody needs, and how many of them this statement condemned. */
  unneeded: string[];
  condemned: number;
  /** The hash of the existing alias, and the alias to which the URL is related. */
  known_hash: string | null;
  related_alias: string | null;
  /** Why the content is blocked. */
  block: Block | null;
  /** The file that was refused, with its owner. */
  obstacle: { identifier: string; hash: string; variant: string } | null;
}

/** Commits one upload, of which parts may exist already. */
export function uploadCommits(db: Database, remover: Remover) {
  return async (upload: Upload, queue: string | undefined): Promise<Committed> => {
    const { alias, hash } = upload;
    const [row] = await db.run(
      (sql) => commitStatement(sql, upload, remover.optionsFor(sql, { enqueue: queue })),
      { conflicts: UPLOAD_CONFLICTS, retryIf: ([row]) => row?.outcome === null },
    );
    if (!row) throw new Error('A commit returns one row.');
    remover.pushed({ enqueue: queue }, row.condemned);
    const { outcome, identifier, unneeded } = row;
    if (outcome !== 'created' && outcome !== 'repeated') throw refusalOf(upload, row);
    const content = identifier === upload.identifier ? 'created' : 'standing';
    return { created: outcome === 'created', record: { alias, hash, identifier, content, unneeded } };
  };
}

/**
 * Keeps existing values and fills in missing ones; condemns files that are not needed. It locks the content, so that a
 * concurrent release of the last alias happens before or after it.
 */
function commitStatement(sql: Sql, upload: Upload, options: RemovalOptions) {
  const { alias, identifier, owner = null, expires_at = null } = upload;
  const { details = null, blurhash = null, proxy_url = null } = upload;
  const hash = bytes(upload.hash);
  const motion = upload.motion_identifier ?? null;
  const size = upload.bytes ?? null;
  const tokenSha256 = sha256(upload.delete_token);
  return sql<CommitRow[]>`
    with known as materialized (
      select
        encode(hash, 'hex') as hash,
        hash = ${hash} and sha256(convert_to(delete_token, 'UTF8')) = ${tokenSha256} as is_same,
        ${isLive(sql, sql`aliases.hash`)} as is_live
      from aliases
      where alias = ${alias}
    ),
    existing as materialized (
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
      where not exists (select from existing where existing.identifier = ${identifier})
      union all
      select ${motion}::text
      where ${motion}::text is not null
        and not exists (select from existing where motion_identifier = ${motion}::text)
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
          when exists (select from existing where doomed_at is not null)
            or exists (select from known where not is_live)
            or exists (select from related where not is_live) then 'doomed'
          when exists (select from known where not is_same) then 'other_alias'
          when exists (select from related) then 'other_url'
          when not exists (select from existing) and exists (select from hashes where hash = ${hash}) then null
          when exists (select from known) then 'repeated'
          when ${expires_at}::text::timestamptz <= clock_timestamp() then 'expired'
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
      where not exists (select from existing)
    ),
    -- The row is written even if only details are added: its new version tells a concurrent removal to look again.
    filled_hash as (
      update hashes
      set
        motion_identifier = coalesce(motion_identifier, ${motion}::text),
        blurhash = coalesce(blurhash, ${blurhash}::text),
        bytes = coalesce(bytes, ${size}::float8::bigint)
      where hash = any(array(select hash from existing))
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
      select coalesce((select identifier from existing), ${identifier}::text), details::json
      from (select ${details}::text as details from created) as given
      where details is not null
      on conflict (identifier) do update
        set details = excluded.details
        where not exists (select from existing)
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
      where outcome in ('other_alias', 'other_url', 'blocked')
        or outcome in ('created', 'repeated') and exists (
          select
          from existing
          where file.identifier = ${identifier}
            or motion_identifier is not null
            or outcome = 'repeated'
        )
    ),
    ${condemnedUnneeded(sql, options)}
    select
      outcome,
      coalesce((select identifier from existing), ${identifier}) as identifier,
      coalesce((select json_agg(identifier order by identifier) from unneeded), '[]') as unneeded,
      (select count(*) from removed)::integer as condemned,
      (select hash from known) as known_hash,
      (select alias from related) as related_alias,
      ${blockOf(sql, sql`${hash}::bytea`)} as block,
      (select row_to_json(obstacle) from obstacle) as obstacle
    from decision`;
}

function refusalOf({ alias, hash, expires_at }: Upload, row: CommitRow): Problem {
  const { outcome, unneeded, known_hash, related_alias, obstacle, block } = row;
  if (block) return hashBlocked(hash, block, unneeded);
  if (outcome === 'other_alias') {
    const detail = `"${alias}" already exists with another hash or token.`;
    return conflict('alias_already_exists', detail, { alias, hash: known_hash ?? hash }, { unneeded });
  }
  if (outcome === 'other_url') {
    const detail = `The URL is related to "${related_alias}".`;
    return conflict('proxy_already_exists', detail, { alias: related_alias }, { unneeded });
  }
  if (outcome === 'expired') {
    const reason = 'must be in the future';
    const errors = [{ path: '/body/expires_at', reason }];
    return new Problem('invalid_request', `/body/expires_at ${reason} (it is ${expires_at}).`, { errors });
  }
  if (outcome === 'doomed') return hashBeingRemoved();
  const { identifier = '', ...holder } = obstacle ?? { hash };
  return outcome === 'condemned' ? identifierCondemned(identifier) : identifierUsed(identifier, holder);
}
