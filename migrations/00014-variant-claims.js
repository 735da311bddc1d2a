/**
 * The right to make a variant, which one worker has at a time (docs/media.md).
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`
    create table variant_claims (
      -- It goes with the content in whatever statement removes that, also in those of the version before.
      hash bytea not null constraint variant_claims_hash_fkey references hashes on delete cascade,
      variant text collate "C" not null constraint variant_claims_variant_length check (octet_length(variant) between 1 and 2048),
      -- Who claims is a secret.
      claimer_sha256 bytea not null,
      -- New for each claimer, so that one that comes late is told apart. Its claimer can ask for it again.
      token text not null,
      -- The length that the claim asked for, which heartbeats keep.
      lease_seconds integer not null constraint variant_claims_lease check (lease_seconds between 1 and 43200),
      lease_expires_at timestamptz not null,
      -- How it ended: with a file, or with an error.
      identifier text collate "C",
      error text,
      -- When the row goes. Those who come until then learn how it ended, and who is late may still finish.
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
