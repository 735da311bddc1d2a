/**
 * When the worker of a run last gave a sign.
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;

  // Not of a domain, which would rewrite the table. A claim does not write it, so it may be left from a run before: it
  // counts only where it is later than claimed_at.
  await sql`alter table jobs add column heartbeat_at timestamptz`;
}

/** @param {import('postgres').TransactionSql} sql */
export async function down(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`alter table jobs drop column heartbeat_at`;
}
