import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Linger } from './linger.js';

interface WaitingRequest {
  request: IncomingMessage;
  response: ServerResponse;
  cost: number;
}

/** What a connection is told by the registry, and tells it. */
export interface Registry {
  /** The time of the last sweep in milliseconds: exact enough to compare connections, and costs nothing. */
  readonly now: number;
  handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** A connection takes so many bytes more, or gives them back where they are negative. */
  countReceived: (bytes: number, connection: Connection) => void;
  countUnread: (bytes: number, connection: Connection) => void;
  /** False while more has been received than there is room for. */
  readonly hasRoom: boolean;
  cut: (connection: Connection, reason: CutReason) => void;
}

export type CutReason =
  | 'pipelining'
  | 'parts'
  | 'stalled'
  | 'received'
  | 'unread'
  | 'linger'
  | 'stream_place';

/** Pipelined requests that may wait for the answers before them. */
const MOST_WAITING = 100;

/** What the objects of a waiting request take beside its bytes. */
const WAITING_COST = 4096;

/** A body that arrives in smaller steps makes no progress; one that is not longer is never refused. */
const PROGRESS_BYTES = 64 * 1024;

/** Each part of a body costs time, be it a single byte: so many may come, and then only larger ones on average. */
const FREE_PARTS = 4096;
const PART_BYTES = 128;

/** One socket: the requests on it, one after the other, and the memory that they take. */
export class Connection {
  readonly socket: Socket;
  readonly #registry: Registry;
  readonly #onAnswered = (): void => this.#answered();
  /** What is being answered. */
  request: IncomingMessage | undefined;
  response: ServerResponse | undefined;
  /** Requests that have not begun, so that nothing is to be undone where the connection breaks. */
  readonly #waiting: WaitingRequest[] = [];
  #cost = 0;
  #waitingCost = 0;
  #bytesCounted = 0;
  #bytesSinceProgress = 0;
  #parts = 0;
  #unread = 0;
  #writableBefore = 0;
  #hasStallTimer = false;
  #lastWords: string | undefined;
  #linger: Linger | undefined;
  /** When the request began, or its body or its answer last made progress. */
  progressAt: number;
  /** The answer is a stream, whose reader may stall. */
  isStream = false;
  /** Somebody wants to know at once when the client goes away. */
  isWatched = false;

  constructor(socket: Socket, registry: Registry) {
    this.socket = socket;
    this.#registry = registry;
    this.progressAt = registry.now;
  }

  /** Bytes of bodies and of waiting requests. */
  get received(): number {
    return this.#cost + this.#waitingCost;
  }

  get unread(): number {
    return this.#unread;
  }

  /** No request begins any more; what comes is discarded. */
  get isEnding(): boolean {
    return this.#lastWords !== undefined || this.#linger !== undefined;
  }

  get isLingering(): boolean {
    return this.#linger !== undefined;
  }

  /** Cutting it frees what it has received; a request that has arrived is worked on to its end. */
  get isReceiving(): boolean {
    return this.#waiting.length > 0 || this.request?.complete === false;
  }

  /** Its client has not taken what was written. */
  get isUnread(): boolean {
    return this.socket.writableLength > 0;
  }

  /** Begins with the request as soon as the answers before it are flushed. */
  take(request: IncomingMessage, response: ServerResponse): void {
    // After a last answer there is nobody to be answered.
    if (!this.socket.writable) request.resume();
    else if (this.response === undefined) this.#begin(request, response, 0);
    else if (this.#waiting.length >= MOST_WAITING) this.#registry.cut(this, 'pipelining');
    else {
      if (this.#waiting.length === 0) this.#bytesCounted = this.socket.bytesRead;
      this.#waiting.push({ request, response, cost: 0 });
      this.#countWaiting(WAITING_COST);
    }
  }

  #begin(request: IncomingMessage, response: ServerResponse, cost: number): void {
    this.request = request;
    this.response = response;
    this.#cost = cost;
    this.#bytesSinceProgress = this.#parts = 0;
    this.progressAt = this.#registry.now;
    response.on('close', this.#onAnswered);
    this.#registry.handle(request, response);
  }

  #answered(): void {
    this.request = this.response = undefined;
    this.isStream = this.isWatched = false;
    if (this.#cost > 0) this.#registry.countReceived(-this.#cost, this);
    this.#cost = 0;
    this.setUnread(0);
    const next = this.socket.writable ? this.#waiting.shift() : undefined;
    // Where none waits, node has set a timer for idle connections in its place.
    if (this.#hasStallTimer && next) this.socket.setTimeout(0);
    this.#hasStallTimer = false;
    if (!next) {
      if (this.#lastWords !== undefined) this.endWith(this.#lastWords);
      return;
    }
    this.#waitingCost -= next.cost;
    this.#begin(next.request, next.response, next.cost);
  }

  #countWaiting(more: number): void {
    const last = this.#waiting.at(-1);
    if (!last) return;
    const { bytesRead } = this.socket;
    const cost = bytesRead - this.#bytesCounted + more;
    this.#bytesCounted = bytesRead;
    last.cost += cost;
    this.#waitingCost += cost;
    this.#registry.countReceived(cost, this);
  }

  /** So many bytes of the request's body have come. False where there is no room for more. */
  receive(bytes: number): boolean {
    if (this.socket.destroyed) return false;
    this.#cost += bytes;
    this.#bytesSinceProgress += bytes;
    if (this.#bytesSinceProgress >= PROGRESS_BYTES) {
      this.#bytesSinceProgress = 0;
      this.progressAt = this.#registry.now;
    }
    this.#registry.countReceived(bytes, this);
    if (++this.#parts > FREE_PARTS && this.#cost < this.#parts * PART_BYTES)
      this.#registry.cut(this, 'parts');
    return this.#cost <= PROGRESS_BYTES || this.#registry.hasRoom;
  }

  /** So many bytes of the answer are being sent. */
  setUnread(bytes: number): void {
    const change = bytes - this.#unread;
    if (bytes > 0) this.progressAt = this.#registry.now;
    if (change === 0) return;
    this.#unread = bytes;
    this.#registry.countUnread(change, this);
  }

  /** The answer is the last one: the rest of the request, which nobody wants, is discarded. */
  lingerAfterAnswer(): void {
    this.request?.resume();
    // Node calls this when an answer with "Connection: close" is sent.
    this.socket.destroySoon = () => this.#startLinger();
  }

  /** Sends an answer that belongs to no request, after those of the requests before it, and ends the connection. */
  endWith(answer: string): void {
    this.#lastWords = answer;
    if (this.response && (this.request?.complete || this.response.headersSent)) return;
    this.socket.write(answer);
    this.#startLinger();
  }

  #startLinger(): void {
    this.#linger ??= new Linger(this.socket, this.#registry.now);
  }

  /** Once a second. */
  sweep(stallMs: number): void {
    const { socket } = this;
    const { now } = this.#registry;
    if (this.#linger?.isOver(now)) this.#registry.cut(this, 'linger');
    if (this.#linger || !this.request) return;
    if (this.#waiting.length > 0) {
      this.#countWaiting(0);
      // Node reads no more until this body is wanted, so nobody would be told when the client goes away.
      if (this.isWatched && this.#waiting.some(({ request }) => isFull(request))) {
        this.#registry.cut(this, 'pipelining');
      }
    }
    const { writableLength } = socket;
    if (writableLength < this.#writableBefore) this.progressAt = now;
    this.#writableBefore = writableLength;
    if (writableLength > 0 && !this.isStream && !this.#hasStallTimer) {
      this.#hasStallTimer = true;
      // Node's own timer sees the parts of a write too.
      socket.setTimeout(stallMs);
    }
  }

  /** Nothing was received or sent for so long as node's timer was set for: by us, or by node while it is idle. */
  timeOut(): void {
    if (this.#hasStallTimer) this.#registry.cut(this, 'stalled');
    else this.cut();
  }

  /** Ends the connection at once, with all that waits for it. */
  cut(): void {
    this.release();
    this.socket.destroy();
  }

  /** Gives back all that it took. */
  release(): void {
    this.#waiting.length = 0;
    if (this.received > 0) this.#registry.countReceived(-this.received, this);
    this.#cost = this.#waitingCost = 0;
    this.setUnread(0);
  }
}

function isFull(request: IncomingMessage): boolean {
  return request.readableLength >= request.readableHighWaterMark;
}
