import { connect, createServer } from 'node:net';
import { Transform } from 'node:stream';
import { listen, throughProxy } from './listen.js';
import { ProxySockets } from './proxy-sockets.js';

const NOTIFICATION_RESPONSE = 'A'.charCodeAt(0);

export interface ProxyWithoutNotifications {
  /** Leads to the same database. */
  url: string;
  /** Notifications that were swallowed. */
  swallowed(): number;
}

/** A proxy to PostgreSQL on which LISTEN succeeds and nothing is ever delivered, as behind some poolers. */
export async function startProxyWithoutNotifications(database: string): Promise<ProxyWithoutNotifications> {
  const target = new URL(database);
  let swallowed = 0;
  const server = createServer((client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port || 5432) });
    sockets.add(client, upstream);
    client.pipe(upstream);
    upstream.pipe(withoutNotifications(() => swallowed++)).pipe(client);
  });
  const sockets = new ProxySockets(server);
  const port = await listen(server);
  const url = new URL(throughProxy(database, port));
  // Encrypted messages could not be told apart.
  url.searchParams.set('sslmode', 'disable');
  return { url: url.href, swallowed: () => swallowed };
}

/** Messages of the server are a byte for the type, then the length of the rest, itself included. */
function withoutNotifications(onSwallow: () => void): Transform {
  let pending = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 5) {
        const end = 1 + pending.readInt32BE(1);
        if (pending.length < end) break;
        if (pending[0] === NOTIFICATION_RESPONSE) onSwallow();
        else this.push(pending.subarray(0, end));
        pending = pending.subarray(end);
      }
      done();
    },
  });
}
