import { connect, createServer } from 'node:net';
import { listen } from './listen.js';
import { ProxySockets } from './proxy-sockets.js';

export interface CuttingProxy {
  base: string;
  /** Connections that were cut. */
  cuts(): number;
  /** Cuts what is open, and refuses what comes, until it leads somewhere again. */
  break(): void;
  leadTo(base: string): void;
}

/** A proxy to the service on which a connection dies once `bytes` have come back, where that is not undefined. */
export async function startCuttingProxy(
  base: string,
  bytes?: () => number | undefined,
): Promise<CuttingProxy> {
  let target: URL | undefined = new URL(base);
  let cuts = 0;
  const server = createServer((client) => {
    if (!target) return client.destroy();
    const limit = bytes?.();
    let received = 0;
    const upstream = connect({ host: target.hostname, port: Number(target.port) });
    sockets.add(client, upstream);
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (limit !== undefined && received > limit) {
        cuts += 1;
        client.end(chunk.subarray(0, chunk.length - (received - limit)));
        upstream.destroy();
      } else if (!client.write(chunk)) {
        upstream.pause();
        client.once('drain', () => upstream.resume());
      }
    });
    return undefined;
  });
  const sockets = new ProxySockets(server);
  const port = await listen(server);
  return {
    base: `http://127.0.0.1:${port}`,
    cuts: () => cuts,
    break: () => {
      target = undefined;
      sockets.destroyAll();
    },
    leadTo: (other) => {
      target = new URL(other);
    },
  };
}
