/**
 * A longest run for jobs, and the length of a lease as it was given.
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;

  await sql`
    alter table jobs
      -- The longest time of a run, if the push sets one. No heartbeat extends a lease beyond it.
      add column max_run_seconds integer
        constraint jobs_max_run_seconds check (max_run_seconds between 1 and 31536000),
      -- The length of the lease, if the pop set one. A heartbeat without a length extends the lease by this one.
      add column run_lease_seconds integer,
      -- When the run is over at the latest; null where no longest run is set. A replica of the version before neither
      -- reads nor clears it, so it counts only where the lease ends no later than it.
      add column run_ends_at timestamptz`;
  // Dead jobs keep it, so that a redriven job has it again.
  await sql`
    alter table dead_jobs
      add column max_run_seconds integer
        constraint dead_jobs_max_run_seconds check (max_run_seconds between 1 and 31536000)`;
}

/** @param {import('postgres').TransactionSql} sql */
export async function down(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`alter table dead_jobs drop column max_run_seconds`;
  await sql`
    alter table jobs
      drop column run_ends_at,
      drop column run_lease_seconds,
      drop column max_run_seconds`;
}
