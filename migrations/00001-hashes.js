/**
 * The images: contents by hash, their variants, their public names (aliases), and what belongs to these.
 *
 * For all tables: keys are natural keys, by which Citus or YugabyteDB can shard. Text keys are compared by bytes
 * (`collate "C"`), which is the same order on every server, and keyset pages rely on it. Bounds are in bytes. Foreign
 * keys are NO ACTION, and a delete names the dependent rows in the same statement. So if another transaction has added
 * a row meanwhile, the delete fails and is run again, instead of removing the row unseen.
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;

  await sql`
    create table hashes (
      -- Hashes of pict-rs had 32 bytes and have 39 today. bytea takes half the space of hex text.
      hash bytea primary key
        constraint hashes_hash_length check (octet_length(hash) between 1 and 64),
      -- Unique, because a cleanup returns the file for deletion: it may belong to one content only.
      identifier text collate "C" not null
        constraint hashes_identifier_key unique
        constraint hashes_identifier_length check (octet_length(identifier) between 1 and 2048),
      motion_identifier text collate "C"
        constraint hashes_motion_identifier_key unique
        constraint hashes_motion_identifier_length check (octet_length(motion_identifier) between 1 and 2048),
      -- For lists with the newest first.
      created_at timestamptz not null default clock_timestamp()
    )`;
  await sql`create index hashes_created_at on hashes (created_at, hash)`;

  await sql`
    create table variants (
      hash bytea not null constraint variants_hash_fkey references hashes (hash),
      variant text collate "C" not null
        constraint variants_variant_length check (octet_length(variant) between 1 and 2048),
      identifier text collate "C" not null
        constraint variants_identifier_key unique
        constraint variants_identifier_length check (octet_length(identifier) between 1 and 2048),
      -- No surrogate key, because nothing needs one. A nullable hash would allow duplicates.
      primary key (hash, variant)
    )`;

  await sql`
    create table aliases (
      -- Not varchar(30): a uuid has 36 characters, and one with an extension 41.
      alias text collate "C" primary key
        constraint aliases_alias_length check (octet_length(alias) between 1 and 255),
      hash bytea not null constraint aliases_hash_fkey references hashes (hash),
      delete_token text not null
        constraint aliases_delete_token_length check (octet_length(delete_token) between 1 and 255)
    )`;
  // Serves forHash in its order, and the foreign key's own check when a hash is deleted.
  await sql`create index aliases_hash on aliases (hash, alias)`;

  await sql`
    create table proxies (
      -- A URL of more than about 2,700 bytes does not fit a B-tree row; its digest always does.
      url_sha256 bytea primary key,
      url text not null constraint proxies_url_length check (octet_length(url) between 1 and 8192),
      alias text collate "C" not null constraint proxies_alias_fkey references aliases (alias)
    )`;
  await sql`create index proxies_alias on proxies (alias)`;

  // Access times change with every image that is served. They have narrow tables of their own, so that the rows and
  // indexes of the other tables are not written. There is no default, because every write gives the time.
  await sql`
    create table alias_accesses (
      alias text collate "C" primary key constraint alias_accesses_alias_fkey references aliases (alias),
      accessed timestamptz not null
    )`;
  await sql`create index alias_accesses_accessed on alias_accesses (accessed, alias)`;
  await sql`
    create table variant_accesses (
      hash bytea not null,
      variant text collate "C" not null,
      accessed timestamptz not null,
      primary key (hash, variant),
      constraint variant_accesses_variant_fkey foreign key (hash, variant) references variants (hash, variant)
    )`;
  await sql`create index variant_accesses_accessed on variant_accesses (accessed, hash, variant)`;

  await sql`
    create table details (
      -- No foreign key: an identifier belongs to an original, a motion file or a variant, and details may be stored
      -- first. The statement that removes the owner removes them.
      identifier text collate "C" primary key
        constraint details_identifier_length check (octet_length(identifier) between 1 and 2048),
      -- json, not jsonb: it comes back byte for byte (jsonb loses the order of keys and -0).
      details json not null
    )`;

  await sql`
    create table settings (
      key text collate "C" primary key
        constraint settings_key_length check (octet_length(key) between 1 and 255),
      -- Bytes, as pict-rs treats them ("404-alias" holds 16 raw bytes).
      value bytea not null constraint settings_value_length check (octet_length(value) <= 65536)
    )`;

  // Not called "migrations", which is the name of the migration tool's own table.
  await sql`
    create table store_migrations (
      old_identifier text collate "C" primary key
        constraint store_migrations_old_identifier_length check (octet_length(old_identifier) between 1 and 2048),
      -- A resumed migration meets the new identifiers and must know them too.
      new_identifier text collate "C"
        constraint store_migrations_new_identifier_length check (octet_length(new_identifier) between 1 and 2048)
    )`;
  await sql`create index store_migrations_new_identifier on store_migrations (new_identifier)`;
}

/** @param {import('postgres').TransactionSql} sql */
export async function down(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`
    drop table
      store_migrations,
      settings,
      details,
      variant_accesses,
      alias_accesses,
      proxies,
      aliases,
      variants,
      hashes`;
}
