import type { Socket } from 'node:net';

/** So much is discarded after the last answer, for so long, and no longer than the client sends. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_MS = 30_000;
const MOST_IDLE_MS = 2000;

/**
 * A lingering close: what is written is sent, then the end of it, and what the client still sends is discarded. A
 * socket that is closed with bytes unread is reset by the system, and the client may then never see its answer.
 */
export class Linger {
  readonly #socket: Socket;
  readonly #since: number;
  readonly #bytesBefore: number;
  #bytes: number;
  #activeAt: number;

  constructor(socket: Socket, now: number) {
    this.#socket = socket;
    this.#since = this.#activeAt = now;
    this.#bytesBefore = this.#bytes = socket.bytesRead;
    socket.end();
  }

  isOver(now: number): boolean {
    const { bytesRead, writableLength } = this.#socket;
    // The answer itself counts as activity, until the client has taken it.
    if (bytesRead !== this.#bytes || writableLength > 0) this.#activeAt = now;
    this.#bytes = bytesRead;
    return (
      now - this.#activeAt >= MOST_IDLE_MS ||
      now - this.#since >= MOST_MS ||
      bytesRead - this.#bytesBefore >= MOST_BYTES
    );
  }
}
