/** Whether a content uses the file `file.identifier`, in the snapshot of the caller. */
const IS_USED = `
    exists (select from hashes where hashes.identifier = file.identifier)
    or exists (select from hashes where hashes.motion_identifier = file.identifier)
    or exists (select from variants where variants.identifier = file.identifier)`;

/** The function of 00016 deletes the details that it sees. */
const DELETE_SEEN = 'delete from details where identifier = any(gone);';

/**
 * The new one first waits for transactions that are relating details to the files. An insert of the same keys is the only
 * statement that waits for rows that are not committed. It adds a row where there is none, and all of them are deleted.
 */
const DELETE_ALL = `
      insert into details (identifier, details)
      select unnest(gone), '{}'
      on conflict (identifier) do nothing;
      ${DELETE_SEEN}`;

/**
 * The function that condemns files (docs/media.md).
 *
 * @param {import('postgres').TransactionSql} sql
 * @param {string} deleteDetails of the files `gone`, which are sorted so that two callers do not deadlock
 */
async function createCondemnFiles(sql, deleteDetails) {
  await sql.unsafe(`
    create or replace function condemn_files(identifiers text[], hashes bytea[], kinds text[])
    returns void language plpgsql as $$
    declare
      gone text[];
    begin
      -- Two owners may be removed at the same time. The lock lets the second one see that the first is gone.
      perform from files where identifier = any(identifiers) and is_shared order by identifier for update;
      with forgotten as (
        delete from files as file
        where identifier = any(identifiers) and is_shared and not (${IS_USED})
        returning identifier
      ),
      condemned as (
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
        returning identifier
      )
      select array_agg(identifier order by identifier) into gone from condemned;
      ${deleteDetails}
    end $$`);
}

/**
 * A request that relates details to a file may not be committed yet when the file's owner is removed. Its details would
 * stay for ever, because neither the removal nor its trigger sees them.
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;
  await createCondemnFiles(sql, DELETE_ALL);
}

/** @param {import('postgres').TransactionSql} sql */
export async function down(sql) {
  await sql`set local lock_timeout = '10s'`;
  await createCondemnFiles(sql, DELETE_SEEN);
}
