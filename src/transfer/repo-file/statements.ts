import type { Database, Fragment, Sql } from '../../database/database.js';
import { whyNotUsable } from '../file-state.js';
import { type Column, importedValue, LEFT_PARENT, readColumns, TABLES, type Table } from './tables.js';

export async function readTargetColumns(db: Database): Promise<Map<string, Column[]>> {
  let columns = new Map<string, Column[]>();
  await db.run(async (sql) => {
    columns = await readColumns(sql);
    return [];
  });
  return columns;
}

/** The CTE `item`: rows of JSON converted to rows of a table, with their numbers. */
function itemsOf(sql: Sql, columns: Column[], rows: string[]): Fragment {
  const sent = [...columns.map(({ name }) => name), LEFT_PARENT];
  const texts = sent.map((name) => `"${name}" text`).join(', ');
  const names = sent.map((name) => `"${name}"`).join(', ');
  const values = columns.map((column) => `${importedValue(column)} as "${column.name}"`).join(', ');
  return sql`
    item as materialized (
      select n, ${sql.unsafe(LEFT_PARENT)}, ${sql.unsafe(values)}
      from rows from (
        json_to_recordset(${`[${rows.join()}]`}::text::json) as (${sql.unsafe(texts)})
      ) with ordinality as sent (${sql.unsafe(names)}, n)
    )`;
}

/**
 * The CTE `judged`: an item is new, or equals the stored row, or differs from it, or cannot be added for the reason
 * that is its verdict.
 */
function judgedOf(sql: Sql, batch: Rows): Fragment {
  const { columns } = batch;
  const { name, key } = batch.table;
  const isKey = key.map((name) => `known."${name}" = item."${name}"`).join(' and ');
  const isSame = columns.map(({ name, base }) => {
    // The type json has no equality operator.
    const cast = base.startsWith('json') ? '::text' : '';
    return `known."${name}"${cast} is not distinct from item."${name}"${cast}`;
  });
  return sql`
    judged as materialized (
      select
        item.*,
        case
          when num_nulls(${sql.unsafe(key.map((name) => `item."${name}"`).join(', '))}) > 0 then 'null'
          when known.${sql(key[0] ?? '')} is null then coalesce(${[...(batch.isTried ? [] : obstacles(sql, batch)), sql`'new'`]})
          when ${sql.unsafe(isSame.join(' and '))} then 'existing'
          else 'differs'
        end as verdict
      from item
      left join ${sql(name)} as known on ${sql.unsafe(isKey)}
    )`;
}

/** Expressions, each with a comma behind it: why a new row cannot be added. */
function obstacles(sql: Sql, { table, shared, adds }: Rows): Fragment[] {
  const { name, parent, files = [] } = table;
  const found = files.map((column) => {
    const file = sql`item.${sql(column)}`;
    // The owners of a shared file have it in different roles.
    return sql`
      case
        when ${file} not in (${identifiersOf(sql, shared)}) then ${whyNotUsable(sql, file)}
        when ${whyNotUsable(sql, file)} = 'identifier_condemned' then 'identifier_condemned'
        else (select 'identifier_used' from ${sql(name)} as other where other.${sql(column)} = ${file} limit 1)
      end,`;
  });
  if (parent) {
    const key = TABLES.find((table) => table.name === parent.name)?.key ?? [];
    const isParent = key.map((column, n) => `parent."${column}" = item."${parent.columns[n]}"`).join(' and ');
    // A dry run has not added the parents, so it knows only of those that were left behind.
    const isNeeded = adds && !parent.isOptional;
    found.push(sql`
      case
        when (${isNeeded} or item.${sql(LEFT_PARENT)} is not null)
          and (
            select true
            from ${sql(parent.name)} as parent
            where ${sql.unsafe(isParent)} and (item.${sql(LEFT_PARENT)} is null or ${sql.unsafe(parent.stands)})
          ) is null
        then 'orphan'
      end,`);
  }
  if (name === 'jobs') {
    found.push(sql`
      case
        when (select true from jobs where jobs.queue = item.queue and jobs.unique_key = item.unique_key)
        then 'unique_key_used'
      end,`);
  }
  return found;
}

/** A query of the files of rows of `files`. */
function identifiersOf(sql: Sql, files: string[]): Fragment {
  return sql`select sent ->> 'identifier' from json_array_elements(${`[${files.join()}]`}::text::json) as sent`;
}

interface Rows {
  table: Table;
  columns: Column[];
  /** Rows as JSON objects. */
  rows: string[];
  /** Rows of files that have several owners. */
  shared: string[];
  adds: boolean;
  /** Whether rows are added without looking for what stands in their way. The database then refuses them all. */
  isTried?: boolean;
}

/** The CTEs that insert rows. */
export function rowsOf(sql: Sql, batch: Rows): Fragment {
  const { columns, rows, shared, adds } = batch;
  const { name: table, key } = batch.table;
  const names = sql.unsafe(columns.map(({ name }) => `"${name}"`).join(', '));
  const order = sql.unsafe(key.map((name) => `"${name}"`).join(', '));
  const hasFiles = (table === 'hashes' || table === 'variants') && shared.length > 0 && adds;
  return sql`
    ${itemsOf(sql, columns, rows)},
    ${judgedOf(sql, batch)},
    ${hasFiles ? forgotten(sql, table, shared) : sql``}
    added as (
      insert into ${sql(table)} (${names})
      overriding system value
      select ${names}
      from judged
      where verdict = 'new' and ${adds}
      order by ${order}
      returning true
    )`;
}

/**
 * A piece of SQL that removes rows of shared files from `files` first. Otherwise the trigger that sets owners would
 * refuse the second owner.
 */
function forgotten(sql: Sql, table: string, shared: string[]): Fragment {
  const files =
    table === 'hashes'
      ? sql`select unnest(array[identifier, motion_identifier]) from judged where verdict = 'new'`
      : sql`select identifier from judged where verdict = 'new'`;
  return sql`
    forgotten as (
      delete from files
      where identifier in (${identifiersOf(sql, shared)})
        and identifier in (${files})
    ),`;
}

/** The CTEs that mark files as shared, once all of their owners are stored. */
export function markShared(sql: Sql, columns: Column[], rows: string[], adds: boolean): Fragment {
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const changes = columns.map(({ name }) => `"${name}" = excluded."${name}"`).join(', ');
  return sql`
    ${itemsOf(sql, columns, rows)},
    judged as materialized (
      select
        item.*,
        case
          when known.is_shared then 'existing'
          -- All of its owners were left behind.
          when (select true from hashes where hashes.identifier = item.identifier limit 1) is null
            and (select true from hashes where hashes.motion_identifier = item.identifier limit 1) is null
            and (select true from variants where variants.identifier = item.identifier limit 1) is null
          then 'orphan'
          else 'new'
        end as verdict
      from item
      left join files as known using (identifier)
    ),
    added as (
      insert into files (${sql.unsafe(names)})
      select ${sql.unsafe(names)}
      from judged
      where verdict = 'new' and ${adds}
      order by identifier
      on conflict (identifier) do update set ${sql.unsafe(changes)}
      returning true
    )`;
}

/** Moves sequences behind the imported rows, so that later rows get higher numbers. */
export async function continueSequences(db: Database, columns: Map<string, Column[]>): Promise<void> {
  for (const [table, own] of columns) {
    for (const { name } of own.filter(({ isIdentity }) => isIdentity)) {
      await db.run(
        (sql) => sql`
          select setval(sequence, greatest(last, coalesce(pg_sequence_last_value(sequence), 1)))
          from (
            select pg_get_serial_sequence(${table}, ${name})::regclass as sequence, max(${sql(name)}) as last
            from ${sql(table)}
          ) as numbered
          where last is not null`,
      );
    }
  }
}
