import { isIP, type Socket } from 'node:net';
import { connect } from 'node:tls';
import type { ConnectionOptions } from '../database.js';
import { failure } from './failure.js';

/** SSLRequest of the protocol: a length of 8, and the number 80877103. */
const REQUEST = Buffer.from('0000000804d2162f', 'hex');

/**
 * Asks the server for TLS, as the option `ssl` says: `prefer` goes on without it where the server has none. Returns
 * the socket through which the session goes, which has the address for the driver's errors.
 *
 * @throws Error with a code: TLS_REFUSED where the server has no TLS, else that of the failure
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
    // It may be destroyed while TLS begins, which the other socket is not told.
    socket.once('error', reject);
    secure.once('close', () => reject(closed()));
  });
  return Object.assign(secure, address);
}

/** As text. More than one byte would be from somebody in between, as nothing may come before TLS begins. */
function firstBytes(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('data', (bytes) => resolve(bytes.toString('latin1')));
    socket.once('error', reject);
    socket.once('close', () => reject(closed()));
  });
}

function closed(): Error {
  return failure('CONNECTION_CLOSED', 'the connection was closed as TLS was to begin');
}
