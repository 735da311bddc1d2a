import type { Sql } from '../../src/database/database.js';

/**
 * Creates so many hashes of 64 bytes, for a stream that no buffer holds. They come in the order of all indexes, and the
 * rows of their files are not made, which takes half the time.
 */
export async function createManyHashes(sql: Sql, count: number): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`alter table hashes disable trigger user`;
    await tx`
      insert into hashes (hash, identifier)
      select int8send(n) || decode(repeat('f0', 56), 'hex'), 'row/' || lpad(n::text, 9, '0')
      from generate_series(1, ${count}::bigint) as n`;
    await tx`alter table hashes enable trigger user`;
  });
}
