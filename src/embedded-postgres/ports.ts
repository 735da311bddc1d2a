import { once } from 'node:events';
import { createServer } from 'node:net';
import { codeOf } from './error.js';

const ATTEMPTS = 100;

/**
 * A port of 127.0.0.1 that is free now, below the range from which the kernel serves outgoing connections:
 * none of those, the service's own attempts to reconnect among them, can take the port while PostgreSQL
 * restarts.
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
      if (codeOf(error) !== 'EADDRINUSE' || attempt === ATTEMPTS) throw error;
    }
  }
}
