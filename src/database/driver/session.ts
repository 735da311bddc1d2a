import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import postgres from 'postgres';
import type { ConnectionOptions, Sql } from '../database.js';

export interface Session {
  sql: Sql;
  /** Before the login no statement is sent. */
  isLoggedIn(): boolean;
  /** A statement in flight has this many seconds to end; then it is rejected. */
  end(seconds: number): Promise<void>;
}

/** How long the server has to close the connection of a session that has ended; then we do. */
const CLOSE_TIMEOUT_MS = 1000;

/**
 * A driver with one connection, which connects once. Everything that is given the address of a database connects through here,
 * because of three faults of the driver:
 *
 * - It cuts an IPv6 address such as `fd00::5` at its colons, and reaches another server (test/database/addresses.test.ts).
 * - It connects again whenever it has something to send, and without end where the server closes each connection
 *   before the login is over. What it was sending as a connection broke then confuses the next one. It can go when
 *   "driver: connects without end …" fails (test/database/driver.test.ts).
 * - It keeps statements for a connection that does not come: do not use a session again that failed to log in.
 *
 * @param onLost called when the connection is closed; a statement in flight was rejected before
 */
export function openSession(options: ConnectionOptions, onLost: () => void): Session {
  let socket: Socket | undefined;
  let isLoggedIn = false;
  let isEnded = false;
  const sql = postgres({
    ...options,
    max: 1,
    onclose: onLost,
    // The driver has no login event; the first ParameterStatus is the earliest sign. It can go when "driver: has no
    // login event" fails (test/database/driver.test.ts).
    onparameter: () => {
      isLoggedIn = true;
    },
    // Missing in the driver's types. It is called each time that the driver connects.
    ...{
      socket: async (): Promise<Socket> => {
        if (socket) throw failure('CONNECTION_CLOSED', 'the connection was closed before the session began');
        if (isEnded) throw ended();
        socket = startConnecting(options);
        await once(socket, 'connect');
        return socket;
      },
    },
  });
  return {
    sql,
    isLoggedIn: () => isLoggedIn,
    async end(seconds) {
      isEnded = true;
      // The driver does not know the socket before it is connected, and would not close it.
      if (socket?.connecting) socket.destroy(ended());
      const isConnected = socket !== undefined && !socket.destroyed;
      await sql.end({ timeout: isConnected ? seconds : 0 });
      setTimeout(() => socket?.destroy(), CLOSE_TIMEOUT_MS).unref();
    },
  };
}

function startConnecting({ host, port, path, connect_timeout }: ConnectionOptions): Socket {
  const socket = connect(path === undefined ? { host: String(host), port: Number(port) } : { path });
  socket.setTimeout(Number(connect_timeout) * 1000, () =>
    socket.destroy(failure('CONNECT_TIMEOUT', 'the server did not answer in time')),
  );
  socket.once('connect', () => socket.setTimeout(0));
  // The driver reads from the socket which name a certificate must have, and the address for its errors.
  return Object.assign(socket, { host, port });
}

/** An error with a code, as the driver's own errors have. */
export function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** The reason without what the driver adds to its errors: the statement and its parameters, which may be large. */
export function reasonOf(error: unknown): Error {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return failure(code, first instanceof Error ? first.message : String(error));
}

function ended(): Error {
  return failure('CONNECTION_ENDED', 'the session was ended before it began');
}
