/**
 * A time before which a variant, or the URL of a proxied image, was not used for the last time. The rows that expire first
 * are found by it, without reading all rows in use. It begins with the creation. The access tables have the exact times, so
 * no access writes here: the search for expired rows sets the time of later use.
 *
 * It is not known for rows from before this migration: they count from the first search that reads them.
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;
  for (const table of ['variants', 'proxies']) {
    // A constant needs no rewrite of the table.
    await sql`alter table ${sql(table)} add column idle_since timestamptz not null default '-infinity'`;
    await sql`alter table ${sql(table)} alter column idle_since set default clock_timestamp()`;
  }
}

/** Made after the transaction, while others write (src/database/online.ts). */
export const online = {
  indexes: {
    variants_idle_since: 'variants (idle_since)',
    proxies_idle_since: 'proxies (idle_since)',
  },
};

/** @param {import('postgres').TransactionSql} sql */
export async function down(sql) {
  await sql`set local lock_timeout = '10s'`;
  for (const table of ['variants', 'proxies']) await sql`alter table ${sql(table)} drop column idle_since`;
}
