import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface PipelinedRequest {
  request: IncomingMessage;
  response: ServerResponse;
  /** Bytes that the request takes. */
  cost: number;
}

const MAX_PIPELINED = 100;

/** Bytes of the objects of a pipelined request, beside those that were received. */
const OBJECT_BYTES = 4096;

/** The pipelined requests of one connection that wait for the answers before them, and the memory that they take. */
export class PipelinedRequests {
  readonly #socket: Socket;
  /** Their work has not begun, so nothing must be undone if the connection breaks. */
  readonly #requests: PipelinedRequest[] = [];
  #cost = 0;
  /** What the socket had read when its bytes were last counted. */
  #bytesCounted = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Bytes of all of them. */
  get cost(): number {
    return this.#cost;
  }

  get isEmpty(): boolean {
    return this.#requests.length === 0;
  }

  /** No further request may wait. */
  get isFull(): boolean {
    return this.#requests.length >= MAX_PIPELINED;
  }

  /** The body of one of them fills its buffer, so that Node reads no more from the socket. */
  get isReadingPaused(): boolean {
    return this.#requests.some(({ request }) => request.readableLength >= request.readableHighWaterMark);
  }

  /** @returns the bytes by which the cost has grown */
  push(request: IncomingMessage, response: ServerResponse): number {
    if (this.isEmpty) this.#bytesCounted = this.#socket.bytesRead;
    this.#requests.push({ request, response, cost: 0 });
    return this.#count(OBJECT_BYTES);
  }

  /** Takes out the first request. */
  shift(): PipelinedRequest | undefined {
    const next = this.#requests.shift();
    if (next) this.#cost -= next.cost;
    return next;
  }

  /** Counts what was received since the last count. @returns the bytes by which the cost has grown */
  countReceived(): number {
    return this.#count(0);
  }

  clear(): void {
    this.#requests.length = 0;
    this.#cost = 0;
  }

  #count(more: number): number {
    const last = this.#requests.at(-1);
    if (!last) return 0;
    const { bytesRead } = this.#socket;
    const cost = bytesRead - this.#bytesCounted + more;
    this.#bytesCounted = bytesRead;
    last.cost += cost;
    this.#cost += cost;
    return cost;
  }
}
