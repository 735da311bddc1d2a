import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { discard } from './in-turns.js';
import { type LastAnswer, textOf } from './last-answer.js';
import { Linger } from './linger.js';
import { PipelinedRequests } from './pipelined-requests.js';
import type { Registry } from './registry.js';

/** A body makes progress in steps of this size. */
const PROGRESS_BYTES = 64 * 1024;

/** A body in very small parts costs much time. Beyond this number of parts they must have this size on average. */
const FREE_PARTS = 4096;
const MIN_PART_BYTES = 128;

/** One socket: its requests, which are handled one after the other, and the memory that they take. */
export class Connection {
  readonly socket: Socket;
  readonly #registry: Registry<Connection>;
  readonly #onAnswered = (): void => this.#answered();
  /** The request that is being answered. */
  request: IncomingMessage | undefined;
  response: ServerResponse | undefined;
  /** The request that began last. */
  #newest: IncomingMessage | undefined;
  readonly #pipelined: PipelinedRequests;
  /** Bytes that the request takes. */
  #cost = 0;
  #bytesSinceProgress = 0;
  #parts = 0;
  #unread = 0;
  #writableBefore = 0;
  #hasStallTimer = false;
  #lastAnswer: LastAnswer | undefined;
  #linger: Linger | undefined;
  /** When the request began, or when its body or its answer last made progress. */
  progressAt: number;
  /** It has not sent a request yet. */
  isNew = true;
  /** The answer is a stream, whose reader may pause. */
  isStream = false;
  /** A handler must be told at once when the client goes away. */
  isWatched = false;

  constructor(socket: Socket, registry: Registry<Connection>) {
    this.socket = socket;
    this.#registry = registry;
    this.#pipelined = new PipelinedRequests(socket);
    this.progressAt = registry.now;
  }

  /** Bytes of the body and of the pipelined requests. */
  get received(): number {
    return this.#cost + this.#pipelined.cost;
  }

  get unread(): number {
    return this.#unread;
  }

  /** No further request is handled; what is received is discarded. */
  get isEnding(): boolean {
    return this.#lastAnswer !== undefined || this.#linger !== undefined;
  }

  get isLingering(): boolean {
    return this.#linger !== undefined;
  }

  /** Whether a cut would free received bytes. A request that has arrived completely is handled in any case. */
  get isReceiving(): boolean {
    return !this.#pipelined.isEmpty || this.request?.complete === false;
  }

  /** The client has not read all that was written. */
  get isUnread(): boolean {
    return this.socket.writableLength > 0;
  }

  /** Handles the request as soon as the answers before it are flushed. */
  take(request: IncomingMessage, response: ServerResponse): void {
    // Node still parses what it has read before the connection was cut.
    if (this.socket.destroyed) return;
    // The last answer is sent: this request cannot be answered.
    if (!this.socket.writable) request.resume();
    else if (this.response === undefined && this.#pipelined.isEmpty) this.#begin(request, response, 0);
    else if (this.#pipelined.isFull) this.#registry.cut(this, 'pipelining');
    else this.#registry.countReceived(this.#pipelined.push(request, response), this);
  }

  #begin(request: IncomingMessage, response: ServerResponse, cost: number): void {
    this.request = this.#newest = request;
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
    const hasNext = this.socket.writable && !this.#pipelined.isEmpty;
    // Without a next request, Node has already replaced the stall timer by its timer for idle connections.
    if (this.#hasStallTimer && hasNext) this.socket.setTimeout(0);
    this.#hasStallTimer = false;
    if (hasNext) this.#registry.beginInTurn(this);
    else if (this.#lastAnswer) this.endWith(this.#lastAnswer);
  }

  /** Begins the first of the pipelined requests, if the connection still stands. */
  beginNext(): void {
    const next = this.socket.writable ? this.#pipelined.shift() : undefined;
    if (!next) return;
    this.#begin(next.request, next.response, next.cost);
    if (this.#lastAnswer) this.endWith(this.#lastAnswer);
  }

  /** Counts received bytes of the body. Returns false if there is no memory for more. */
  receive(bytes: number): boolean {
    if (this.socket.destroyed) return false;
    this.#cost += bytes;
    this.#bytesSinceProgress += bytes;
    if (this.#bytesSinceProgress >= PROGRESS_BYTES) {
      this.#bytesSinceProgress = 0;
      this.progressAt = this.#registry.now;
    }
    this.#registry.countReceived(bytes, this);
    if (++this.#parts > FREE_PARTS && this.#cost < this.#parts * MIN_PART_BYTES)
      this.#registry.cut(this, 'parts');
    return this.#registry.hasRoomFor(this);
  }

  /** Sets how many bytes of the answer are being sent. */
  setUnread(bytes: number): void {
    // A stream may reach its next page after its client has gone. These bytes would never be given back.
    if (bytes > 0 && this.socket.destroyed) return;
    const change = bytes - this.#unread;
    if (bytes > 0) this.progressAt = this.#registry.now;
    if (change === 0) return;
    this.#unread = bytes;
    this.#registry.countUnread(change, this);
  }

  /** Makes this answer the last one: the rest of the request is discarded. */
  lingerAfterAnswer(): void {
    if (this.request) discard(this.request, this.#registry.bodies);
    // Node calls destroySoon after an answer with "Connection: close".
    this.socket.destroySoon = () => this.#startLinger();
  }

  /** Sends the last answer, to input that is not HTTP. Within a body it answers that request, if it has no answer yet. */
  endWith(answer: LastAnswer): void {
    this.#lastAnswer = answer;
    const { response } = this;
    const isInBody = this.#newest?.complete === false;
    // The next request is about to begin.
    if (!response && !this.#pipelined.isEmpty) return;
    if (!response) {
      if (!isInBody && this.socket.writable) this.socket.write(textOf(answer));
      this.#startLinger();
    } else if (isInBody && this.#pipelined.isEmpty) {
      this.lingerAfterAnswer();
      if (!response.headersSent) response.writeHead(answer.status, answer.headers).end(answer.body);
    }
  }

  #startLinger(): void {
    this.#linger ??= new Linger(this.socket);
  }

  /** Called once a second: cuts what has stalled, and counts what was received. */
  sweep(stallMs: number): void {
    const { socket } = this;
    const { now } = this.#registry;
    if (this.#linger?.isOver(now)) this.#registry.cut(this, 'linger');
    if (this.#linger || !this.request) return;
    if (!this.#pipelined.isEmpty) {
      this.#registry.countReceived(this.#pipelined.countReceived(), this);
      // A client that goes away is not noticed while Node does not read.
      if (this.isWatched && this.#pipelined.isReadingPaused) this.#registry.cut(this, 'pipelining');
    }
    const { writableLength } = socket;
    if (writableLength < this.#writableBefore) this.progressAt = now;
    this.#writableBefore = writableLength;
    if (writableLength > 0 && !this.isStream && !this.#hasStallTimer) {
      this.#hasStallTimer = true;
      // The socket's timer also sees when a part of a write is sent.
      socket.setTimeout(stallMs);
    }
  }

  /** The socket's timer expired: the stall timer, or Node's own timer for idle connections. */
  timeOut(): void {
    if (this.#hasStallTimer) this.#registry.cut(this, 'stalled');
    else this.cut();
  }

  /** Ends the connection at once, together with its pipelined requests. */
  cut(): void {
    this.release();
    this.socket.destroy();
  }

  /** Gives back all memory that it has counted. */
  release(): void {
    if (this.received > 0) this.#registry.countReceived(-this.received, this);
    this.#pipelined.clear();
    this.#cost = 0;
    this.setUnread(0);
  }
}
