/**
 * A longest run for jobs, and the length of a lease as it was given.
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;

  await sql`
    alter table jobs
      -- How long a run may take at most, if the push said it: no heartbeat extends a lease beyond that.
      add column max_run_seconds integer
        constraint jobs_max_run_seconds check (max_run_seconds between 1 and 31536000),
      -- The length that the lease was given, from the pop, the push or the default: a heartbeat that says none extends by it.
      add column run_lease_seconds integer,
      -- When the run is over at the latest; null where no longest run is set. A replica of the version before neither
      -- reads nor clears it, so it counts only where the lease ends no later than it.
      add column run_ends_at timestamptz`;
  // Carried over, so that a redriven job has it again.
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
