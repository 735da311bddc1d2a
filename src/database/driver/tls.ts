import { isIP, type Socket } from 'node:net';
import { connect } from 'node:tls';
import type { ConnectionOptions } from '../database.js';
import { failure } from './failure.js';

/** The message SSLRequest of PostgreSQL's protocol: its length, 8, and the code 80877103. */
const REQUEST = Buffer.from('0000000804d2162f', 'hex');

/**
 * Starts TLS on a new connection, if the option `ssl` asks for it. With `prefer`, a connection to a server without TLS
 * stays unencrypted. The returned socket has the members `host` and `port`, which the driver shows in its errors.
 *
 * @throws Error with a code: TLS_REFUSED if the server has no TLS, else the code of the failure
 */
export async function startTls(socket: Socket, { ssl, host, port }: ConnectionOptions): Promise<Socket> {
  const address = { host, port };
  if (!ssl) return Object.assign(socket, address);
  socket.write(REQUEST);
  const answer = await firstBytes(socket);
  if (answer !== 'S') {
    if (answer === 'N' && ssl === 'prefer') return Object.assign(socket, address);
    throw failure(
      'TLS_REFUSED',
      answer === 'N' ? 'the server does not speak TLS' : 'the server does not answer as PostgreSQL does',
    );
  }
  const name = String(host);
  const secure = connect({
    socket,
    ...(isIP(name) === 0 && { servername: name }),
    ...(typeof ssl === 'object' ? ssl : { rejectUnauthorized: false }),
  });
  await new Promise<void>((resolve, reject) => {
    secure.once('secureConnect', resolve);
    secure.once('error', reject);
    // If the plain socket is destroyed while TLS begins, the TLS socket gets no event.
    socket.once('error', reject);
    secure.once('close', () => reject(closed()));
  });
  return Object.assign(secure, address);
}

/** Reads the answer, a single byte. Nothing may follow it before TLS begins: further bytes would be from an attacker in between. */
function firstBytes(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('data', (bytes) => resolve(bytes.toString('latin1')));
    socket.once('error', reject);
    socket.once('close', () => reject(closed()));
  });
}

function closed(): Error {
  return failure('CONNECTION_CLOSED', 'the connection was closed before TLS began');
}
