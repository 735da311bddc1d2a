import { Agent, createServer, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { atEnd } from './cleanup.js';
import { listen } from './listen.js';
import { send } from './request.js';

interface Upstream {
  url: string;
  isReady: boolean;
}

export interface Balancer {
  base: string;
  /** Sends requests there once it is ready. */
  add(url: string): void;
  remove(url: string): void;
  /** The upstreams that are ready. */
  ready(): string[];
}

const CHECK_MS = 100;
/** A 503 is believed at once, no answer only after so many times. */
const MOST_SILENT = 3;

/** A reverse proxy: in turns, to those whose /readyz says 200, over connections that are kept. Retries nothing. */
export async function startBalancer(): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true });
  const upstreams = new Map<string, Upstream>();
  const ready = () => [...upstreams.values()].filter(({ isReady }) => isReady).map(({ url }) => url);
  let turn = 0;
  const server = createServer((incoming, outgoing) => {
    const choices = ready();
    const base = choices[turn++ % choices.length];
    if (base === undefined) {
      outgoing.writeHead(502).end('nobody is ready');
      return;
    }
    const { method, headers, url = '' } = incoming;
    const forwarded = request(base + url, { method, headers, agent }, (answer) => {
      const { connection: _, 'keep-alive': __, ...kept } = answer.headers;
      outgoing.writeHead(answer.statusCode ?? 502, kept);
      answer.pipe(outgoing);
      answer.on('aborted', () => outgoing.destroy());
    });
    forwarded.on('error', (error) => {
      if (outgoing.headersSent) outgoing.destroy();
      else outgoing.writeHead(502).end(`${base}: ${error.message}`);
    });
    incoming.pipe(forwarded);
  });
  const port = await listen(server);

  async function watch(upstream: Upstream): Promise<void> {
    let silent = 0;
    while (upstreams.get(upstream.url) === upstream) {
      try {
        const signal = AbortSignal.timeout(1000);
        const options = { method: 'GET', headers: {}, body: undefined, signal };
        const { status } = await send(`${upstream.url}/readyz`, agent, options);
        upstream.isReady = status === 200;
        silent = 0;
      } catch {
        if (++silent >= MOST_SILENT) upstream.isReady = false;
      }
      await sleep(CHECK_MS);
    }
  }

  atEnd(async () => {
    upstreams.clear();
    server.close();
    server.closeAllConnections();
    agent.destroy();
  });
  return {
    base: `http://127.0.0.1:${port}`,
    add(url) {
      const upstream = { url, isReady: false };
      upstreams.set(url, upstream);
      void watch(upstream);
    },
    remove: (url) => upstreams.delete(url),
    ready,
  };
}
