/**
 * Contents that nobody may upload, and an index for the figures of owners.
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`
    create table blocked_hashes (
      -- The SHA-256 at the beginning of a hash. Size and format follow it in a hash of pict-rs; other clients may use
      -- only the digest.
      digest bytea primary key
        constraint blocked_hashes_digest_length check (octet_length(digest) = 32),
      reason text
        constraint blocked_hashes_reason_length check (octet_length(reason) between 1 and 1024),
      blocked_at timestamptz not null default clock_timestamp()
        constraint blocked_hashes_blocked_at check (
          blocked_at between '0001-01-02Z' and '9999-12-31T23:59:59.999999Z'
        )
    )`;
}

/** Made after the transaction, while others write (src/database/online.ts). */
export const online = {
  // The contents of each owner. A content is counted once, even with several aliases of the owner.
  indexes: { aliases_owner_hash: 'aliases (owner, hash) where owner is not null' },
};

/** @param {import('postgres').TransactionSql} sql */
export async function down(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`drop index if exists aliases_owner_hash`;
  await sql`drop table blocked_hashes`;
}
