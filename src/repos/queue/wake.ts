import { randomUUID } from 'node:crypto';
import type { ConnectionOptions, Database } from '../../database/database.js';
import { openListener } from '../../database/listener.js';
import { Company } from './company.js';

const CHANNEL = 'pict_repo_jobs';
/** PostgreSQL takes payloads below 8,000 bytes. */
const PAYLOAD_BYTES = 7900;
const PAUSE_MS = 10;
/** While nobody else hears: the statements would be a twentieth of what pushing costs PostgreSQL. */
const ALONE_PAUSE_MS = 1000;

interface Bell {
  /**
   * Tells the other processes that the queue has ready jobs: at most one statement each few ms, or each second as
   * long as nobody else is there.
   */
  ring(queue: string): void;
  /** Whether LISTEN stands now. */
  isListening(): boolean;
  /** Begins to listen; resolves once the first LISTEN stands. */
  listen(): Promise<void>;
  close(): Promise<void>;
}

interface BellOptions {
  db: Database;
  /** A connection that keeps its session, for LISTEN. */
  connection: ConnectionOptions;
  /** Another process rang for this queue. */
  onRing: (queue: string) => void;
  /** LISTEN stands again; what was rung meanwhile is unknown. */
  onListening: () => void;
  onError: (error: unknown) => void;
}

/**
 * Wake-ups between processes. A notification is a hint, so it goes out beside the push and not within its
 * transaction: NOTIFY takes a global lock at commit, which cuts the commits a server does to a third.
 */
export function openBell({ db, connection, onRing, onListening, onError }: BellOptions): Bell {
  // Names this process, which has woken its own polls already.
  const self = randomUUID();
  const pending = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;
  const company = new Company(
    // No ring, but a sign of life.
    () => void notify(self, false).catch(onError),
    () => {
      if (timer) flush();
    },
  );
  const listener = openListener({
    connection,
    channel: CHANNEL,
    onMessage(payload) {
      const [sender, ...queues] = payload.split('\n');
      if (sender === self) return company.hearsItself();
      company.hearsOther(queues.length > 0);
      for (const queue of queues) onRing(queue);
    },
    onListening() {
      company.listens();
      onListening();
    },
    onLost: () => company.goesDeaf(),
  });

  async function notify(payload: string, isRing: boolean): Promise<void> {
    company.speaks(isRing);
    await db.run((run) => run`select pg_notify(${CHANNEL}, ${payload})`);
  }

  async function send(): Promise<void> {
    for (const payload of payloads(self, pending)) await notify(payload, true);
  }

  function pause(): number {
    return company.isAlone ? ALONE_PAUSE_MS : PAUSE_MS;
  }

  function flush(): void {
    stopTimer();
    sending = send()
      .catch(onError)
      .finally(() => {
        sending = undefined;
        if (pending.size > 0) timer ??= setTimeout(flush, pause());
      });
  }

  function stopTimer(): void {
    clearTimeout(timer);
    timer = undefined;
  }

  return {
    ring(queue) {
      pending.add(queue);
      if (!sending) timer ??= setTimeout(flush, pause());
    },

    isListening: () => company.isListening,

    listen: listener.listen,

    async close() {
      await sending;
      stopTimer();
      await send().catch(onError);
      await listener.close();
      company.close();
    },
  };
}

/** Empties the set into as few payloads as fit: the sender, then queues, a line each. */
function* payloads(self: string, queues: Set<string>): Generator<string> {
  let payload = self;
  for (const queue of queues) {
    const longer = `${payload}\n${queue}`;
    if (Buffer.byteLength(longer) > PAYLOAD_BYTES) {
      yield payload;
      payload = `${self}\n${queue}`;
    } else payload = longer;
    queues.delete(queue);
  }
  if (payload !== self) yield payload;
}
