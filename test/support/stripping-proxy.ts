import { connect, createServer } from 'node:net';
import { listen, throughProxy } from './listen.js';
import { ProxySockets } from './proxy-sockets.js';

/** A proxy to PostgreSQL that lets only these startup parameters through, as poolers do that drop what they do not know. */
export async function startStrippingProxy(database: string, kept: readonly string[]): Promise<string> {
  const target = new URL(database);
  const server = createServer((client) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port || 5432) });
    sockets.add(client, upstream);
    client.once('data', (startup) => {
      upstream.write(stripped(startup, ['user', 'database', ...kept]));
      client.pipe(upstream).pipe(client);
    });
  });
  const sockets = new ProxySockets(server);
  const port = await listen(server);
  const url = new URL(throughProxy(database, port));
  // The first message would be a question for TLS.
  url.searchParams.set('sslmode', 'disable');
  return url.href;
}

/** A StartupMessage: its length, the version of the protocol, then names and values, each with a zero behind it. */
function stripped(startup: Buffer, kept: string[]): Buffer {
  const words = startup.subarray(8).toString().split('\0');
  let rest = '';
  for (let at = 0; words[at]; at += 2) {
    if (kept.includes(words[at] ?? '')) rest += `${words[at]}\0${words[at + 1]}\0`;
  }
  const body = Buffer.from(`${rest}\0`);
  const head = Buffer.from(startup.subarray(0, 8));
  head.writeInt32BE(8 + body.length);
  return Buffer.concat([head, body]);
}
