/**
 * Contents with more children than one statement may remove are marked, and removed in bounded steps (docs/media.md).
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`
    alter table hashes
      -- The time from which nobody can add to the content, and no read finds it.
      add column doomed_at timestamptz,
      -- How the content is removed, once that is decided: the queue that gets a job for each file.
      add column removal jsonb,
      add constraint hashes_doomed check (removal is null or doomed_at is not null) not valid`;
}

/** Made after the transaction, while others write (src/database/online.ts). */
export const online = {
  // Always tiny. Most reads use it to check that no content is doomed.
  indexes: { hashes_doomed_at: 'hashes (doomed_at, hash) where doomed_at is not null' },
  checks: { hashes_doomed: 'hashes' },
};

/** @param {import('postgres').TransactionSql} sql */
export async function down(sql) {
  await sql`set local lock_timeout = '10s'`;
  // The index is dropped with its column.
  await sql`alter table hashes drop constraint hashes_doomed, drop column removal, drop column doomed_at`;
}
