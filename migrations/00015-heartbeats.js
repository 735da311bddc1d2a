/**
 * The time of the last heartbeat of a run.
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;

  // The type is no domain, because that would rewrite the table. A claim does not clear the column, so it may be from
  // an earlier run: it counts only if it is later than claimed_at.
  await sql`alter table jobs add column heartbeat_at timestamptz`;
}

/** @param {import('postgres').TransactionSql} sql */
export async function down(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`alter table jobs drop column heartbeat_at`;
}
