/** Texts that cannot be a segment of a path: with control characters, "/" or "\", and "." and ".." themselves. */
const UNNAMABLE = String.raw`E'[\\u0001-\\u001f/\\\\\\u007f-\\u009f]|^\\.{1,2}$'`;

/** The columns of each domain, and the type that they have without it. */
const DOMAINS = [
  { domain: 'job_name', type: 'text collate "C"', columns: ['queue', 'worker_id'] },
  { domain: 'job_key', type: 'text collate "C"', columns: ['unique_key', 'idempotency_key'] },
  { domain: 'job_attempts', type: 'integer', columns: ['attempts'] },
  { domain: 'job_max_attempts', type: 'integer', columns: ['max_attempts'] },
  { domain: 'job_claims', type: 'integer', columns: ['claims', 'claims_at_redrive'] },
  { domain: 'job_lease_seconds', type: 'integer', columns: ['lease_seconds'] },
  { domain: 'job_max_run_seconds', type: 'integer', columns: ['max_run_seconds'] },
  {
    domain: 'job_time',
    type: 'timestamptz',
    columns: ['queued_at', 'run_at', 'lease_expires_at', 'ready_since', 'claimed_at'],
  },
];

/**
 * The bounds of single columns become domains. Each statement that writes reads the checks of a table anew, which took a
 * fifth of PostgreSQL's time for a small push. The checks of a domain are read once for each session, and only for the
 * columns that are written.
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`
    create domain job_name as text collate "C" constraint jobs_names check (
      octet_length(value) between 1 and 255 and value !~ ${sql.unsafe(UNNAMABLE)}
    )`;
  await sql`
    create domain job_key as text collate "C" constraint jobs_names check (octet_length(value) between 1 and 255)`;
  await sql`create domain job_attempts as integer constraint jobs_bounds check (value between 0 and 1000)`;
  await sql`create domain job_max_attempts as integer constraint jobs_bounds check (value between 1 and 1000)`;
  await sql`create domain job_claims as integer constraint jobs_bounds check (value between 0 and 999999999)`;
  await sql`create domain job_lease_seconds as integer constraint jobs_bounds check (value between 1 and 43200)`;
  await sql`
    create domain job_max_run_seconds as integer
    constraint jobs_max_run_seconds check (value between 1 and 31536000)`;
  await sql`
    create domain job_time as timestamptz constraint jobs_bounds check (
      value between '0001-01-02Z' and '9999-12-31T23:59:59.999999Z'
    )`;
  const types = DOMAINS.flatMap(({ domain, columns }) =>
    columns.map((column) => `alter ${column} type ${domain}`),
  );
  await sql`
    alter table jobs
      drop constraint jobs_names,
      drop constraint jobs_bounds,
      drop constraint jobs_times,
      drop constraint jobs_claims_at_redrive,
      drop constraint jobs_max_run_seconds,
      ${sql.unsafe(types.join(', '))}`;
}

/** @param {import('postgres').TransactionSql} sql */
export async function down(sql) {
  await sql`set local lock_timeout = '10s'`;
  const unnamable = sql.unsafe(UNNAMABLE);
  const types = DOMAINS.flatMap(({ type, columns }) =>
    columns.map((column) => `alter ${column} type ${type}`),
  );
  await sql`alter table jobs ${sql.unsafe(types.join(', '))}`;
  await sql`
    alter table jobs
      add constraint jobs_names check (
        greatest(octet_length(queue), octet_length(unique_key), octet_length(worker_id), octet_length(idempotency_key)) <= 255
        and least(queue, unique_key, worker_id, idempotency_key) <> ''
        and queue !~ ${unnamable}
        and worker_id !~ ${unnamable}
      ),
      add constraint jobs_bounds check (
        max_attempts between 1 and 1000
        and attempts between 0 and 1000
        and claims between 0 and 999999999
        and (lease_seconds is null or lease_seconds between 1 and 43200)
        and greatest(queued_at, run_at, lease_expires_at) <= '9999-12-31T23:59:59.999999Z'
        and least(queued_at, run_at, lease_expires_at) >= '0001-01-02Z'
      ),
      add constraint jobs_times check (
        greatest(ready_since, claimed_at) <= '9999-12-31T23:59:59.999999Z'
        and least(ready_since, claimed_at) >= '0001-01-02Z'
      ),
      add constraint jobs_claims_at_redrive check (claims_at_redrive between 0 and 999999999),
      add constraint jobs_max_run_seconds check (max_run_seconds between 1 and 31536000)`;
  await sql.unsafe(`drop domain ${DOMAINS.map(({ domain }) => domain).join(', ')}`);
}
