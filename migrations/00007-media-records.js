/**
 * What an image host wants to know: the blurhash of a content, the sizes of files, and the owner and expiry of an alias.
 * The previous version may go on writing: columns that it does not know are null or have a default.
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;

  // Raw SQL may have written times that no cursor of a page can name.
  await sql`
    update hashes
    set created_at = least(greatest(created_at, '0001-01-02Z'), '9999-12-31T23:59:59.999999Z')
    where created_at < '0001-01-02Z' or created_at > '9999-12-31T23:59:59.999999Z'`;
  // The checks are not valid at first, so that no table is read while it is locked. Nothing larger than bytes fits a
  // number of JavaScript.
  await sql`
    alter table hashes
      add column blurhash text collate "C",
      -- The size of the file, if a client has sent it.
      add column bytes bigint,
      add constraint hashes_record check (
        octet_length(blurhash) between 1 and 255
        and bytes between 0 and 9007199254740991
        and created_at between '0001-01-02Z' and '9999-12-31T23:59:59.999999Z'
      ) not valid`;
  await sql`
    alter table variants
      add column bytes bigint,
      add constraint variants_bytes check (bytes between 0 and 9007199254740991) not valid`;
  await sql`
    alter table aliases
      -- Any name that the application uses.
      add column owner text collate "C",
      add column expires_at timestamptz,
      -- Not known for aliases from before this migration. They get a constant, which needs no rewrite of the table: now()
      -- would be wrong, and null has no place in the order of a page. Answers show this constant as null.
      add column created_at timestamptz not null default '1970-01-01Z',
      add constraint aliases_record check (
        octet_length(owner) between 1 and 255
        and expires_at between '0001-01-02Z' and '9999-12-31T23:59:59.999999Z'
        and created_at between '0001-01-02Z' and '9999-12-31T23:59:59.999999Z'
      ) not valid`;
  await sql`alter table aliases alter column created_at set default clock_timestamp()`;
}

/** Made after the transaction, while others write (src/database/online.ts). */
export const online = {
  indexes: {
    aliases_owner: 'aliases (owner, created_at, alias) where owner is not null',
    aliases_expires_at: 'aliases (expires_at, alias) where expires_at is not null',
  },
  checks: {
    hashes_record: 'hashes',
    variants_bytes: 'variants',
    aliases_record: 'aliases',
  },
};

/** @param {import('postgres').TransactionSql} sql */
export async function down(sql) {
  await sql`set local lock_timeout = '10s'`;
  // The indexes are dropped with their columns, even unfinished ones.
  await sql`
    alter table aliases
      drop constraint aliases_record,
      drop column created_at,
      drop column expires_at,
      drop column owner`;
  await sql`alter table variants drop constraint variants_bytes, drop column bytes`;
  await sql`alter table hashes drop constraint hashes_record, drop column bytes, drop column blurhash`;
}
