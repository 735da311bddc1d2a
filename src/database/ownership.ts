import type { Sql } from './database.js';
import { quotedSchema } from './schema-name.js';

/** Why the database cannot be used as it is; the message is for the operator. */
export class MigrationError extends Error {}

/** The tables that exist after all migrations. */
export const TABLES = [
  'alias_accesses',
  'aliases',
  'blocked_hashes',
  'completed_jobs',
  'completed_jobs_0',
  'completed_jobs_1',
  'completed_jobs_2',
  'completed_jobs_3',
  'dead_jobs',
  'details',
  'files',
  'files_taken_in',
  'hashes',
  'job_ids',
  'jobs',
  'lease_tokens',
  'lease_watch',
  'paused_queues',
  'proxies',
  'settings',
  'store_migrations',
  'uploads',
  'variant_accesses',
  'variant_claims',
  'variants',
];

/** The table of the applied migrations. TypeORM, Laravel and others use the same name, with other columns. */
const MIGRATIONS_TABLE = 'migrations';

/** The schema where the tables are, or will be. */
interface Installation {
  /** Quoted if necessary. */
  schema: string;
  /** The migrations that were applied, in their order; undefined if there is no table of them. */
  applied: string[] | undefined;
}

/**
 * Finds the schema of the service's tables: the first one in the search_path that has our table of migrations, else
 * the first one of all, which must then hold nothing of another program. If another schema has the tables, as after a
 * change of search_path, it refuses to make them a second time.
 *
 * @param first the name of the first migration, by which our table of migrations is recognised
 * @param named the configured schema; no other schema is then looked at
 * @throws MigrationError if no tables may be made
 */
export async function findInstallation(sql: Sql, first: string, named?: string): Promise<Installation> {
  const schemas = await readSchemas(sql);
  if (named !== undefined) return await installationIn(sql, schemas, first, named);
  const path = schemas.filter(({ place }) => place !== null);
  const ours: Installation[] = [];
  const elsewhere: Installation[] = [];
  for (const { schema, place, columns } of schemas) {
    if (!isMigrationsTable(columns)) continue;
    const applied = await readApplied(sql, schema);
    if (applied.includes(first)) (place === null ? elsewhere : ours).push({ schema, applied });
  }
  const [own] = ours;
  if (own) return own;
  const [target] = path;
  const [other, ...more] = elsewhere;
  // An empty search_path does not ask for another schema.
  if (other && !target && more.length === 0) return other;
  if (other) {
    throw new MigrationError(
      `The tables of pict-repo are in the schema ${elsewhere.map(({ schema }) => schema).join(' and in ')}, ` +
        `and search_path leads to ${target?.schema ?? 'no schema'}. Nothing was made. Set search_path for the ` +
        'role, or say with DATABASE_SCHEMA which schema is the one of this service.',
    );
  }
  if (!target)
    throw new MigrationError(
      'search_path leads to no schema. Set it for the role, as to public, or set DATABASE_SCHEMA.',
    );
  const applied = await appliedIn(sql, target);
  refuseForeign(target, applied);
  return { schema: target.schema, applied };
}

async function installationIn(
  sql: Sql,
  schemas: Schema[],
  first: string,
  named: string,
): Promise<Installation> {
  const target = schemas.find(({ name }) => name === named);
  if (!target) {
    throw new MigrationError(
      `There is no schema ${quotedSchema(named)} (DATABASE_SCHEMA), or the role may not use it.`,
    );
  }
  const applied = await appliedIn(sql, target);
  if (!applied?.includes(first)) refuseForeign(target, applied);
  return { schema: target.schema, applied };
}

/** Undefined if the schema has no table like our table of migrations. */
async function appliedIn(sql: Sql, { schema, columns }: Schema): Promise<string[] | undefined> {
  return isMigrationsTable(columns) ? await readApplied(sql, schema) : undefined;
}

/** @throws MigrationError if the role may not create it */
export async function ensureSchema(sql: Sql, name: string): Promise<void> {
  const found = await sql`select from pg_namespace where nspname = ${name}`;
  if (found.length > 0) return;
  try {
    await sql.unsafe(`create schema ${quotedSchema(name)}`);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === '42501')) throw error;
    throw new MigrationError(
      `The role may not create the schema of DATABASE_SCHEMA. Run, as the owner of the database: create schema ` +
        `${quotedSchema(name)} authorization <the role>;`,
    );
  }
}

interface Schema {
  name: string;
  /** The name, quoted if necessary. */
  schema: string;
  /** Its position in search_path; null if it is not there. */
  place: number | null;
  /** The columns of its table `migrations`; null if there is none, or none that may be read. */
  columns: string[] | null;
  /** Its tables that have the name of one of our tables. */
  taken: string[];
}

function readSchemas(sql: Sql): Promise<Schema[]> {
  return sql<Schema[]>`
    select
      nspname::text as name,
      quote_ident(nspname) as schema,
      array_position(current_schemas(false), nspname) as place,
      (
        select json_agg(attname order by attnum)
        from pg_attribute
        join pg_class on pg_class.oid = attrelid
        where relnamespace = pg_namespace.oid
          and relname = ${MIGRATIONS_TABLE}
          and relkind in ('r', 'p')
          and has_table_privilege(pg_class.oid, 'select')
          and attnum > 0
          and not attisdropped
      ) as columns,
      (
        select coalesce(json_agg(relname order by relname), '[]')
        from pg_class
        where relnamespace = pg_namespace.oid
          and relname = any(${[MIGRATIONS_TABLE, ...TABLES]}::text[])
      ) as taken
    from pg_namespace
    where has_schema_privilege(oid, 'usage')
      and nspname !~ '^pg_'
      and nspname <> 'information_schema'
    order by place`;
}

function isMigrationsTable(columns: string[] | null): boolean {
  return columns !== null && columns.join() === 'id,name,created_at';
}

async function readApplied(sql: Sql, schema: string): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select name
    from ${sql.unsafe(schema)}.${sql(MIGRATIONS_TABLE)}
    order by id`;
  return rows.map(({ name }) => name);
}

/** @throws MigrationError if the schema has tables of another program, or ours without their migrations */
function refuseForeign({ schema, columns, taken }: Schema, applied: string[] | undefined): void {
  const tables = taken.filter((name) => name !== MIGRATIONS_TABLE);
  const isEmpty = applied?.length === 0 || !taken.includes(MIGRATIONS_TABLE);
  if (tables.length === TABLES.length && isEmpty) {
    throw new MigrationError(
      `The schema ${schema} holds the tables of pict-repo, but not the names of their migrations, which stand in ` +
        `its table ${MIGRATIONS_TABLE}: restore that table too. Nothing was changed.`,
    );
  }
  if (isEmpty && tables.length === 0) return;
  const found = isEmpty
    ? `${tables.length > 1 ? 'the tables' : 'a table'} ${tables.join(', ')}`
    : `a table ${MIGRATIONS_TABLE} ${
        applied
          ? `whose first row is ${applied[0]}`
          : `with the columns ${columns?.join(', ') ?? '(which may not be read)'}`
      }`;
  throw new MigrationError(
    `This database belongs to another program: its schema ${schema} holds ${found}. Nothing was made. Give ` +
      'pict-repo a database of its own, or a schema, with DATABASE_SCHEMA.',
  );
}

/** @throws MigrationError if tables are missing although all migrations were applied */
export async function assertComplete(sql: Sql, schema: string): Promise<void> {
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
