import type { Sql } from '../../database/database.js';
import { aliasRecord } from '../aliases/record.js';
import { END_OF_DIGEST } from '../blocked.js';
import { createdAt } from '../hash-record.js';
import { MAX_ALIASES } from './schema.js';

interface StandingRow {
  hash: string;
  identifier: string;
  created_at: string | null;
  aliases: object[];
  aliases_more: boolean;
}

/**
 * Selects the contents whose hashes begin with a digest, with their first aliases. It returns `limit` + 1 rows if there
 * are more.
 */
export function standingStatement(
  sql: Sql,
  digest: Buffer,
  { after, limit }: { after: Buffer; limit: number },
) {
  return sql<StandingRow[]>`
    select encode(hashes.hash, 'hex') as hash, identifier, ${createdAt(sql)}, aliases, aliases_more
    from hashes
    cross join lateral (
      select
        coalesce(json_agg(record::json order by alias) filter (where n <= ${MAX_ALIASES}), '[]') as aliases,
        count(*) > ${MAX_ALIASES} as aliases_more
      from (
        select alias, record, row_number() over (order by alias) as n
        from (
          select alias, ${aliasRecord(sql)} as record
          from aliases
          where aliases.hash = hashes.hash
          order by alias
          limit ${MAX_ALIASES + 1}
        ) as first
      ) as numbered
    ) as of_aliases
    where hashes.hash >= greatest(${digest}::bytea, ${after}::bytea)
      and hashes.hash <= ${Buffer.concat([digest, END_OF_DIGEST])}::bytea
      and hashes.hash <> ${after}::bytea
      and doomed_at is null
    order by hashes.hash
    limit ${limit + 1}`;
}
