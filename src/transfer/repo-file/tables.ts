import type { ISql } from 'postgres';

/** A table of an export. Its columns are read from the database. */
export interface Table {
  name: string;
  /** The primary key, which orders the rows. */
  key: string[];
  /** A condition on the rows that are exported; all by default. */
  where?: string;
  /** Whether rows may have a megabyte, so that few are read at once. */
  isLarge?: boolean;
  /** What each row belongs to. */
  parent?: Parent;
  /** The columns with files, which have one owner each. */
  files?: string[];
}

/** A member that is added to rows whose parent was left behind: the hash of the parent's content. */
export const LEFT_PARENT = 'left_parent';

interface Parent {
  name: string;
  /** The columns that name its key. */
  columns: string[];
  /** Whether a row may be without its parent, as long as the parent was not left behind. */
  isOptional?: boolean;
  /** A condition on the row `parent` of the target that takes the place of one that was left behind. */
  stands: string;
}

const OF_HASH = { name: 'hashes', columns: ['hash'], stands: 'parent.doomed_at is null' };
/** An alias of another content has the same name by chance. */
const OF_ALIAS = {
  name: 'aliases',
  columns: ['alias'],
  stands: `encode(parent.hash, 'hex') = item.${LEFT_PARENT}`,
};
const OF_FILE = { name: 'files', columns: ['identifier'], stands: 'parent.condemned_at is null' };

/** The exported tables, parents before children. A new table needs an entry here or in LEFT_OUT. */
export const TABLES: Table[] = [
  { name: 'settings', key: ['key'], isLarge: true },
  { name: 'store_migrations', key: ['old_identifier'] },
  // Triggers make the rows of all other files when hashes and variants are imported.
  { name: 'files', key: ['identifier'], where: 'files.condemned_at is not null or files.is_shared' },
  { name: 'hashes', key: ['hash'], files: ['identifier', 'motion_identifier'] },
  { name: 'variants', key: ['hash', 'variant'], parent: OF_HASH, files: ['identifier'] },
  { name: 'aliases', key: ['alias'], parent: OF_HASH },
  { name: 'proxies', key: ['url_sha256'], parent: OF_ALIAS },
  { name: 'alias_accesses', key: ['alias'], parent: OF_ALIAS },
  {
    name: 'variant_accesses',
    key: ['hash', 'variant'],
    parent: { name: 'variants', columns: ['hash', 'variant'], stands: 'true' },
  },
  { name: 'details', key: ['identifier'], isLarge: true, parent: { ...OF_FILE, isOptional: true } },
  { name: 'blocked_hashes', key: ['digest'] },
  { name: 'variant_claims', key: ['hash', 'variant'], parent: OF_HASH },
  { name: 'uploads', key: ['id'], parent: { ...OF_ALIAS, isOptional: true } },
  { name: 'paused_queues', key: ['queue'] },
  { name: 'job_ids', key: ['id'] },
  { name: 'dead_jobs', key: ['id'], isLarge: true },
  { name: 'jobs', key: ['id'], isLarge: true },
];

/** The tables that are not exported, with the reason. */
export const LEFT_OUT: Record<string, string> = {
  completed_jobs: 'what is kept of completed jobs for a while, which nothing depends on',
  completed_jobs_0: 'part of completed_jobs',
  completed_jobs_1: 'part of completed_jobs',
  completed_jobs_2: 'part of completed_jobs',
  completed_jobs_3: 'part of completed_jobs',
  files_taken_in: 'how far the files of an older database are taken in; an export waits for the end of that',
  lease_tokens: 'when leases of a former version end, which is minutes after an upgrade',
  lease_watch: 'when replicas last reached this database',
};

export interface Column {
  name: string;
  /** The declared type, which may be a domain. */
  type: string;
  /** The type below a domain. */
  base: string;
  isIdentity: boolean;
}

/** The columns of the existing tables, by table: first the key, then the others in their order. */
export async function readColumns(sql: ISql): Promise<Map<string, Column[]>> {
  const rows = await sql<(Column & { table: string })[]>`
    select
      asked.name as table, attname as name, format_type(atttypid, null) as type,
      format_type(coalesce(nullif(typbasetype, 0), atttypid), null) as base, attidentity <> '' as "isIdentity"
    from unnest(${TABLES.map(({ name }) => name)}::text[]) as asked (name)
    join pg_attribute on attrelid = to_regclass(asked.name)
    join pg_type on pg_type.oid = atttypid
    where attnum > 0
      and not attisdropped
      and attgenerated = ''
    order by attname collate "C"`;
  const columns = new Map<string, Column[]>();
  for (const { name, key } of TABLES) {
    const own = rows.filter(({ table }) => table === name);
    if (own.length === 0) continue;
    const isKey = (column: Column): boolean => key.includes(column.name);
    columns.set(
      name,
      [...own.filter(isKey), ...own.filter((column) => !isKey(column))].map(
        ({ table: _, ...column }) => column,
      ),
    );
  }
  return columns;
}

/** Types whose values are the same in JSON. */
const PLAIN = ['text', 'uuid', 'boolean', 'smallint', 'integer', 'bigint'];

/** An expression: the exported value of a column, independent of settings of the session. */
export function exportedValue({ name, base }: Column): string {
  const column = `"${name}"`;
  if (PLAIN.includes(base)) return column;
  if (base === 'bytea') return `encode(${column}, 'hex')`;
  if (base === 'timestamp with time zone') {
    const utc = `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
    return `case when isfinite(${column}) then ${utc} else ${column}::text end`;
  }
  return `${column}::text`;
}

/** An expression: the value of a column from its exported text in `sent`. */
export function importedValue({ name, type, base }: Column): string {
  return base === 'bytea' ? `decode(sent."${name}", 'hex')` : `sent."${name}"::${type}`;
}
