import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { atEnd } from './cleanup.js';
import { listen } from './listen.js';

/**
 * The certificate server.pem is of authority.pem for the name localhost, address-server.pem of address-authority.pem
 * for the address ::1; like the authorities they are valid for a hundred years. Made with
 * `openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500`.
 */
export function tlsFile(name: string): string {
  return new URL(`../../../test/fixtures/tls/${name}`, import.meta.url).pathname;
}

/** What a client sends that wants TLS: a length of 8, and the number 80877103. */
const SSL_REQUEST = Buffer.from('0000000804d2162f', 'hex');

/** 28000, as PostgreSQL says it. */
const FIELDS = 'SFATAL\0VFATAL\0C28000\0Mno encryption\0\0';
const REFUSAL = Buffer.concat([Buffer.from([0x45, 0, 0, 0, 4 + FIELDS.length]), Buffer.from(FIELDS)]);

/** A proxy to PostgreSQL that demands TLS, as `hostssl` does. Returns its port. */
export async function startTlsProxy(database: string, host = '127.0.0.1', name = 'server'): Promise<number> {
  const target = new URL(database);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    client.once('data', (first) => {
      if (!first.equals(SSL_REQUEST)) {
        client.end(REFUSAL);
        return;
      }
      client.write('S');
      const safe = new TLSSocket(client, {
        isServer: true,
        cert: readFileSync(tlsFile(`${name}.pem`)),
        key: readFileSync(tlsFile(`${name}.key`)),
      });
      const upstream = connect(Number(target.port || 5432), target.hostname);
      safe.pipe(upstream).pipe(safe);
      for (const [one, other] of [
        [safe, upstream],
        [upstream, safe],
      ] as const) {
        sockets.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
      }
    });
    sockets.add(client);
    client.on('error', () => {});
  });
  const port = await listen(server, host);
  atEnd(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return port;
}
