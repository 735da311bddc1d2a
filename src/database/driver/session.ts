import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import postgres from 'postgres';
import type { ConnectionOptions, Sql } from '../database.js';
import { failure } from './failure.js';
import { startTls } from './tls.js';

export interface Session {
  sql: Sql;
  /** Whether the login is over. Before that, no statement is sent. */
  isLoggedIn(): boolean;
  /** Ends the session. A statement that is in flight after so many seconds is rejected. */
  end(seconds: number): Promise<void>;
}

/** The server has this long to close the connection of a session that has ended. After that this process closes it. */
const CLOSE_TIMEOUT_MS = 1000;

/**
 * A driver with one connection, which connects once. Everything that is given the address of a database connects
 * through here, because of four faults of the driver:
 *
 * - It cuts an IPv6 address such as `fd00::5` at its colons, and reaches another server (test/database/addresses.test.ts).
 * - It connects again whenever it has something to send, and without end if the server closes each connection before the
 *   login is over. A message that was cut off then confuses the next connection. This can go when
 *   "driver: connects without end …" fails (test/database/driver.test.ts).
 * - It starts TLS although the server has refused it, and then reports that the socket was disconnected (tls.ts).
 * - It keeps statements for a connection that never opens: do not use a session again that failed to log in.
 *
 * @param onLost called when the connection is closed; a statement in flight was rejected before
 */
export function openSession(options: ConnectionOptions, onLost: () => void): Session {
  let socket: Socket | undefined;
  let isLoggedIn = false;
  let isConnected = false;
  let isEnded = false;
  const sql = postgres({
    ...options,
    ssl: false,
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
        // Between the event and the driver's own listener an error would end the process.
        socket.on('error', () => {});
        await once(socket, 'connect');
        const encrypted = await startTls(socket, options);
        socket.setTimeout(0);
        isConnected = true;
        return encrypted;
      },
    },
  });
  return {
    sql,
    isLoggedIn: () => isLoggedIn,
    async end(seconds) {
      isEnded = true;
      // The driver does not know the socket before it is connected, and would not close it.
      if (!isConnected) socket?.destroy(ended());
      await sql.end({ timeout: isConnected && !socket?.destroyed ? seconds : 0 });
      setTimeout(() => socket?.destroy(), CLOSE_TIMEOUT_MS).unref();
    },
  };
}

/** As openSession, for a session that only its caller ends: the driver ends neither an idle nor an old one. */
export function openLastingSession(options: ConnectionOptions, onLost: () => void = () => {}): Session {
  return openSession({ ...options, idle_timeout: 0, max_lifetime: null }, onLost);
}

function startConnecting({ host, port, path, connect_timeout }: ConnectionOptions): Socket {
  const socket = connect(path === undefined ? { host: String(host), port: Number(port) } : { path });
  socket.setTimeout(Number(connect_timeout) * 1000, () =>
    socket.destroy(failure('CONNECT_TIMEOUT', 'the server did not answer in time')),
  );
  return socket;
}

function ended(): Error {
  return failure('CONNECTION_ENDED', 'the session was ended before it began');
}
