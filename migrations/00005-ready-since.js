/**
 * Times for the figures of how long jobs wait and run, and for the grace of leases that could not be extended.
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;

  await sql`
    alter table jobs
      -- When the job became ready, if it was delayed or came back. Null means with its push, so that a push writes
      -- nothing here.
      add column ready_since timestamptz,
      -- When the lease was issued. Null where a version before this one handed the job out.
      add column claimed_at timestamptz,
      -- An infinite time would fail the statement that counts all queues.
      add constraint jobs_times check (
        greatest(ready_since, claimed_at) <= '9999-12-31T23:59:59.999999Z'
        and least(ready_since, claimed_at) >= '0001-01-02Z'
      )`;
  // With the column, all queues are counted, and their oldest jobs found, from the index alone.
  await sql`drop index jobs_ready`;
  await sql`create index jobs_ready on jobs (queue, priority, seq) include (ready_since) where state = 'ready'`;

  // When some replica last reached the database, so that leases could be extended: one row, which is written once a
  // second while jobs run.
  await sql`create table lease_watch (seen_at timestamptz not null)`;
  await sql`insert into lease_watch values (clock_timestamp())`;
}

/** @param {import('postgres').TransactionSql} sql */
export async function down(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`drop table lease_watch`;
  await sql`drop index jobs_ready`;
  await sql`create index jobs_ready on jobs (queue, priority, seq) where state = 'ready'`;
  await sql`alter table jobs drop constraint jobs_times, drop column claimed_at, drop column ready_since`;
}
