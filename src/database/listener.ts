import type { ConnectionOptions } from './database.js';
import { openSession, type Session } from './session.js';

interface Listener {
  /** Resolves once LISTEN stands, and rejects where the first try fails; it is tried again in any case. */
  listen(): Promise<void>;
  close(): Promise<void>;
}

interface ListenerOptions {
  connection: ConnectionOptions;
  channel: string;
  onMessage: (payload: string) => void;
  /** LISTEN stands again; what was said meanwhile is unknown. */
  onListening: () => void;
  /** The session is lost, and with it what is said until LISTEN stands again. */
  onLost: () => void;
}

const LONGEST_PAUSE_MS = 1000;
/** A role may have sessions ended that say nothing for a while. PostgreSQL 13 does not know it. */
const NEVER_IDLE = "select set_config(name, '0', false) from pg_settings where name = 'idle_session_timeout'";

/** One session that listens, opened again whenever it is lost. */
export function openListener(options: ListenerOptions): Listener {
  const { connection, channel, onMessage, onListening, onLost } = options;
  let current: Session | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let isClosed = false;

  async function listen(): Promise<void> {
    const hearing = {
      ...connection,
      idle_timeout: 0,
      max_lifetime: null,
      // Missing in the driver's types.
      onnotify: (_channel: string, payload: string) => onMessage(payload),
    };
    const session = openSession(hearing, () => again(session));
    current = session;
    try {
      await session.sql.unsafe(NEVER_IDLE);
      // In these words: an upgrade knows by them that replicas of the version before are running (00003-leases.js).
      await session.sql.unsafe(`listen "${channel}"`);
    } catch (error) {
      again(session);
      if (isClosed) return;
      throw error;
    }
    failures = 0;
    onListening();
  }

  function again(lost: Session): void {
    if (current !== lost) return;
    current = undefined;
    lost.end(0).catch(() => {});
    if (isClosed) return;
    onLost();
    timer = setTimeout(
      () => {
        listen().catch(() => {});
      },
      Math.min(50 * 2 ** failures++, LONGEST_PAUSE_MS),
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
