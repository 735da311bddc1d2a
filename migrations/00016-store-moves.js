/** Whether a content has the file `file.identifier`, as the caller sees the tables now. */
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
      -- Two of its users may go at the same time. The second one sees that the first is gone.
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
 * Moves of files to another store (docs/media.md): when a file was marked, which tells how fast a move is; and details that
 * came to a file while its removal waited for its content, as those of a moved file do. The statement that removes it
 * does not see them. The trigger does, because it looks at the end of that statement.
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;
  // Of marks from before this migration it is not known. A constant needs no rewrite of the table.
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
  // The index goes with its column.
  await sql`alter table store_migrations drop column marked_at`;
}
