/**
 * Since when a variant, or the URL of a proxied image, has not been used at least: what expires first is found by it, without a
 * look at everything that is used. It begins with its making. The access tables have the truth, so no access writes
 * here: whoever looks for what expires moves what was used meanwhile to the time of that use.
 *
 * Of rows from before this migration it is not known: they are counted from when they are first looked at.
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
