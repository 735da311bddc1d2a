import { once } from 'node:events';
import { createServer } from 'node:net';
import { codeOf } from './error.js';

const MAX_ATTEMPTS = 100;

/**
 * A free port of 127.0.0.1, below the range that the kernel uses for outgoing connections. An outgoing connection, such
 * as the service's own attempt to reconnect, can then not take the port while PostgreSQL restarts.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = 15_000 + Math.floor(Math.random() * 17_000);
    const server = createServer();
    try {
      server.listen({ port, host: '127.0.0.1', exclusive: true });
      await once(server, 'listening');
      server.close();
      await once(server, 'close');
      return port;
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE' || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}
