import { Coalescer } from '../../database/coalescer.js';
import { column } from '../../database/column.js';
import type { Database, Fragment, Sql } from '../../database/database.js';
import { padding } from '../../database/driver/padding.js';
import { isLockTimeout } from '../../database/errors.js';
import { type LockTimeout, withinLockTimeout } from '../../database/lock-timeout.js';
import { RECORD_SEPARATOR } from '../../database/record-separator.js';
import { Problem } from '../../problems.js';
import { isAllowed } from '../blocked.js';
import { isFree } from '../file-owner.js';
import { type Committed, UPLOAD_CONFLICTS, type Upload } from './upload.js';

/**
 * Commits uploads of which everything is new: content, files, alias and URL. Most uploads are, so concurrent ones share
 * a statement and its commit. Returns undefined for the others, which must be committed alone.
 */
export function newUploads(db: Database): (upload: Upload) => Promise<Committed | undefined> {
  const commits = new Coalescer<Upload, boolean>({
    run: async (uploads, lockTimeout) => {
      const distinct = withoutRivals(uploads);
      const committed = new Set<Upload | undefined>();
      try {
        const rows = await db.run((sql) => statement(sql, distinct, lockTimeout), {
          conflicts: UPLOAD_CONFLICTS,
        });
        for (const { n } of rows) committed.add(distinct[n - 1]);
      } catch (error) {
        const isContended = error instanceof Problem && error.code === 'contended';
        if (!isContended || isLockTimeout(error)) throw error;
        // Other processes kept committing the same rows. Each upload is then committed alone.
      }
      return uploads.map((upload) => committed.has(upload));
    },
    lockOf: ({ hash }) => hash,
    sizeOf: ({ identifier, details = '', proxy_url = '' }) =>
      identifier.length + details.length + proxy_url.length,
  });
  return async (upload) => {
    const { alias, hash, identifier } = upload;
    return (await commits.call(upload))
      ? { created: true, record: { alias, hash, identifier, content: 'created', unneeded: [] } }
      : undefined;
  };
}

/**
 * Keeps the first of several uploads that have a hash, file, alias or URL in common: one statement cannot take both.
 */
function withoutRivals(uploads: Upload[]): Upload[] {
  const taken = new Set<string>();
  return uploads.filter(({ alias, hash, identifier, motion_identifier, proxy_url }) => {
    const files = motion_identifier === undefined ? [identifier] : [identifier, motion_identifier];
    const urls = proxy_url === undefined ? [] : [`url ${proxy_url}`];
    const keys = [`alias ${alias}`, `hash ${hash}`, ...files.map((file) => `file ${file}`), ...urls];
    if (keys.some((key) => taken.has(key))) return false;
    for (const key of keys) taken.add(key);
    return true;
  });
}

/** Inserts uploads, each table in the order of its key. The statement fails if any row exists already. */
function statement(sql: Sql, uploads: Upload[], lockTimeout: LockTimeout) {
  const text = (read: (upload: Upload) => string | null | undefined): Fragment =>
    sql`nullif(unnest(${column(uploads, read, '')}::text[]), '')`;
  const details = uploads.map((upload) => upload.details ?? '').join(RECORD_SEPARATOR);
  return sql<{ n: number }[]>`
    with ${padding(sql)},
    asked as materialized (
      select
        generate_series(1, ${uploads.length}::integer) as n,
        unnest(${uploads.map(({ alias }) => alias)}::text[]) as alias,
        decode(unnest(${uploads.map(({ hash }) => hash)}::text[]), 'hex') as hash,
        unnest(${uploads.map(({ identifier }) => identifier)}::text[]) as identifier,
        unnest(${uploads.map(({ delete_token }) => delete_token)}::text[]) as delete_token,
        nullif(unnest(string_to_array(${details}, ${RECORD_SEPARATOR})), '') as details,
        nullif(unnest(${column(uploads, ({ bytes }) => bytes, -1)}::float8[]), -1)::bigint as bytes,
        ${text(({ motion_identifier }) => motion_identifier)} as motion_identifier,
        ${text(({ blurhash }) => blurhash)} as blurhash,
        ${text(({ owner }) => owner)} as owner,
        ${text(({ expires_at }) => expires_at)}::timestamptz as expires_at,
        ${text(({ proxy_url }) => proxy_url)} as proxy_url
    ),
    new as materialized (
      select *, sha256(convert_to(proxy_url, 'UTF8')) as url_sha256
      from asked
      where ${withinLockTimeout(sql, lockTimeout)}
        and (select true from aliases where alias = asked.alias) is null
        and (select true from hashes where hash = asked.hash) is null
        and ${isFree(sql)}
        and ${isAllowed(sql, sql`asked.hash`)}
        and (
          motion_identifier is null
          or (select ${isFree(sql)} from (select motion_identifier as identifier) as asked)
        )
        and (
          proxy_url is null
          or (select true from proxies where url_sha256 = sha256(convert_to(asked.proxy_url, 'UTF8'))) is null
        )
        and (expires_at is null or expires_at > clock_timestamp())
    ),
    new_hashes as (
      insert into hashes (hash, identifier, motion_identifier, blurhash, bytes)
      select hash, identifier, motion_identifier, blurhash, bytes
      from new
      order by hash
    ),
    new_details as (
      insert into details (identifier, details)
      select identifier, details::json
      from new
      where details is not null
      order by identifier collate "C"
      on conflict (identifier) do update
        set details = excluded.details
        where details.details::text <> excluded.details::text
    ),
    new_aliases as (
      insert into aliases (alias, hash, delete_token, owner, expires_at)
      select alias, hash, delete_token, owner, expires_at
      from new
      order by alias collate "C"
    ),
    new_proxies as (
      insert into proxies (url_sha256, url, alias)
      select url_sha256, proxy_url, alias
      from new
      where proxy_url is not null
      order by url_sha256
    ),
    new_accesses as (
      insert into alias_accesses (alias, accessed)
      select alias, clock_timestamp()
      from new
      where proxy_url is not null
      order by alias collate "C"
    )
    select n
    from new`;
}
