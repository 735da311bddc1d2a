/** Whether a content has the file `file.identifier`, as the caller sees the tables now. */
const IS_USED = `
    exists (select from hashes where hashes.identifier = file.identifier)
    or exists (select from hashes where hashes.motion_identifier = file.identifier)
    or exists (select from variants where variants.identifier = file.identifier)`;

/**
 * The owners of files: one file has one owner, across originals, motion files and variants. A file whose owner was
 * removed stays here as condemned, so that nobody gets its name while somebody deletes it (docs/media.md).
 *
 * Triggers maintain the table, with one insert for each statement, in the order of the identifiers, after the locks on
 * hashes. So writes of the previous version during a rolling deploy maintain it too, and so does raw SQL. The functions
 * find the tables by the search_path of the session: a search_path of their own would cost each create a tenth more. Old
 * files are added afterwards, by the service, in bounded steps.
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`
    create table files (
      identifier text collate "C" primary key
        constraint files_identifier_length check (octet_length(identifier) between 1 and 2048),
      -- The owner, or the last owner. Null for a condemned file that never had one. No foreign key: the row outlives the owner.
      hash bytea,
      kind text
        constraint files_kind check (kind in ('original', 'motion', 'variant')),
      -- Data from before this migration may use a file twice. Such a file is never condemned.
      is_shared boolean not null default false,
      condemned_at timestamptz,
      -- When a client reported that it had deleted the file.
      deleted_at timestamptz,
      constraint files_owner check (condemned_at is not null or (hash is not null and kind is not null)),
      constraint files_deleted check (deleted_at is null or condemned_at is not null)
    )`;
  await sql`create index files_condemned_at on files (condemned_at) where condemned_at is not null`;
  await sql`create index files_deleted_at on files (deleted_at) where deleted_at is not null`;

  // An old file may be of any age. A constant needs no rewrite of the table.
  await sql`alter table details add column created_at timestamptz not null default '1970-01-01Z'`;
  await sql`alter table details alter column created_at set default clock_timestamp()`;

  await sql`
    create function own_files() returns trigger language plpgsql as $$
    begin
      if tg_table_name = 'hashes' then
        insert into files (identifier, hash, kind)
        select identifier, hash, kind
        from (
          select identifier, hash, 'original' as kind from added
          union all
          select motion_identifier, hash, 'motion' from added where motion_identifier is not null
        ) as file
        order by identifier;
      else
        insert into files (identifier, hash, kind)
        select identifier, hash, 'variant'
        from added
        order by identifier;
      end if;
      return null;
    end $$`;
  await sql`
    create function condemn_files(identifiers text[], hashes bytea[], kinds text[])
    returns void language plpgsql as $$
    begin
      -- Two contents that use it may be removed at the same time. The second removal sees the first one.
      perform from files where identifier = any(identifiers) and is_shared order by identifier for update;
      with forgotten as (
        delete from files as file
        where identifier = any(identifiers) and is_shared and not (${sql.unsafe(IS_USED)})
        returning identifier
      )
      insert into files as known (identifier, hash, kind, condemned_at)
      select distinct on (file.identifier) file.identifier, file.hash, file.kind, clock_timestamp()
      from (
        select unnest(identifiers) collate "C" as identifier, unnest(hashes) as hash, unnest(kinds) as kind
      ) as file
      where not (${sql.unsafe(IS_USED)})
        and file.identifier not in (select identifier from forgotten)
      order by file.identifier
      on conflict (identifier) do update
        set condemned_at = excluded.condemned_at, deleted_at = null
        where known.hash = excluded.hash
          and known.kind = excluded.kind
          and not known.is_shared;
    end $$`;
  await sql`
    create function give_up_files() returns trigger language plpgsql as $$
    begin
      if tg_op = 'TRUNCATE' then
        delete from files where condemned_at is null and (kind = 'variant') = (tg_table_name = 'variants');
      elsif tg_table_name = 'hashes' then
        perform condemn_files(array_agg(identifier), array_agg(hash), array_agg(kind))
        from (
          select identifier, hash, 'original' as kind from removed
          union all
          select motion_identifier, hash, 'motion' from removed where motion_identifier is not null
        ) as file
        having count(*) > 0;
      else
        perform condemn_files(array_agg(identifier), array_agg(hash), array_agg('variant'::text))
        from removed
        having count(*) > 0;
      end if;
      return null;
    end $$`;
  await sql`
    create function replace_files() returns trigger language plpgsql as $$
    begin
      if tg_table_name = 'variants' then
        perform condemn_files(array[old.identifier], array[old.hash], array['variant']);
        insert into files (identifier, hash, kind) values (new.identifier, new.hash, 'variant');
        return null;
      end if;
      if old.identifier <> new.identifier then
        perform condemn_files(array[old.identifier], array[old.hash], array['original']);
        insert into files (identifier, hash, kind) values (new.identifier, new.hash, 'original');
      end if;
      if old.motion_identifier is distinct from new.motion_identifier then
        if old.motion_identifier is not null then
          perform condemn_files(array[old.motion_identifier], array[old.hash], array['motion']);
        end if;
        if new.motion_identifier is not null then
          insert into files (identifier, hash, kind) values (new.motion_identifier, new.hash, 'motion');
        end if;
      end if;
      return null;
    end $$`;

  for (const table of ['hashes', 'variants']) {
    await sql`
      create trigger own_files after insert on ${sql(table)}
      referencing new table as added for each statement execute function own_files()`;
    await sql`
      create trigger give_up_files after delete on ${sql(table)}
      referencing old table as removed for each statement execute function give_up_files()`;
    await sql`
      create trigger forget_files after truncate on ${sql(table)}
      for each statement execute function give_up_files()`;
  }
  // For each row, because a trigger for statements cannot be limited to columns.
  await sql`
    create trigger replace_files after update of identifier, motion_identifier on hashes
    for each row
    when (old.identifier <> new.identifier or old.motion_identifier is distinct from new.motion_identifier)
    execute function replace_files()`;
  await sql`
    create trigger replace_files after update of identifier on variants
    for each row when (old.identifier <> new.identifier) execute function replace_files()`;

  // How far old files have been added. Creating the triggers has waited for all transactions that write, so that no file is
  // missed between the triggers and the existing rows.
  await sql`
    create table files_taken_in (
      one boolean primary key default true constraint files_taken_in_one check (one),
      stage text not null constraint files_taken_in_stage check (stage in ('hashes', 'variants', 'done')),
      hash bytea not null default '',
      variant text collate "C" not null default '',
      -- Files that are used twice, each once.
      shared bigint not null default 0
    )`;
  await sql`
    insert into files_taken_in (stage)
    select case when exists (select from hashes) then 'hashes' else 'done' end`;
}

/** @param {import('postgres').TransactionSql} sql */
export async function down(sql) {
  await sql`set local lock_timeout = '10s'`;
  for (const table of ['hashes', 'variants']) {
    for (const trigger of ['own_files', 'give_up_files', 'forget_files', 'replace_files'])
      await sql`drop trigger ${sql(trigger)} on ${sql(table)}`;
  }
  await sql`drop function own_files(), give_up_files(), replace_files(), condemn_files(text[], bytea[], text[])`;
  await sql`alter table details drop column created_at`;
  await sql`drop table files_taken_in, files`;
}
