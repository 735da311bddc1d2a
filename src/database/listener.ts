import type { ConnectionOptions } from './database.js';
import { openLastingSession, type Session } from './driver/session.js';

interface Listener {
  /** Resolves once LISTEN has succeeded. If the first try fails it rejects, and the listener keeps trying. */
  listen(): Promise<void>;
  close(): Promise<void>;
}

interface ListenerOptions {
  connection: ConnectionOptions;
  channel: string;
  onMessage: (payload: string) => void;
  /** LISTEN has succeeded, again or for the first time; notifications sent before it are lost. */
  onListening: () => void;
  /** The session is lost: notifications are lost until LISTEN has succeeded again. */
  onLost: () => void;
}

const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 1000;
/** A role may have a timeout for idle sessions, and a listener is always idle. PostgreSQL 13 lacks the setting. */
const NO_IDLE_TIMEOUT =
  "select set_config(name, '0', false) from pg_settings where name = 'idle_session_timeout'";

/** One session that listens, opened again whenever it is lost. */
export function openListener(options: ListenerOptions): Listener {
  const { connection, channel, onMessage, onListening, onLost } = options;
  let current: Session | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let isClosed = false;

  async function listen(): Promise<void> {
    const sessionOptions = {
      ...connection,
      // Missing in the driver's types.
      onnotify: (_channel: string, payload: string) => onMessage(payload),
    };
    const session = openLastingSession(sessionOptions, () => reconnect(session));
    current = session;
    try {
      await session.sql.unsafe(NO_IDLE_TIMEOUT);
      // Do not change this text: a migration finds replicas of the version before by it (00003-leases.js).
      await session.sql.unsafe(`listen "${channel}"`);
    } catch (error) {
      reconnect(session);
      if (isClosed) return;
      throw error;
    }
    failures = 0;
    onListening();
  }

  function reconnect(lost: Session): void {
    if (current !== lost) return;
    current = undefined;
    lost.end(0).catch(() => {});
    if (isClosed) return;
    onLost();
    timer = setTimeout(
      () => {
        listen().catch(() => {});
      },
      Math.min(FIRST_PAUSE_MS * 2 ** failures++, MAX_PAUSE_MS),
    );
  }

  return {
    listen,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await current?.end(1);
    },
  };
}
