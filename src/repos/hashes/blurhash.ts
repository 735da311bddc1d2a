import type { Sql } from '../../database/database.js';

/** Sets the blurhash. Nothing is written if it is the same already. */
export function relateBlurhashStatement(sql: Sql, hash: Buffer, blurhash: string) {
  return sql<{ found: boolean }[]>`
    with target as materialized (
      select hash, blurhash
      from hashes
      where hash = ${hash}
        and doomed_at is null
      for no key update
    ),
    related as (
      update hashes
      set blurhash = ${blurhash}
      where hash = any(array(select hash from target where blurhash is distinct from ${blurhash}))
    )
    select exists (select from target) as found`;
}
