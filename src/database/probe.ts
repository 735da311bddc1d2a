import { unavailable } from '../problems.js';
import type { ConnectionOptions, Database } from './database.js';
import { isLostConnection } from './errors.js';
import { openSession, type Session } from './session.js';
import { askedSettings, withSettings } from './settings.js';

/** Reads how things stand, while the pool may be busy and the database hang. */
export interface Probe extends Pick<Database, 'run'> {
  /** What its sessions ask for, and what those of the pool do: a pooler may give either to both. */
  asked: Record<string, string>[];
  close(): Promise<void>;
}

/**
 * One session beside the pool, begun when it is used: a statement in it never waits behind the requests.
 * One that has no answer within the deadline is given up together with its connection, which may be dead.
 * For statements that only read: one whose connection was lost is run once more.
 *
 * @throws Problem 503 `overloaded` at the deadline; else what the driver throws
 */
export function openProbe(connection: ConnectionOptions, deadlineMs: number): Probe {
  const options = withSettings(connection, { statement_timeout: String(deadlineMs) });
  let current: Session | undefined;
  let isClosed = false;

  function open(): Session {
    const session = openSession(options, () => giveUp(session));
    return session;
  }

  function giveUp(session: Session | undefined): void {
    if (current === session) current = undefined;
    session?.end(0).catch(() => {});
  }

  return {
    asked: [askedSettings(connection), askedSettings(options)],

    async run(statement) {
      let session: Session | undefined;
      let isOver = false;
      const ask = async () => {
        session = current ??= open();
        try {
          return await statement(session.sql);
        } catch (error) {
          if (isLostConnection(error) || !session.hasBegun()) giveUp(session);
          throw error;
        }
      };
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => {
          isOver = true;
          reject(unavailable('overloaded', 'The database did not answer in time.'));
          giveUp(session);
        }, deadlineMs);
      });
      const rows = ask().catch((error: unknown) => {
        if (isLostConnection(error) && session?.hasBegun() && !isOver && !isClosed) return ask();
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
      isClosed = true;
      await current?.end(0);
    },
  };
}
