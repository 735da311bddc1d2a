import { column } from '../../database/column.js';
import { runnable } from './part.js';
import { checkHex, MAX_IDENTIFIER, name, text, time, UNKNOWN_TIME } from './values.js';

const MAX_DETAILS = 1024 * 1024;
const MAX_SETTING = 65_536;

interface DetailsItem {
  identifier: string;
  details: string;
  createdAt: string;
  isOrphan: boolean;
}

interface DetailsRow {
  identifier: string | null;
  json: string | null;
  created_at: string | null;
  is_orphan: boolean;
}

export const details = runnable<DetailsRow, DetailsItem>({
  table: 'details',
  batchRows: 250,
  // A text above the limit is cut, so that it takes no memory.
  read: ({ sql }, sample, isAlone) => sql<DetailsRow[]>`
    select
      identifier, left(json::text, ${MAX_DETAILS + 1}) as json, json ->> 'created_at' as created_at,
      ${isAlone ? sql`owner.identifier is null` : sql`true`} as is_orphan
    from details
    ${
      isAlone
        ? sql`
          left join (
            select identifier from hashes
            union
            select motion_identifier from hashes
            union
            select identifier from variants
          ) as owner using (identifier)`
        : sql``
    }
    where ${sample('identifier')}`,
  keyOf: ({ identifier }) => identifier ?? '(null)',
  needs: ({ identifier }) => ({ name: `files ${identifier}` }),
  convert: ({ identifier, json, created_at, is_orphan }) => ({
    identifier: text(identifier, MAX_IDENTIFIER),
    details: text(json, MAX_DETAILS),
    createdAt: time(created_at) ?? UNKNOWN_TIME,
    isOrphan: is_orphan,
  }),
  write: (sql, items, adds) => sql`
    item as materialized (
      select n, identifier, details, created_at::timestamptz as created_at, is_orphan = 1 as is_orphan
      from (
        select
          generate_series(1, ${items.length}::integer) as n,
          unnest(${items.map(({ identifier }) => identifier)}::text[]) collate "C" as identifier,
          unnest(${items.map(({ details }) => details)}::text[]) as details,
          unnest(${items.map(({ createdAt }) => createdAt)}::text[]) as created_at,
          unnest(${items.map(({ isOrphan }) => Number(isOrphan))}::smallint[]) as is_orphan
      ) as sent
    ),
    judged as materialized (
      select
        item.*,
        case
          when known.identifier is not null then
            case when known.details::text = item.details then 'existing' else 'differs' end
          when item.is_orphan
            and (
              select true from files where files.identifier = item.identifier and condemned_at is null
            ) is null
          then 'orphan'
          else 'new'
        end as verdict
      from item
      left join details as known on known.identifier = item.identifier
    ),
    added as (
      insert into details (identifier, details, created_at)
      select identifier, details::json, created_at
      from judged
      where verdict = 'new' and ${adds}
      order by identifier
      on conflict do nothing
      returning identifier
    )`,
});

interface SettingRow {
  key: string | null;
  value: string | null;
}

export const settings = runnable<SettingRow, { key: string; value: string }>({
  table: 'settings',
  batchRows: 250,
  read: ({ sql }, sample) => sql<SettingRow[]>`
    select key, left(value, ${2 * MAX_SETTING + 2}) as value
    from settings
    where ${sample('key')}`,
  keyOf: ({ key }) => key ?? '(null)',
  convert: ({ key, value }) => ({ key: name(key), value: checkHex(value, MAX_SETTING) }),
  write: (sql, items, adds) => sql`
    item as materialized (
      select n, key, decode(value, 'hex') as value
      from (
        select
          generate_series(1, ${items.length}::integer) as n,
          unnest(${items.map(({ key }) => key)}::text[]) collate "C" as key,
          unnest(${items.map(({ value }) => value)}::text[]) as value
      ) as sent
    ),
    judged as materialized (
      select
        item.*,
        case
          when known.key is null then 'new'
          when known.value = item.value then 'existing'
          else 'differs'
        end as verdict
      from item
      left join settings as known on known.key = item.key
    ),
    added as (
      insert into settings (key, value)
      select key, value
      from judged
      where verdict = 'new' and ${adds}
      order by key
      on conflict do nothing
      returning key
    )`,
});

interface MoveRow {
  old_identifier: string | null;
  new_identifier: string | null;
}

export const storeMigrations = runnable<MoveRow, { from: string; to: string | undefined }>({
  table: 'store_migrations',
  read: ({ sql }, sample) => sql<MoveRow[]>`
    select old_identifier, new_identifier
    from store_migrations
    where ${sample('old_identifier')}`,
  keyOf: ({ old_identifier }) => old_identifier ?? '(null)',
  convert: ({ old_identifier, new_identifier }) => ({
    from: text(old_identifier, MAX_IDENTIFIER),
    to: new_identifier === null ? undefined : text(new_identifier, MAX_IDENTIFIER),
  }),
  write: (sql, items, adds) => sql`
    item as materialized (
      select n, old_identifier, nullif(new_identifier, '') as new_identifier
      from (
        select
          generate_series(1, ${items.length}::integer) as n,
          unnest(${items.map(({ from }) => from)}::text[]) collate "C" as old_identifier,
          unnest(${column(items, ({ to }) => to, '')}::text[]) collate "C" as new_identifier
      ) as sent
    ),
    judged as materialized (
      select
        item.*,
        case
          when known.old_identifier is null then 'new'
          when known.new_identifier is not distinct from item.new_identifier then 'existing'
          else 'differs'
        end as verdict
      from item
      left join store_migrations as known on known.old_identifier = item.old_identifier
    ),
    added as (
      -- pict-rs does not store when a file was marked.
      insert into store_migrations (old_identifier, new_identifier, marked_at)
      select old_identifier, new_identifier, '1970-01-01Z'
      from judged
      where verdict = 'new' and ${adds}
      order by old_identifier
      on conflict do nothing
      returning old_identifier
    )`,
});
