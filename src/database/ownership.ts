import type { TransactionSql } from 'postgres';

/** Why the database cannot be used as it is; the message is for the operator. */
export class MigrationError extends Error {}

/** The tables that all migrations together make. */
export const TABLES = [
  'alias_accesses',
  'aliases',
  'dead_jobs',
  'details',
  'hashes',
  'job_ids',
  'jobs',
  'lease_tokens',
  'paused_queues',
  'proxies',
  'settings',
  'store_migrations',
  'variant_accesses',
  'variants',
];

/** The table of the migration tool, whose name TypeORM, Laravel and others use too, with other columns. */
const BOOKKEEPING = 'migrations';

interface Home {
  /** Quoted where it has to be. */
  schema: string;
  /** The migrations that were applied, in their order; undefined where there is no bookkeeping. */
  applied: string[] | undefined;
}

/**
 * Which schema is ours: of those that the search_path names the first with our bookkeeping, else the first of all,
 * which then must hold nothing of another program's. The tables are never made anew beside those in another schema,
 * as where the search_path was changed.
 *
 * @param first name of the first migration, by which our bookkeeping is known from that of others
 * @throws MigrationError where nothing may be made here
 */
export async function findHome(sql: TransactionSql, first: string): Promise<Home> {
  const schemas = await readSchemas(sql);
  const path = schemas.filter(({ place }) => place !== null);
  const ours: Home[] = [];
  const elsewhere: Home[] = [];
  for (const { schema, place, columns } of schemas) {
    if (!isBookkeeping(columns)) continue;
    const applied = await readApplied(sql, schema);
    if (applied.includes(first)) (place === null ? elsewhere : ours).push({ schema, applied });
  }
  const [own] = ours;
  if (own) return own;
  const [target] = path;
  const [other, ...more] = elsewhere;
  // A path that leads nowhere means no other place.
  if (other && !target && more.length === 0) return other;
  if (other) {
    throw new MigrationError(
      `The tables of pict-repo are in the schema ${elsewhere.map(({ schema }) => schema).join(' and in ')}, ` +
        `and search_path leads to ${target?.schema ?? 'no schema'}. Nothing was made. Set search_path for the ` +
        'role, or give the role of another pict-repo no access to that schema.',
    );
  }
  if (!target) throw new MigrationError('search_path leads to no schema. Set it for the role, as to public.');
  const applied =
    target.columns && isBookkeeping(target.columns) ? await readApplied(sql, target.schema) : undefined;
  refuseForeign(target, applied);
  return { schema: target.schema, applied };
}

interface Schema {
  schema: string;
  /** Where search_path names it; null where it does not. */
  place: number | null;
  /** Of its table `migrations`; null where there is none, or it may not be read. */
  columns: string[] | null;
  /** Those of our names that are taken. */
  taken: string[];
}

function readSchemas(sql: TransactionSql): Promise<Schema[]> {
  return sql<Schema[]>`
    select
      quote_ident(nspname) as schema,
      array_position(current_schemas(false), nspname) as place,
      (
        select json_agg(attname order by attnum)
        from pg_attribute
        join pg_class on pg_class.oid = attrelid
        where relnamespace = pg_namespace.oid
          and relname = ${BOOKKEEPING}
          and relkind in ('r', 'p')
          and has_table_privilege(pg_class.oid, 'select')
          and attnum > 0
          and not attisdropped
      ) as columns,
      (
        select coalesce(json_agg(relname order by relname), '[]')
        from pg_class
        where relnamespace = pg_namespace.oid
          and relname = any(${[BOOKKEEPING, ...TABLES]}::text[])
      ) as taken
    from pg_namespace
    where has_schema_privilege(oid, 'usage')
      and nspname !~ '^pg_'
      and nspname <> 'information_schema'
    order by place`;
}

function isBookkeeping(columns: string[] | null): boolean {
  return columns !== null && columns.join() === 'id,name,created_at';
}

async function readApplied(sql: TransactionSql, schema: string): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select name
    from ${sql.unsafe(schema)}.${sql(BOOKKEEPING)}
    order by id`;
  return rows.map(({ name }) => name);
}

/** Whether names stand there that we did not make, or ours without their bookkeeping. */
function refuseForeign({ schema, columns, taken }: Schema, applied: string[] | undefined): void {
  const tables = taken.filter((name) => name !== BOOKKEEPING);
  const isEmpty = applied?.length === 0 || !taken.includes(BOOKKEEPING);
  if (tables.length === TABLES.length && isEmpty) {
    throw new MigrationError(
      `The schema ${schema} holds the tables of pict-repo, but not the names of their migrations, which stand in ` +
        `its table ${BOOKKEEPING}: restore that table too. Nothing was changed.`,
    );
  }
  if (isEmpty && tables.length === 0) return;
  const found = isEmpty
    ? `${tables.length > 1 ? 'the tables' : 'a table'} ${tables.join(', ')}`
    : `a table ${BOOKKEEPING} ${
        applied
          ? `whose first row is ${applied[0]}`
          : `with the columns ${columns?.join(', ') ?? '(which may not be read)'}`
      }`;
  throw new MigrationError(
    `This database belongs to another program: its schema ${schema} holds ${found}. Nothing was made. Give ` +
      'pict-repo a database of its own, or a schema, by search_path of its role.',
  );
}

/** @throws MigrationError where tables are missing that the bookkeeping says were made */
export async function assertWhole(sql: TransactionSql, schema: string): Promise<void> {
  const missing = await sql<{ name: string }[]>`
    select name
    from unnest(${TABLES}::text[]) as asked (name)
    where to_regclass(${schema}::text || '.' || name) is null
    order by name`;
  if (missing.length === 0) return;
  throw new MigrationError(
    `The database is half-made: all migrations were applied in the schema ${schema}, and there is no table ` +
      `${missing.map(({ name }) => name).join(', ')}. Restore a backup. Nothing was changed.`,
  );
}
