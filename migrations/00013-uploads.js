/**
 * Uploads that a service of the image host accepts and does later: whoever has the id waits for the result and claims it
 * (docs/media.md).
 *
 * @param {import('postgres').TransactionSql} sql
 */
export async function up(sql) {
  await sql`set local lock_timeout = '10s'`;
  await sql`
    create table uploads (
      -- 128 random bits, so that nobody finds the upload of somebody else. No version of a UUID has as many.
      id uuid primary key,
      created_at timestamptz not null default clock_timestamp(),
      -- When it is forgotten. It is moved on by the result, by the claim, and by each try to release the alias.
      expires_at timestamptz not null,
      -- The queue that is told of the files where the alias is released.
      queue text collate "C",
      -- The result: an alias with its token, or a failure.
      alias text collate "C",
      delete_token text collate "C",
      message text,
      code text collate "C",
      completed_at timestamptz,
      -- Who claims is a secret.
      claimer_sha256 bytea,
      -- It has expired or was discarded unclaimed, and nobody finds it any more. Its alias is to be released.
      is_over boolean not null default false,
      -- How often that was tried.
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
