import { randomUUID } from 'node:crypto';
import type { ConnectionOptions, Database } from '../../../database/database.js';
import { openListener } from '../../../database/listener.js';
import { notify } from '../sql/notify.js';
import { Presence } from './presence.js';

/** PostgreSQL takes payloads below 8,000 bytes. */
const MAX_PAYLOAD_BYTES = 7900;
/** Names that are announced within this time share a notification. */
const PAUSE_MS = 10;
/** The same while no other process listens. Notifications every 10 ms would be a twentieth of the cost of pushing. */
const ALONE_PAUSE_MS = 1000;

interface Notifications {
  /** Tells the other processes a name: of a queue that has ready jobs, or of what requests wait for. Names share notifications. */
  announce(name: string): void;
  /** Whether LISTEN is established now. */
  isListening(): boolean;
  /** Begins to listen; resolves when LISTEN is established for the first time. */
  listen(): Promise<void>;
  close(): Promise<void>;
}

interface Options {
  db: Database;
  /** A connection that keeps its session, for LISTEN. */
  connection: ConnectionOptions;
  channel: string;
  /** Another process has announced this. */
  onAnnounced: (name: string) => void;
  /** LISTEN is established, perhaps again: announcements may have been missed. */
  onListening: () => void;
  onError: (error: unknown) => void;
}

/**
 * Wake-ups between processes. A notification is only a hint, so it is sent after the transaction of the push. Within it
 * NOTIFY would take a global lock at commit, which cuts the commits of a server to a third
 * (docs/queue.md#notifications-and-presence).
 *
 * The payload is the id of the sender, then the names, a line each: of queues, or of what requests of other repos wait
 * for (../../waiting-reads.ts). Without names it only says that the sender listens.
 */
export function openNotifications({
  db,
  connection,
  channel,
  onAnnounced,
  onListening,
  onError,
}: Options): Notifications {
  const self = randomUUID();
  const presence = new Presence();
  const pending = new Set<string>();
  let isListening = false;
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<void> | undefined;
  const listener = openListener({
    connection,
    channel,
    onMessage(payload) {
      const [sender, ...names] = payload.split('\n');
      if (sender === self) return presence.heardItself();
      heardAnother(names.length > 0);
      for (const name of names) onAnnounced(name);
    },
    onListening() {
      isListening = true;
      heardAnother(false);
      announcePresence();
      onListening();
    },
    onLost() {
      isListening = false;
    },
  });

  async function send(): Promise<void> {
    for (const payload of takePayloads(self, pending)) await notify(db, channel, payload);
  }

  function schedule(): void {
    timer ??= setTimeout(flush, isListening && presence.isAlone ? ALONE_PAUSE_MS : PAUSE_MS);
  }

  function stopTimer(): void {
    clearTimeout(timer);
    timer = undefined;
  }

  function flush(): void {
    stopTimer();
    sending = send()
      .catch(onError)
      .finally(() => {
        sending = undefined;
        if (pending.size > 0) schedule();
      });
  }

  function announcePresence(): void {
    notify(db, channel, self).catch(onError);
  }

  /** Another process listens, or may do so. Announcements that were delayed while this process was alone are sent now. */
  function heardAnother(isWakeUp: boolean): void {
    const wasAlone = presence.isAlone;
    if (presence.heardOther(isWakeUp)) announcePresence();
    if (wasAlone && timer) flush();
  }

  return {
    announce(name) {
      pending.add(name);
      if (!sending) schedule();
    },

    isListening: () => isListening,

    listen: listener.listen,

    async close() {
      await sending;
      stopTimer();
      await send().catch(onError);
      await listener.close();
    },
  };
}

/** Empties the set into as few payloads as possible. */
function* takePayloads(self: string, names: Set<string>): Generator<string> {
  let payload = self;
  for (const name of names) {
    const longer = `${payload}\n${name}`;
    if (Buffer.byteLength(longer) > MAX_PAYLOAD_BYTES) {
      yield payload;
      payload = `${self}\n${name}`;
    } else payload = longer;
    names.delete(name);
  }
  if (payload !== self) yield payload;
}
