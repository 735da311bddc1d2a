import { column } from '../../database/column.js';
import { aliasOf } from './names.js';
import { runnable } from './part.js';
import { utc } from './source.js';
import { contentOf, MAX_NAME, name, repairedUuid, text, time, UNKNOWN_TIME } from './values.js';

const MAX_MESSAGE = 16_384;
/**
 * The age up to which unclaimed uploads are imported. The client of an older one has gone, and nobody knows its alias.
 */
const HOURS = 24;

interface UploadItem {
  id: string;
  createdAt: string;
  /** The alias and its token, or the message and the code of a failure. */
  alias: string | undefined;
  content: string | undefined;
  token: string | undefined;
  message: string | undefined;
  code: string | undefined;
  isOrphan: boolean;
}

interface UploadRow {
  id: string;
  created_at: string | null;
  alias: string | null;
  hash: string | null;
  token: string | null;
  message: string | null;
  code: string | null;
  is_success: boolean;
  is_orphan: boolean;
}

/**
 * Uploads of the last day that have a result but no claimer. Pending ones belong to a running pict-rs. Older ones would
 * expire here, which releases their aliases; pict-rs keeps these.
 */
export const uploads = runnable<UploadRow, UploadItem>({
  table: 'uploads',
  where: (sql) => sql`
    result is not null and created_at > now() at time zone 'UTC' - ${HOURS} * interval '1 hour'`,
  read: ({ sql }, sample, isAlone) => sql<UploadRow[]>`
    select
      id::text, ${utc(sql, 'created_at')} as created_at,
      result -> 'Success' ->> 'alias' as alias, result -> 'Success' ->> 'token' as token,
      result -> 'Failure' ->> 'message' as message, result -> 'Failure' ->> 'code' as code,
      result ? 'Success' as is_success,
      (select hash from aliases where aliases.alias = result -> 'Success' ->> 'alias') as hash,
      ${
        isAlone
          ? sql`not exists (select from aliases where aliases.alias = result -> 'Success' ->> 'alias')`
          : sql`true`
      } as is_orphan
    from uploads
    where ${sample('id')}`,
  keyOf: ({ id }) => id,
  needs: ({ alias, hash }) => ({ name: aliasOf(alias), content: contentOf(hash) }),
  convert: ({ id, created_at, alias, hash, token, message, code, is_success, is_orphan }) => {
    const createdAt = time(created_at) ?? UNKNOWN_TIME;
    if (!is_success) {
      const failure = { message: text(message, MAX_MESSAGE), code: text(code ?? 'unknown', MAX_NAME) };
      const none = { alias: undefined, content: undefined, token: undefined };
      return { id, createdAt, ...none, ...failure, isOrphan: false };
    }
    const given = text(alias, MAX_NAME);
    const secret = text(token, MAX_NAME);
    const success = {
      alias: repairedUuid(given) ?? name(alias),
      content: contentOf(hash),
      token: repairedUuid(secret) ?? secret,
    };
    return { id, createdAt, ...success, message: undefined, code: undefined, isOrphan: is_orphan };
  },
  write: (sql, items, adds) => sql`
    item as materialized (
      select
        n, id, created_at::timestamptz as created_at, nullif(alias, '') as alias,
        decode(nullif(content, ''), 'hex') as content, nullif(delete_token, '') as delete_token,
        nullif(message, '') as message, nullif(code, '') as code, is_orphan = 1 as is_orphan
      from (
        select
          generate_series(1, ${items.length}::integer) as n,
          unnest(${items.map(({ id }) => id)}::uuid[]) as id,
          unnest(${items.map(({ createdAt }) => createdAt)}::text[]) as created_at,
          unnest(${column(items, ({ alias }) => alias, '')}::text[]) collate "C" as alias,
          unnest(${column(items, ({ content }) => content, '')}::text[]) as content,
          unnest(${column(items, ({ token }) => token, '')}::text[]) collate "C" as delete_token,
          unnest(${column(items, ({ message }) => message, '')}::text[]) as message,
          unnest(${column(items, ({ code }) => code, '')}::text[]) collate "C" as code,
          unnest(${items.map(({ isOrphan }) => Number(isOrphan))}::smallint[]) as is_orphan
      ) as sent
    ),
    judged as materialized (
      select
        item.*,
        case
          when known.id is not null then
            case
              when (known.alias, known.delete_token, known.message, known.code)
                is not distinct from (item.alias, item.delete_token, item.message, item.code)
              then 'existing'
              else 'differs'
            end
          when item.is_orphan and (select true from aliases where aliases.alias = item.alias) is null then 'orphan'
          -- The alias was left behind, because one of another content has its name here.
          when (select hash <> item.content from aliases where aliases.alias = item.alias) then 'orphan'
          else 'new'
        end as verdict
      from item
      left join uploads as known on known.id = item.id
    ),
    added as (
      insert into uploads (id, created_at, expires_at, alias, delete_token, message, code, completed_at)
      select
        id, created_at, clock_timestamp() + ${HOURS} * interval '1 hour', alias, delete_token, message, code, created_at
      from judged
      where verdict = 'new' and ${adds}
      order by id
      on conflict do nothing
      returning id
    )`,
});
