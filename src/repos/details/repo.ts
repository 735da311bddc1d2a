import type { Database } from '../../database/database.js';
import { gatheredRead } from '../../database/gathered-read.js';
import { notFound } from '../../problems.js';

/** IdentifierRepo of pict-rs: metadata of files. Details are JSON text and are returned byte for byte. */
export function detailsRepo(db: Database) {
  const readDetails = gatheredRead(
    db,
    // The stored size is looked at first: it is known without reading what is stored out of line.
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

  return {
    /** The last write wins. */
    async relateDetails(identifier: string, details: string): Promise<void> {
      await db.run(
        (sql) => sql`
          insert into details (identifier, details)
          values (${identifier}, ${details}::text::json)
          on conflict (identifier) do update
            set details = excluded.details
            where details.details::text <> excluded.details::text`,
      );
    },

    async details(identifier: string): Promise<string> {
      const { details } = await readDetails(identifier);
      if (details === null) throw notFound('details_not_found', `There are no details of "${identifier}".`);
      return details;
    },

    async cleanup(identifier: string): Promise<void> {
      await db.run((sql) => sql`delete from details where identifier = ${identifier}`);
    },
  };
}

export type DetailsRepo = ReturnType<typeof detailsRepo>;
