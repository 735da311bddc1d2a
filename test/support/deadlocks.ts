import type { Sql } from '../../src/database/database.js';
import type { TestDatabase } from './database.js';
import { until } from './until.js';

const HAMMER = 'hammer';

/** Lets each row that is written take its time, so that statements overlap for certain. */
export async function linger(sql: Sql, tables: readonly string[]): Promise<void> {
  await sql`
    create function linger() returns trigger language plpgsql as $$
    begin
      perform pg_sleep(0.001);
      return coalesce(new, old);
    end $$`;
  for (const table of tables) {
    await sql`
      create trigger linger before insert or update or delete on ${sql(table)}
      for each row execute function linger()`;
  }
}

/**
 * Makes PostgreSQL find deadlocks in a database at once. A service would run the statement again, so the server's own
 * count is what tells.
 *
 * @returns what services are started with, and the number of their deadlocks once they have closed
 */
export async function watchDeadlocks({ url, sql }: TestDatabase) {
  const name = new URL(url).pathname.slice(1);
  await sql`alter database ${sql(name)} set deadlock_timeout = '10ms'`;
  const named = new URL(url);
  named.searchParams.set('application_name', HAMMER);
  return {
    database: { url: named.href, sql },
    async deadlocks(): Promise<number | undefined> {
      // A connection that ends has reported what it counted.
      await until(async () => {
        const open = await sql`
          select from pg_stat_activity where datname = ${name} and application_name = ${HAMMER}`;
        return open.length === 0;
      });
      const [row] = await sql<{ deadlocks: number }[]>`
        select deadlocks::integer from pg_stat_database where datname = ${name}`;
      return row?.deadlocks;
    },
  };
}
