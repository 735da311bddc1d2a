import { setTimeout as sleep } from 'node:timers/promises';
import type { Claim } from './claims.js';
import { untilReady } from './connect.js';
import { clearLeftovers } from './leftovers.js';
import type { EmbeddedLog } from './log.js';
import { freePort } from './ports.js';
import { launch, type Plan, type Server } from './server.js';

/** A PostgreSQL that is kept running. */
export interface Supervised {
  readonly port: number;
  stop(): Promise<void>;
}

const ATTEMPTS = 20;
const FIRST_DELAY = 100;
const LONGEST_DELAY = 2_000;
const TRIM_INTERVAL = 600_000;

/**
 * Starts PostgreSQL and, whenever it ends without having been asked to, starts it again on the same port,
 * again and again.
 *
 * @throws {EmbeddedError} when the first start fails; later ones are only logged
 */
export async function supervise(
  plan: Plan,
  password: string,
  claim: Claim,
  log: EmbeddedLog,
): Promise<Supervised> {
  const first = await start(plan, password, log);
  const { port } = first;
  let server = first.server;
  const stopping = new AbortController();
  const trimming = setInterval(() => plan.log.trim(), TRIM_INTERVAL).unref();
  const watching = watch();

  async function watch(): Promise<void> {
    let delay = FIRST_DELAY;
    for (;;) {
      const how = await server.ended;
      if (stopping.signal.aborted) return;
      const lines = server.lastLines();
      log.warn({ how, lines, delay }, 'PostgreSQL has ended by itself: starting it again');
      await sleep(delay, undefined, { signal: stopping.signal }).catch(() => undefined);
      delay = (await restart()) ? FIRST_DELAY : Math.min(2 * delay, LONGEST_DELAY);
      if (stopping.signal.aborted) return;
      if (!claim.held()) {
        log.warn({}, 'the claim to the data folder is gone: PostgreSQL stays down');
        return;
      }
    }
  }

  async function restart(): Promise<boolean> {
    if (stopping.signal.aborted || !claim.held()) return false;
    try {
      await clearLeftovers(plan.cluster, log);
      if (stopping.signal.aborted) return false;
      server = launch(plan, port);
      await untilReady(server, port, password, log);
      log.info({ pid: server.pid, port }, 'PostgreSQL runs again');
      return true;
    } catch {
      await server.halt(); // its last lines are logged by watch()
      return false;
    }
  }

  return {
    port,
    stop: async () => {
      stopping.abort();
      clearInterval(trimming);
      await server.halt();
      await watching;
      await server.halt();
      await clearLeftovers(plan.cluster, log);
    },
  };
}

/** The first start, again when the port was taken meanwhile, or an older PostgreSQL is not quite gone. */
async function start(
  plan: Plan,
  password: string,
  log: EmbeddedLog,
): Promise<{ server: Server; port: number }> {
  for (let attempt = 1; ; attempt++) {
    plan.log.trim();
    const port = await freePort();
    const server = launch(plan, port);
    try {
      await untilReady(server, port, password, log);
      return { server, port };
    } catch (error) {
      await server.halt();
      const passing = /Address already in use|lock file "postmaster.pid" already exists|is still in use/;
      if (attempt === ATTEMPTS || !passing.test(server.lastLines())) throw error;
      log.info({ attempt, lines: server.lastLines() }, 'PostgreSQL could not start yet: trying again');
      await sleep(Math.min(50 * attempt, 500));
      await clearLeftovers(plan.cluster, log);
    }
  }
}
