import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen, throughProxy } from './listen.js';
import { ProxySockets } from './proxy-sockets.js';

export interface DatabaseProxy {
  /** Leads to the same database. */
  url: string;
  /** Nothing passes, and nobody is told: as a database that hangs. */
  silence(): void;
  /** Connections break, and new ones too: as a database that is gone. */
  cut(): void;
  /** New connections break; those that there are stay. */
  refuse(): void;
  /** How many connections there were. */
  accepted(): number;
  /** All passes again, what was held back first. */
  open(): void;
  /** From now on each piece is kept back for so many milliseconds: as a database that is slow. */
  slow(delayMs: () => number): void;
}

/** A proxy to PostgreSQL that can be blocked. */
export async function startDatabaseProxy(database: string): Promise<DatabaseProxy> {
  const target = new URL(database);
  let isCut = false;
  let isSilent = false;
  let accepted = 0;
  let delayMs: (() => number) | undefined;
  const server = createServer((client) => {
    accepted++;
    if (isCut) {
      client.destroy();
      return;
    }
    const upstream = connect({ host: target.hostname, port: Number(target.port || 5432) });
    sockets.add(client, upstream);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      if (isSilent) from.pause();
      let passed: Promise<unknown> = Promise.resolve();
      from.on('data', (chunk) => {
        if (!delayMs) to.write(chunk);
        else passed = passed.then(() => sleep(delayMs?.())).then(() => to.write(chunk));
      });
      if (isSilent) from.pause();
    }
  });
  const sockets = new ProxySockets(server);
  const port = await listen(server);
  return {
    url: throughProxy(database, port),
    silence() {
      isSilent = true;
      for (const socket of sockets) socket.pause();
    },
    cut() {
      isCut = true;
      sockets.destroyAll();
    },
    refuse() {
      isCut = true;
    },
    accepted: () => accepted,
    open() {
      isSilent = false;
      isCut = false;
      for (const socket of sockets) socket.resume();
    },
    slow(delay) {
      delayMs = delay;
    },
  };
}
