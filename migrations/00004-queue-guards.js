/** Texts that cannot be a segment of a path: with control characters, "/" or "\", and "." and ".." themselves. */
const UNNAMABLE = String.raw`E'[\\u0001-\\u001f/\\\\\\u007f-\\u009f]|^\\.{1,2}$'`;

/**
 * A count of hand-outs that begins anew with a redrive, unique keys that a requested cancel makes free, and names that
 * can be part of a URL.
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;
  const unnamable = sql.unsafe(UNNAMABLE);
  const cleaned = (/** @type {string} */ column) => sql`
    coalesce(nullif(left(regexp_replace(${sql(column)}, ${unnamable}, '_', 'g'), 63), ''), '_')`;

  // The claims at the redrive, not a second counter: replicas of the previous version only count claims.
  await sql`alter table jobs add column claims_at_redrive integer not null default 0`;
  // Only a job that was redriven has so many claims. The previous version would give it up at its next failure.
  await sql`
    update jobs
    set claims_at_redrive = claims
    where claims / 10 >= max_attempts`;

  await sql`
    update jobs
    set unique_key = null
    where cancel_requested and unique_key is not null`;

  // Raw SQL may have written names that no route can name. Such jobs are not given to the workers of another queue, but
  // die with the reason in a queue with a similar name.
  await sql`
    with unnamed as (
      delete from jobs
      where queue ~ ${unnamable}
      returning *
    )
    insert into dead_jobs (
      id, queue, job, priority, unique_key, queued_at, attempts, max_attempts, claims, lease_seconds, last_error
    )
    select
      -- Raw SQL, and pushes of the first version, may have used the id of a dead job again.
      case when exists (select from dead_jobs where dead_jobs.id = unnamed.id) then gen_random_uuid() else id end,
      queue, job, priority, unique_key, queued_at, attempts, max_attempts, claims, lease_seconds, last_error
    from unnamed
    order by seq`;
  await sql`
    update dead_jobs
    set
      queue = ${cleaned('queue')},
      last_error = concat('The name of its queue is not valid: ', to_json(left(queue, 255)), '. ', last_error)
    where queue ~ ${unnamable} or octet_length(queue) not between 1 and 255`;
  await sql`
    update dead_jobs
    set unique_key = null
    where octet_length(unique_key) not between 1 and 255`;
  await sql`
    update jobs
    set worker_id = ${cleaned('worker_id')}, idempotency_key = null, slot = null
    where worker_id ~ ${unnamable}`;
  await sql`
    update jobs
    set idempotency_key = null, slot = null
    where octet_length(idempotency_key) not between 1 and 255`;
  for (const table of ['paused_queues', 'job_ids']) {
    await sql`
      delete from ${sql(table)}
      where queue ~ ${unnamable} or octet_length(queue) not between 1 and 255`;
  }

  await sql`
    alter table jobs
      drop constraint jobs_names,
      add constraint jobs_names check (
        greatest(octet_length(queue), octet_length(unique_key), octet_length(worker_id), octet_length(idempotency_key)) <= 255
        and least(queue, unique_key, worker_id, idempotency_key) <> ''
        and queue !~ ${unnamable}
        and worker_id !~ ${unnamable}
      ),
      add constraint jobs_claims_at_redrive check (claims_at_redrive between 0 and 999999999)`;
  await sql`
    alter table dead_jobs add constraint dead_jobs_names check (
      greatest(octet_length(queue), octet_length(unique_key)) <= 255
      and least(queue, unique_key) <> ''
      and queue !~ ${unnamable}
    )`;
  for (const table of ['paused_queues', 'job_ids']) {
    await sql`
      alter table ${sql(table)} add constraint ${sql(`${table}_queue`)} check (
        octet_length(queue) between 1 and 255 and queue !~ ${unnamable}
      )`;
  }
  // Not valid: existing names stay, because images are known by them, and large tables need not be read.
  await sql`
    alter table aliases add constraint aliases_alias_name check (alias !~ ${unnamable}) not valid`;
  await sql`
    alter table settings add constraint settings_key_name check (key !~ ${unnamable}) not valid`;
}

/** @param {import('postgres').TransactionSql} sql */
export async function down(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`alter table settings drop constraint settings_key_name`;
  await sql`alter table aliases drop constraint aliases_alias_name`;
  for (const table of ['paused_queues', 'job_ids']) {
    await sql`alter table ${sql(table)} drop constraint ${sql(`${table}_queue`)}`;
  }
  await sql`alter table dead_jobs drop constraint dead_jobs_names`;
  await sql`
    alter table jobs
      drop column claims_at_redrive,
      drop constraint jobs_names,
      add constraint jobs_names check (
        greatest(octet_length(queue), octet_length(unique_key), octet_length(worker_id)) <= 255
        and least(queue, unique_key, worker_id) <> ''
      )`;
}
