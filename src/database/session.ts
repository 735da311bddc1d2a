import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import postgres from 'postgres';
import type { ConnectionOptions, Sql } from './database.js';

export interface Session {
  sql: Sql;
  /** The server has let us in. As long as it has not, no statement was sent. */
  hasBegun(): boolean;
  /** A statement in flight has so many seconds to end; then it is rejected. */
  end(seconds: number): Promise<void>;
}

/** After its end, a connection is closed from this side where the server does not. */
const PARTING_MS = 1000;

/**
 * A driver with one connection, which connects once; the only way from an address to a socket, for whatever speaks to
 * the database. Left to itself the driver would cut `fd00::5` at its colons, and reach another server. Left to itself it connects again whenever it has something to
 * send, and without an end where the server closes each connection before the login is over (test/driver.test.ts
 * shows it); what it was sending last as a connection broke confuses the next. Use none that failed to begin: the
 * driver would keep further statements for a connection that does not come.
 *
 * @param onLost the connection is closed; a statement in flight was rejected before
 */
export function openSession(options: ConnectionOptions, onLost: () => void): Session {
  let socket: Socket | undefined;
  let hasBegun = false;
  let isOver = false;
  const sql = postgres({
    ...options,
    max: 1,
    onclose: onLost,
    // Nothing else tells that the login is over: the server says its settings then.
    onparameter: () => {
      hasBegun = true;
    },
    // Missing in the driver's types. It asks each time that it connects.
    ...{
      socket: async (): Promise<Socket> => {
        if (socket) throw failure('CONNECTION_CLOSED', 'the connection was closed before the session began');
        if (isOver) throw ended();
        socket = startConnecting(options);
        await once(socket, 'connect');
        return socket;
      },
    },
  });
  return {
    sql,
    hasBegun: () => hasBegun,
    async end(seconds) {
      isOver = true;
      // The driver does not know it yet.
      if (socket?.connecting) socket.destroy(ended());
      const isConnected = socket !== undefined && !socket.destroyed;
      await sql.end({ timeout: isConnected ? seconds : 0 });
      setTimeout(() => socket?.destroy(), PARTING_MS).unref();
    },
  };
}

function startConnecting({ host, port, path, connect_timeout }: ConnectionOptions): Socket {
  const socket = connect(path === undefined ? { host: String(host), port: Number(port) } : { path });
  socket.setTimeout(Number(connect_timeout) * 1000, () =>
    socket.destroy(failure('CONNECT_TIMEOUT', 'the server did not answer in time')),
  );
  socket.once('connect', () => socket.setTimeout(0));
  // The driver takes from it the name that a certificate must have, and what it says in its errors.
  return Object.assign(socket, { host, port });
}

/** As the driver's own failures are. */
export function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

function ended(): Error {
  return failure('CONNECTION_ENDED', 'the session was ended before it began');
}
