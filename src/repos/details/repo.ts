import { Coalescer } from '../../database/coalescer.js';
import type { Database, Sql } from '../../database/database.js';
import { padding } from '../../database/driver/padding.js';
import { gatheredRead } from '../../database/gathered-read.js';
import { type LockTimeout, withinLockTimeout } from '../../database/lock-timeout.js';
import { RECORD_SEPARATOR } from '../../database/record-separator.js';
import { notFound } from '../../problems.js';
import { recordOfHashAt } from '../hash-record.js';
import { readSeveral } from '../read-several.js';

interface Write {
  identifier: string;
  details: string;
}

/** Details up to this size share a statement. Larger ones get their own, so that small ones do not wait for them. */
const SHARED_BYTES = 8 * 1024;

/** @param lockTimeout if left out, the statement waits for locks until the statement timeout */
function writeStatement(sql: Sql, writes: Write[], lockTimeout?: LockTimeout) {
  return sql`
    with ${padding(sql)}
    insert into details (identifier, details)
    select identifier, details::json
    from (
      select
        unnest(${writes.map(({ identifier }) => identifier)}::text[]) as identifier,
        unnest(string_to_array(${writes.map(({ details }) => details).join(RECORD_SEPARATOR)}, ${RECORD_SEPARATOR})) as details
    ) as asked
    where ${withinLockTimeout(sql, lockTimeout)}
    order by identifier collate "C"
    on conflict (identifier) do update
      set details = excluded.details
      where details.details::text <> excluded.details::text`;
}

/** IdentifierRepo of pict-rs: metadata of files. Details are JSON text and are returned byte for byte. */
export function detailsRepo(db: Database) {
  const readDetails = gatheredRead(
    db,
    // Checks the stored size first, which PostgreSQL knows without fetching the value from the TOAST table.
    (sql, identifiers: string[], maxBytes) => sql<{ is_too_large: boolean | null; details: string | null }[]>`
      select is_too_large, details
      from unnest(${identifiers}::text[]) with ordinality as asked (identifier, n)
      left join lateral (
        select is_too_large, case when not is_too_large then details::text end as details
        from details
        cross join lateral (
          select
            case
              when pg_column_size(details) > ${maxBytes} then true
              else octet_length(details::text) > ${maxBytes}
            end as is_too_large
        ) as measured
        where details.identifier = asked.identifier
        limit 1
      ) as stored on true
      order by n`,
    { sizeOf: (identifier) => identifier.length, isTooLarge: (row) => row.is_too_large === true },
  );

  const writes = new Coalescer<Write, true>({
    run: async (all, lockTimeout) => {
      const last = new Map(all.map((write) => [write.identifier, write]));
      await db.run((sql) => writeStatement(sql, [...last.values()], lockTimeout));
      return all.map(() => true);
    },
    lockOf: ({ identifier }) => identifier,
    sizeOf: ({ identifier, details }) => identifier.length + details.length,
  });

  return {
    /** The last write wins. */
    async relateDetails(identifier: string, details: string): Promise<void> {
      const write = { identifier, details };
      if (details.length <= SHARED_BYTES) await writes.call(write);
      else await db.run((sql) => writeStatement(sql, [write]));
    },

    async details(identifier: string): Promise<string> {
      const { details } = await readDetails(identifier);
      if (details === null) throw notFound('details_not_found', `There are no details of "${identifier}".`);
      return details;
    },

    /** For each hash the details of its original file, or null if the hash does not exist; as JSON. */
    forHashMany: (hashes: string[], signal?: AbortSignal): Promise<string> =>
      readSeveral(
        db,
        hashes.length,
        (sql, n) => recordOfHashAt(sql, hashes, n, ['hash', 'identifier', 'details']),
        signal,
      ),

    async cleanup(identifier: string): Promise<void> {
      await db.run((sql) => sql`delete from details where identifier = ${identifier}`);
    },
  };
}

export type DetailsRepo = ReturnType<typeof detailsRepo>;
