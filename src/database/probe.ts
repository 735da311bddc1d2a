import { unavailable } from '../problems.js';
import { currentRequesters } from '../requester.js';
import type { ConnectionOptions, Database } from './database.js';
import { failure } from './driver/failure.js';
import { withoutHoles } from './driver/rows.js';
import { openSession, type Session } from './driver/session.js';
import { isLostConnection } from './errors.js';
import { askedSettings, withSettings } from './settings.js';
import type { SlowStatements } from './slow-statements.js';

/** Runs statements that only read, while the pool may be busy or the database may hang. */
export interface Probe extends Pick<Database, 'run'> {
  /** The settings that its own sessions request, and those that the pool requests: a pooler may hand over a session of either. */
  asked: Record<string, string>[];
  /** The next statement gets a new session. */
  renew(): void;
  close(): Promise<void>;
}

/**
 * Opens a session beside the pool when it is first used, so that its statements never wait behind those of requests.
 * A statement without an answer at the deadline is given up together with its connection, which may be dead. A statement
 * whose connection was lost is retried once.
 *
 * @throws Problem 503 `overloaded` at the deadline; else what the driver throws
 */
export function openProbe(connection: ConnectionOptions, deadlineMs: number, slow?: SlowStatements): Probe {
  const options = withSettings(connection, { statement_timeout: String(deadlineMs) });
  let current: Session | undefined;
  let isClosed = false;

  function open(): Session {
    // It would stay open, and its timers would keep the process alive.
    if (isClosed) throw failure('CONNECTION_ENDED', 'the probe is closed');
    const session = openSession(options, () => giveUp(session));
    return session;
  }

  function giveUp(session: Session | undefined): void {
    if (current === session) current = undefined;
    session?.end(0).catch(() => {});
  }

  return {
    asked: [askedSettings(connection), askedSettings(options)],

    renew: () => giveUp(current),

    async run(statement) {
      const requesters = currentRequesters();
      const begunAt = performance.now();
      let query: unknown;
      let cause: unknown;
      let session: Session | undefined;
      let isOver = false;
      const ask = async () => {
        session = current ??= open();
        try {
          const sent = statement(session.sql);
          query = sent;
          return await sent;
        } catch (error) {
          if (isLostConnection(error) || !session.isLoggedIn()) giveUp(session);
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
        if (isLostConnection(error) && session?.isLoggedIn() && !isOver && !isClosed) return ask();
        throw error;
      });
      try {
        return withoutHoles(await Promise.race([rows, deadline]));
      } catch (error) {
        cause = error;
        throw error;
      } finally {
        slow?.ended({ query, requesters, arrivedAt: begunAt, begunAt, error: cause });
        clearTimeout(timer);
      }
    },

    async close() {
      isClosed = true;
      await current?.end(0);
    },
  };
}
