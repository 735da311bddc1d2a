import postgres from 'postgres';
import { unavailable } from '../problems.js';
import type { ConnectionOptions, Database, Sql } from './database.js';
import { isLostConnection, isOfEarlierSession } from './errors.js';

/** Reads how things stand, while the pool may be busy and the database hang. */
export interface Probe extends Pick<Database, 'run'> {
  close(): Promise<void>;
}

/**
 * One connection beside the pool, opened when it is used: a statement on it never waits behind the requests.
 * One that has no answer within the deadline is given up together with its connection, which may be dead.
 * For statements that only read: one whose connection was lost is run once more.
 *
 * @throws Problem 503 `overloaded` at the deadline; else what the driver throws
 */
export function openProbe(connection: ConnectionOptions, deadlineMs: number): Probe {
  let session: Sql | undefined;

  function open(): Sql {
    return postgres({
      ...connection,
      max: 1,
      connection: { ...connection.connection, statement_timeout: deadlineMs },
    });
  }

  function giveUp(sql: Sql): void {
    if (session === sql) session = undefined;
    sql.end({ timeout: 0 }).catch(() => {});
  }

  return {
    async run(statement) {
      session ??= open();
      const sql = session;
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => {
          reject(unavailable('overloaded', 'The database did not answer in time.'));
          giveUp(sql);
        }, deadlineMs);
      });
      const ask = async () => await statement(sql);
      const rows = ask().catch((error: unknown) => {
        if (isLostConnection(error) || isOfEarlierSession(error)) return ask();
        throw error;
      });
      try {
        // The driver can leave holes in front of rows (database.ts).
        return (await Promise.race([rows, deadline])).filter(() => true);
      } finally {
        clearTimeout(timer);
      }
    },

    async close() {
      await session?.end({ timeout: 0 });
    },
  };
}
