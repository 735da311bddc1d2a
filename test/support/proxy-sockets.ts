import type { Server, Socket } from 'node:net';
import { atEnd } from './cleanup.js';

/** The open sockets of a proxy. At the end of the file they are destroyed, and the server is closed. */
export class ProxySockets {
  readonly #open = new Set<Socket>();

  constructor(server: Server) {
    atEnd(async () => {
      this.destroyAll();
      server.close();
    });
  }

  /** Adds the two sockets of a connection. If one closes, the other is destroyed. */
  add(client: Socket, upstream: Socket): void {
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      this.#open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#open.delete(socket);
        other.destroy();
      });
    }
  }

  destroyAll(): void {
    for (const socket of this.#open) socket.destroy();
  }

  *[Symbol.iterator](): Iterator<Socket> {
    yield* this.#open;
  }
}
