/** Whether a content uses the file `file.identifier`, in the snapshot of the caller. */
const IS_USED = `
    exists (select from hashes where hashes.identifier = file.identifier)
    or exists (select from hashes where hashes.motion_identifier = file.identifier)
    or exists (select from variants where variants.identifier = file.identifier)`;

/**
 * The function of 00008 that condemns files.
 *
 * @param {import('postgres').TransactionSql} sql
 * @param {{ takesDetails: boolean }} options
 */
async function createCondemnFiles(sql, { takesDetails }) {
  await sql.unsafe(`
    create or replace function condemn_files(identifiers text[], hashes bytea[], kinds text[])
    returns void language plpgsql as $$
    begin
      -- Two owners may be removed at the same time. The lock lets the second one see that the first is gone.
      perform from files where identifier = any(identifiers) and is_shared order by identifier for update;
      with forgotten as (
        delete from files as file
        where identifier = any(identifiers) and is_shared and not (${IS_USED})
        returning identifier
      )${takesDetails ? ', condemned as (' : ''}
      insert into files as known (identifier, hash, kind, condemned_at)
      select distinct on (file.identifier) file.identifier, file.hash, file.kind, clock_timestamp()
      from (
        select unnest(identifiers) collate "C" as identifier, unnest(hashes) as hash, unnest(kinds) as kind
      ) as file
      where not (${IS_USED})
        and file.identifier not in (select identifier from forgotten)
      order by file.identifier
      on conflict (identifier) do update
        set condemned_at = excluded.condemned_at, deleted_at = null
        where known.hash = excluded.hash
          and known.kind = excluded.kind
          and not known.is_shared
      ${takesDetails ? 'returning identifier) delete from details where identifier = any(array(select identifier from condemned))' : ''};
    end $$`);
}

/**
 * Moves of files to another store (docs/media.md). The new column says when a file was marked, which gives the rate of
 * a move. The new function also deletes details that were added while a removal waited for its content, such as those
 * of a moved file. The removing statement does not see them, but its trigger does, because it runs at the end.
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;
  // The time is unknown for older marks. A constant default does not rewrite the table.
  await sql`alter table store_migrations add column marked_at timestamptz not null default '1970-01-01Z'`;
  await sql`alter table store_migrations alter column marked_at set default clock_timestamp()`;
  await createCondemnFiles(sql, { takesDetails: true });
}

/** Made after the transaction, while others write (src/database/online.ts). */
export const online = { indexes: { store_migrations_marked_at: 'store_migrations (marked_at)' } };

/** @param {import('postgres').TransactionSql} sql */
export async function down(sql) {
  await sql`set local lock_timeout = '10s'`;
  await createCondemnFiles(sql, { takesDetails: false });
  // Dropping the column drops the index too.
  await sql`alter table store_migrations drop column marked_at`;
}
