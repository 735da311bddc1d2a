/**
 * Uploads that an image host accepts now and processes later. A client with the id waits for the result and claims it
 * (docs/media.md).
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`
    create table uploads (
      -- 128 random bits, so that nobody can guess it. Every version of a UUID has fewer.
      id uuid primary key,
      created_at timestamptz not null default clock_timestamp(),
      -- When the row is removed. The result, the claim, and each try to release the alias set a later time.
      expires_at timestamptz not null,
      -- The queue that gets jobs for the files if the alias is released.
      queue text collate "C",
      -- The result: an alias with its token, or a failure.
      alias text collate "C",
      delete_token text collate "C",
      message text,
      code text collate "C",
      completed_at timestamptz,
      -- Only the digest is stored, because the claimer is a secret.
      claimer_sha256 bytea,
      -- Set if the upload expired or was discarded before it was claimed. Nobody finds it any more, and its alias will
      -- be released.
      is_over boolean not null default false,
      -- How often the release was tried.
      releases integer not null default 0 constraint uploads_releases check (releases between 0 and 1000),
      constraint uploads_names check (
        greatest(octet_length(queue), octet_length(alias), octet_length(delete_token), octet_length(code)) <= 255
        and octet_length(message) <= 16384
      ),
      constraint uploads_result check (
        case
          when completed_at is null then coalesce(alias, delete_token, message, code) is null and claimer_sha256 is null
          when message is null then alias is not null and delete_token is not null and code is null
          else alias is null and delete_token is null and code is not null
        end
      )
    )`;
  await sql`create index uploads_expires_at on uploads (expires_at)`;
}

/** @param {import('postgres').TransactionSql} sql */
export async function down(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`drop table uploads`;
}
