/**
 * Contents with more children than one statement may remove are marked, and removed in bounded steps (docs/media.md).
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`
    alter table hashes
      -- From now on nobody adds to the content, and no read finds it.
      add column doomed_at timestamptz,
      -- How it is removed, once that is decided: the queue that is told of each file.
      add column removal jsonb,
      add constraint hashes_doomed check (removal is null or doomed_at is not null) not valid`;
}

/** Made after the transaction, while others write (src/database/online.ts). */
export const online = {
  // Always tiny. Its order serves the question whether there is any, which most reads ask.
  indexes: { hashes_doomed_at: 'hashes (doomed_at, hash) where doomed_at is not null' },
  checks: { hashes_doomed: 'hashes' },
};

/** @param {import('postgres').TransactionSql} sql */
export async function down(sql) {
  await sql`set local lock_timeout = '10s'`;
  // The index goes with its column.
  await sql`alter table hashes drop constraint hashes_doomed, drop column removal, drop column doomed_at`;
}
