import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import postgres from 'postgres';
import type { ConnectionOptions, Sql } from './database.js';

export interface Session {
  sql: Sql;
  /** The server has let us in. */
  hasBegun(): boolean;
  /** A statement in flight has so many seconds to end; then it is rejected. */
  end(seconds: number): Promise<void>;
}

/**
 * A driver with one connection, which connects once. Left to itself it connects again whenever it has something to
 * send, and without an end where the server closes each connection before the login is over (test/driver.test.ts
 * shows it); what it was sending last as a connection broke confuses the next.
 *
 * @param onLost the connection is closed; a statement in flight was rejected before
 */
export function openSession(options: ConnectionOptions, onLost: () => void): Session {
  let socket: Socket | undefined;
  let hasBegun = false;
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
        socket = startConnecting(options);
        await once(socket, 'connect');
        return socket;
      },
    },
  });
  return {
    sql,
    hasBegun: () => hasBegun,
    end(seconds) {
      // The driver does not know it yet.
      if (socket?.connecting) socket.destroy();
      return sql.end({ timeout: seconds });
    },
  };
}

function startConnecting({ host, port, path, connect_timeout }: ConnectionOptions): Socket {
  const socket = connect(path === undefined ? { host: String(host), port: Number(port) } : { path });
  socket.setTimeout(Number(connect_timeout) * 1000, () =>
    socket.destroy(failure('CONNECT_TIMEOUT', 'the server did not answer in time')),
  );
  socket.once('connect', () => socket.setTimeout(0));
  // The name that a certificate must have.
  return Object.assign(socket, { host });
}

/** As the driver's own failures are. */
export function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
