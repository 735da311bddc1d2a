/**
 * The right to make a variant, which one worker has at a time (docs/media.md).
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`
    create table variant_claims (
      -- The cascade removes claims with their content, also from statements of the previous version, which do not know
      -- this table.
      hash bytea not null constraint variant_claims_hash_fkey references hashes on delete cascade,
      variant text collate "C" not null constraint variant_claims_variant_length check (octet_length(variant) between 1 and 2048),
      -- Only the digest is stored, because the claimer is a secret.
      claimer_sha256 bytea not null,
      -- A new token for each claimer, so that a late one is recognized. Its claimer can ask for it again.
      token text not null,
      -- The lease that the claim asked for. Heartbeats extend it by the same time.
      lease_seconds integer not null constraint variant_claims_lease check (lease_seconds between 1 and 43200),
      lease_expires_at timestamptz not null,
      -- The result: a file or an error.
      identifier text collate "C",
      error text,
      -- When the row is removed. Until then requests see how the claim ended, and a worker whose lease has expired may
      -- still finish.
      forget_at timestamptz not null,
      primary key (hash, variant),
      constraint variant_claims_end check (identifier is null or error is null)
    )`;
  await sql`create index variant_claims_forget_at on variant_claims (forget_at)`;
}

/** @param {import('postgres').TransactionSql} sql */
export async function down(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`drop table variant_claims`;
}
