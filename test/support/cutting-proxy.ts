import { connect, createServer, type Socket } from 'node:net';
import { atEnd } from './cleanup.js';

export interface CuttingProxy {
  base: string;
  /** Connections that were cut. */
  cuts(): number;
  /** Cuts what is open, and refuses what comes, until it leads somewhere again. */
  break(): void;
  leadTo(base: string): void;
}

/** A way to the service on which a connection dies once `bytes` have come back, where that is not undefined. */
export async function startCuttingProxy(
  base: string,
  bytes?: () => number | undefined,
): Promise<CuttingProxy> {
  let target: URL | undefined = new URL(base);
  const sockets = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    if (!target) return client.destroy();
    const limit = bytes?.();
    let received = 0;
    const upstream = connect({ host: target.hostname, port: Number(target.port) });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
        sockets.delete(socket);
      });
    }
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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const destroyAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  atEnd(async () => {
    destroyAll();
    server.close();
  });
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('the proxy has no port');
  return {
    base: `http://127.0.0.1:${address.port}`,
    cuts: () => cuts,
    break: () => {
      target = undefined;
      destroyAll();
    },
    leadTo: (other) => {
      target = new URL(other);
    },
  };
}
