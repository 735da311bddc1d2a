const PARTS = [0, 1, 2, 3];

/**
 * Jobs that are completed, where they are kept for a while (docs/queue.md#completed-jobs).
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`create sequence completed_jobs_seq`;
  await sql`
    create table completed_jobs (
      -- By the time of the completion, in turns. A part is emptied when all its jobs are old, so no row is ever deleted.
      part smallint not null,
      -- The order of the completions: times tie. No identity column, which partitions have from PostgreSQL 17 on only.
      seq bigint not null default nextval('completed_jobs_seq'),
      -- Not unique: an id that is forgotten can be pushed again.
      id uuid not null,
      queue text collate "C" not null,
      -- json, not jsonb: comes back byte for byte.
      job json not null,
      priority smallint not null,
      unique_key text collate "C",
      queued_at timestamptz not null,
      attempts integer not null,
      max_attempts integer not null,
      -- The error of the last run that failed.
      last_error text,
      worker_id text collate "C" not null,
      -- Null where a version that did not note it handed the job out.
      claimed_at timestamptz,
      completed_at timestamptz not null,
      result json
    ) partition by list (part)`;
  await sql`alter sequence completed_jobs_seq owned by completed_jobs.seq`;
  for (const part of PARTS) {
    // Rows only come, and go all at once: a vacuum would have nothing to do.
    await sql.unsafe(`
      create table completed_jobs_${part} partition of completed_jobs for values in (${part})
      with (autovacuum_vacuum_insert_threshold = -1)`);
  }
  await sql`create index completed_jobs_id on completed_jobs (id)`;
  await sql`create index completed_jobs_seq_index on completed_jobs (seq)`;
  await sql`create index completed_jobs_queue on completed_jobs (queue, seq)`;

  /*
   * Empties a part whose jobs are all older than the retention; false where there is none, or a reader holds it. It never
   * touches the part that completions are written to now, and waits for a lock for a moment only, because readers that come
   * later wait behind it. It is one part a call: a transaction that held several could deadlock with a reader of all.
   */
  await sql`
    create function empty_completed_jobs(retention_minutes integer) returns boolean
    language plpgsql set lock_timeout = '50ms' as $$
    declare
      -- The same as in src/repos/queue/sql/keep-completed.ts.
      written_now integer := extract(epoch from clock_timestamp())::bigint / (30 * retention_minutes) % 4;
      candidate integer;
      newest timestamptz;
    begin
      for candidate in 0..3 loop
        continue when candidate = written_now;
        -- The second look is under the lock.
        for look in 1..2 loop
          execute format('select completed_at from completed_jobs_%s order by seq desc limit 1', candidate) into newest;
          exit when newest is null or newest > clock_timestamp() - make_interval(mins => retention_minutes);
          if look = 2 then
            execute format('truncate completed_jobs_%s', candidate);
            return true;
          end if;
          begin
            execute format('lock table completed_jobs_%s in access exclusive mode', candidate);
          exception when lock_not_available then
            exit;
          end;
        end loop;
      end loop;
      return false;
    end $$`;
}

/** @param {import('postgres').TransactionSql} sql */
export async function down(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`drop function empty_completed_jobs(integer)`;
  await sql`drop table completed_jobs`;
}
