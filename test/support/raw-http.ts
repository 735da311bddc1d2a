import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';

/** HTTP as bytes: for what no client library would send. */

export const HOST = 'Host: localhost';
export const JSON_TYPE = 'Content-Type: application/json';

export function lines(...head: string[]): string {
  return `${head.join('\r\n')}\r\n\r\n`;
}

export function get(path: string): string {
  return lines(`GET ${path} HTTP/1.1`, HOST);
}

export function withBody(requestLine: string, body: string | Uint8Array, ...headers: string[]): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([
    Buffer.from(lines(requestLine, HOST, `Content-Length: ${bytes.length}`, ...headers)),
    bytes,
  ]);
}

export interface RawAnswer {
  status: number;
  headers: Headers;
  text: string;
}

export interface RawConnection {
  write(bytes: string | Uint8Array): void;
  /** Resolves when the system has taken all, or the connection is broken. */
  writeAll(bytes: Uint8Array): Promise<void>;
  /** The next answer, 1xx ones too; undefined where the server hangs up instead. HEAD's has no body. */
  next(options?: { isHead: boolean }): Promise<RawAnswer | undefined>;
  /** Resolves when the server has hung up. */
  hangUp(): Promise<void>;
  destroy(): void;
  /** Breaks the connection, without an end. */
  reset(): void;
}

/** Opens a connection to the service at `base`. */
export async function connectRaw(base: string): Promise<RawConnection> {
  const { hostname, port } = new URL(base);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => {});
  await once(socket, 'connect');
  const chunks = socket[Symbol.asyncIterator]();
  let received = '';

  /** False where nothing more comes. */
  async function more(): Promise<boolean> {
    const { value, done } = await chunks.next().catch(() => ({ value: undefined, done: true }));
    if (done) return false;
    received += (value as Buffer).toString('latin1');
    return true;
  }

  function take(length: number): string {
    const taken = received.slice(0, length);
    received = received.slice(length);
    return taken;
  }

  return {
    write: (bytes) => socket.write(bytes),
    writeAll: (bytes) => new Promise((resolve) => socket.write(bytes, () => resolve())),
    async next({ isHead } = { isHead: false }) {
      while (!received.includes('\r\n\r\n')) if (!(await more())) return undefined;
      const [statusLine = '', ...fields] = take(received.indexOf('\r\n\r\n') + 4)
        .trim()
        .split('\r\n');
      const headers = new Headers(fields.map((field) => pair(field)));
      const length = isHead ? 0 : Number(headers.get('content-length') ?? 0);
      while (received.length < length) if (!(await more())) return undefined;
      const text = Buffer.from(take(length), 'latin1').toString();
      return { status: Number(statusLine.split(' ')[1]), headers, text };
    },
    async hangUp() {
      while (await more());
    },
    destroy: () => socket.destroy(),
    reset: () => socket.resetAndDestroy(),
  };
}

/** One request over a connection of its own, and its (first) answer. */
export async function sendRaw(base: string, bytes: string | Uint8Array): Promise<RawAnswer> {
  const connection = await connectRaw(base);
  connection.write(bytes);
  const answer = await connection.next();
  connection.destroy();
  assert.ok(answer, 'the server hung up without an answer');
  return answer;
}

/** Fails unless the answer is a problem as this service sends all of them; returns its members. */
export function assertProblem(
  { status, headers, text }: RawAnswer,
  expectedStatus: number,
  code: string,
): Record<string, unknown> {
  assert.equal(status, expectedStatus, text);
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json(;|$)/);
  const problem: Record<string, unknown> = JSON.parse(text);
  assert.equal(problem['code'], code, text);
  assert.equal(problem['status'], status);
  assert.equal(problem['type'], `urn:pict-repo:problem:${code}`);
  for (const name of ['title', 'detail', 'instance', 'request_id'])
    assert.ok(problem[name], `no ${name}: ${text}`);
  assert.equal(headers.get('x-request-id'), problem['request_id']);
  return problem;
}

function pair(field: string): [string, string] {
  const colon = field.indexOf(':');
  return [field.slice(0, colon), field.slice(colon + 1).trim()];
}
