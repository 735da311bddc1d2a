import type { Socket } from 'node:net';
import { clock } from './clock.js';

/** Limits of what is still received after the last answer. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_MS = 30_000;
const MAX_IDLE_MS = 2000;
/** A client that sends less than this in that time has nothing large on its way, and is not waited for. */
const MIN_BYTES = 16 * 1024;

/**
 * A lingering close: the answer is sent, then the end of the stream, and what the client still sends is discarded. The
 * system resets a socket that is closed with unread bytes, and the client may then never see its answer.
 */
export class Linger {
  readonly #socket: Socket;
  readonly #since: number;
  readonly #bytesBefore: number;
  #bytes: number;
  #activeAt: number;

  constructor(socket: Socket) {
    this.#socket = socket;
    // Not the time of the last sweep: after a block of the event loop that is long ago.
    this.#since = this.#activeAt = clock.now();
    this.#bytesBefore = this.#bytes = socket.bytesRead;
    socket.end();
  }

  isOver(now: number): boolean {
    const { bytesRead, writableLength } = this.#socket;
    // Sending the answer counts as activity.
    if (bytesRead - this.#bytes >= MIN_BYTES || writableLength > 0) {
      this.#activeAt = now;
      this.#bytes = bytesRead;
    }
    return (
      now - this.#activeAt >= MAX_IDLE_MS ||
      now - this.#since >= MAX_MS ||
      bytesRead - this.#bytesBefore >= MAX_BYTES
    );
  }
}
