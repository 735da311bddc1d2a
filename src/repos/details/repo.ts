import type { Database } from '../../database/database.js';
import { notFound } from '../../problems.js';

/** IdentifierRepo of pict-rs: metadata of files. Details are JSON text and are returned byte for byte. */
export function detailsRepo(db: Database) {
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
      const [row] = await db.run(
        (sql) =>
          sql<{ details: string }[]>`select details::text from details where identifier = ${identifier}`,
      );
      if (!row) throw notFound('details_not_found', `There are no details of "${identifier}".`);
      return row.details;
    },

    async cleanup(identifier: string): Promise<void> {
      await db.run((sql) => sql`delete from details where identifier = ${identifier}`);
    },
  };
}

export type DetailsRepo = ReturnType<typeof detailsRepo>;
