import { hash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { notePageSent } from './page-buffers.js';

/** A part of a stream: newline-terminated lines, and how many of them are rows. */
interface Chunk {
  lines: Buffer;
  count: number;
}

/** The answer of a handler. */
export interface Answer {
  status: number;
  type?: string;
  /** Sent unchanged. */
  body?: string | Buffer;
  /** Sent instead of a body. */
  stream?: AsyncIterable<Chunk>;
  headers?: Record<string, string>;
}

/** 200 with JSON. */
export function ok(value: Promise<object>): Promise<Answer> {
  return value.then(ok200);
}

/** 201 with JSON. */
export async function created(value: Promise<object>): Promise<Answer> {
  return json(201, await value);
}

/** 204 when the work is done. */
export async function noContent(work: Promise<unknown>): Promise<Answer> {
  await work;
  return { status: 204 };
}

/** 201 with the record that was created, or 200 with the equal one that already existed. */
export async function createdOrExisting(
  outcome: Promise<{ created: boolean; record: object }>,
): Promise<Answer> {
  const { created, record } = await outcome;
  return json(created ? 201 : 200, record);
}

/** 200 with text that is already JSON. */
export async function rawJson(text: Promise<string>): Promise<Answer> {
  return { status: 200, type: 'application/json; charset=utf-8', body: await text };
}

/**
 * 200 with text that is already JSON, or 304 if the client has the same text already. Caches must ask each time, and get
 * the text only if it has changed.
 */
export async function revalidated(text: Promise<string>, { 'if-none-match': known = '' }): Promise<Answer> {
  const body = await text;
  return unlessKnown({ status: 200, type: 'application/json; charset=utf-8', body }, etagOf(body), known);
}

/**
 * As `revalidated`, for a value with members that change each time, such as times. Only its essence is compared. What is
 * made of a value serves all requests that get the same object.
 *
 * @param essence returns the part of the value that is compared
 */
export async function revalidatedBy<Value extends object>(
  value: Promise<Value>,
  essence: (value: Value) => object,
  { 'if-none-match': known = '' },
): Promise<Answer> {
  const shared = await value;
  let made = madeOf.get(shared);
  if (!made) {
    made = { answer: json(200, shared), etag: `W/${etagOf(JSON.stringify(essence(shared)))}` };
    madeOf.set(shared, made);
  }
  return unlessKnown(made.answer, made.etag, known);
}

const madeOf = new WeakMap<object, { answer: Answer; etag: string }>();

function etagOf(text: string): string {
  return `"${hash('sha256', text, 'base64url')}"`;
}

/** Tags are compared weakly (RFC 9110, section 8.8.3.2). */
function unlessKnown(answer: Answer, etag: string, known: string): Answer {
  const headers = { etag, 'cache-control': 'private, no-cache' };
  if (known === '') return { ...answer, headers };
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '');
  const isKnown = known.split(',').some((tag) => tag.trim() === '*' || opaque(tag) === opaque(etag));
  return isKnown ? { status: 304, headers } : { ...answer, headers };
}

/** 200 with bytes, under a content type that no browser runs. */
export async function rawBytes(value: Promise<Buffer>): Promise<Answer> {
  const headers = { 'x-content-type-options': 'nosniff' };
  return { status: 200, type: 'application/octet-stream', body: await value, headers };
}

/** Forbids caches to store the answer. */
export async function secret(pending: Promise<Answer>): Promise<Answer> {
  const answer = await pending;
  return { ...answer, headers: { ...answer.headers, 'cache-control': 'no-store' } };
}

/** 200 with newline-delimited JSON. An error cuts the connection, so that clients never take it for the end. */
export function ndjson(stream: AsyncIterable<Chunk>): Answer {
  return { status: 200, type: 'application/x-ndjson', stream };
}

/** Says which preference of the request was heeded (RFC 7240). */
export async function preferring(pending: Promise<Answer>, preference: string | undefined): Promise<Answer> {
  const answer = await pending;
  return preference === undefined
    ? answer
    : { ...answer, headers: { ...answer.headers, 'preference-applied': preference } };
}

/** Sets status, headers and type of the reply, and returns its payload. */
export function payloadOf(answer: Answer, reply: FastifyReply): string | Buffer | Readable | undefined {
  reply.code(answer.status);
  if (answer.headers) reply.headers(answer.headers);
  if (answer.type) reply.type(answer.type);
  return answer.stream ? readable(answer.stream, reply) : answer.body;
}

/** A Readable fetches the next chunk while one is sent. */
function readable(stream: AsyncIterable<Chunk>, reply: FastifyReply): Readable {
  const { operationId = '' } = reply.routeOptions.config;
  const connection = reply.server.connections.of(reply.request.raw);
  async function* lines(): AsyncGenerator<Buffer> {
    for await (const chunk of stream) {
      // Two chunks: the one before this is still being sent, and is about as large.
      connection?.setUnread(2 * chunk.lines.length);
      yield chunk.lines;
      notePageSent(chunk.lines.length);
      reply.request.streamedBytes += chunk.lines.length;
      reply.server.streams.sent(operationId, chunk.count);
    }
  }
  return Readable.from(lines(), { objectMode: false, highWaterMark: 1 });
}

const ok200 = (value: object): Answer => json(200, value);

function json(status: number, value: object): Answer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(value) };
}
