/**
 * Leases that are never issued twice, ids of pushed jobs that are remembered, and bounds on what raw SQL may write.
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;

  await sql`
    alter table jobs
      -- The random part of the lease: <id>.<claims> alone repeats where a job is pushed again under the same id, or
      -- a backup is restored. Null where a version before this one handed the job out.
      add column lease_token bigint,
      -- The deliveries of the lease that were not given back, combined by xor: the same poll may get the job again, and
      -- the job is ready again when all deliveries were given back. 0 is none.
      add column delivery bigint`;

  // Replicas of the previous version refuse leases with a token. If some are running now (each has a session that
  // listens), new replicas issue leases without tokens until the upgrade is over.
  await sql`create table lease_tokens (begin_at timestamptz not null)`;
  await sql`
    insert into lease_tokens
    select clock_timestamp() + interval '10 minutes'
    where exists (
      select
      from pg_stat_activity
      where datname = current_database()
        -- Few roles may see what sessions of other roles do. If it is not shown, the session may be such a replica.
        and (query ilike 'listen "pict_repo_jobs"%' or query = '<insufficient privilege>')
    )
      -- In a new database, whose tables this transaction makes, no previous version can run.
      and exists (select from migrations where name = '00002-queue.js' and created_at < now())`;

  await sql`
    create table job_ids (
      -- Of jobs whose id was made by the client: such a push may be repeated after its job has ended.
      id uuid primary key,
      queue text collate "C" not null,
      -- The same id with another job is a mistake of the client, and refused.
      job_sha256 bytea not null,
      pushed_at timestamptz not null default clock_timestamp()
    )`;
  await sql`create index job_ids_pushed_at on job_ids (pushed_at)`;

  // For lists, figures and purges of a queue. Only jobs that wait for their time are in it, so pushes pay nothing.
  await sql`create index jobs_scheduled_queue on jobs (queue, seq) where state = 'scheduled'`;

  // Raw SQL may have written more than the API takes: an overflow of one row would stop every sweep of leases.
  // greatest() and least() ignore nulls, and nulls must stay.
  for (const table of ['jobs', 'dead_jobs']) {
    await sql`
      update ${sql(table)}
      set
        max_attempts = least(greatest(max_attempts, 1), 1000),
        attempts = least(greatest(attempts, 0), 1000),
        claims = least(greatest(claims, 0), 999999999),
        lease_seconds = case when lease_seconds is not null then least(greatest(lease_seconds, 1), 43200) end,
        queued_at = least(greatest(queued_at, '0001-01-02Z'), '9999-12-31T23:59:59.999999Z')
      where not (
        max_attempts between 1 and 1000
        and attempts between 0 and 1000
        and claims between 0 and 999999999
        and coalesce(lease_seconds, 1) between 1 and 43200
        and queued_at between '0001-01-02Z' and '9999-12-31T23:59:59.999999Z'
      )`;
  }
  await sql`
    update jobs
    set
      run_at = case when run_at is not null then least(greatest(run_at, '0001-01-02Z'), '9999-12-31T23:59:59.999999Z') end,
      lease_expires_at = case
        when lease_expires_at is not null then least(greatest(lease_expires_at, '0001-01-02Z'), '9999-12-31T23:59:59.999999Z')
      end
    where greatest(run_at, lease_expires_at) > '9999-12-31T23:59:59.999999Z'
      or least(run_at, lease_expires_at) < '0001-01-02Z'`;
  await sql`
    alter table jobs
      drop constraint if exists jobs_max_attempts,
      drop constraint if exists jobs_bounds,
      add constraint jobs_bounds check (
        max_attempts between 1 and 1000
        and attempts between 0 and 1000
        and claims between 0 and 999999999
        and (lease_seconds is null or lease_seconds between 1 and 43200)
        and greatest(queued_at, run_at, lease_expires_at) <= '9999-12-31T23:59:59.999999Z'
        and least(queued_at, run_at, lease_expires_at) >= '0001-01-02Z'
      )`;
  await sql`
    alter table dead_jobs
      add constraint dead_jobs_bounds check (
        max_attempts between 1 and 1000
        and attempts between 0 and 1001
        and claims between 0 and 999999999
        and (lease_seconds is null or lease_seconds between 1 and 43200)
        and queued_at between '0001-01-02Z' and '9999-12-31T23:59:59.999999Z'
      )`;
}

/** @param {import('postgres').TransactionSql} sql */
export async function down(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`drop index jobs_scheduled_queue`;
  await sql`alter table dead_jobs drop constraint dead_jobs_bounds`;
  await sql`
    alter table jobs
      drop constraint jobs_bounds,
      add constraint jobs_max_attempts check (max_attempts >= 1),
      drop column delivery,
      drop column lease_token`;
  await sql`drop table lease_tokens, job_ids`;
}
