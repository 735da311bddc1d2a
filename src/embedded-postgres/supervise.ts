import { setTimeout as sleep } from 'node:timers/promises';
import type { Claim } from './claims.js';
import { untilReady } from './connect.js';
import { clearLeftovers } from './leftovers.js';
import type { EmbeddedLog } from './log.js';
import { freePort } from './ports.js';
import { type LaunchOptions, launch, type Server } from './server.js';

/** A PostgreSQL that is kept running. */
export interface Supervised {
  readonly port: number;
  stop(): Promise<void>;
}

const MAX_ATTEMPTS = 20;
const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 2_000;
const TRIM_INTERVAL_MS = 600_000;

/**
 * Starts PostgreSQL, and starts it again on the same port whenever it ends by itself.
 *
 * @throws {EmbeddedError} if the first start fails; later failures are only logged
 */
export async function supervise(
  options: LaunchOptions,
  password: string,
  claim: Claim,
  log: EmbeddedLog,
): Promise<Supervised> {
  const first = await start(options, password, log);
  const { port } = first;
  let server = first.server;
  const stopping = new AbortController();
  const trimming = setInterval(() => options.log.trim(), TRIM_INTERVAL_MS).unref();
  const watching = watch();

  async function watch(): Promise<void> {
    do {
      const how = await server.ended;
      if (stopping.signal.aborted) return;
      log.warn({ how, lines: server.lastLines() }, 'PostgreSQL has ended by itself: starting it again');
    } while (await revive());
  }

  /** Returns false if PostgreSQL must not be started again. */
  async function revive(): Promise<boolean> {
    for (let delay = FIRST_DELAY_MS; ; delay = Math.min(2 * delay, MAX_DELAY_MS)) {
      await sleep(delay, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (!claim.held()) log.warn({}, 'the claim to the data folder is gone: PostgreSQL stays down');
      if (!claim.held()) return false;
      try {
        await clearLeftovers(options.cluster, log);
        if (stopping.signal.aborted) return false;
        server = launch(options, port);
        await untilReady(server, port, password, log);
        log.info({ postgresPid: server.pid, port }, 'PostgreSQL runs again');
        return true;
      } catch (error) {
        await server.halt();
        if (stopping.signal.aborted) return false;
        log.warn({ reason: String(error) }, 'PostgreSQL could not be started again yet');
      }
    }
  }

  return {
    port,
    stop: async () => {
      stopping.abort();
      clearInterval(trimming);
      await server.halt();
      // Root without CAP_KILL may start PostgreSQL as another user, but not end it.
      if (server.running()) return log.warn({ postgresPid: server.pid }, 'PostgreSQL could not be ended');
      await watching;
      await clearLeftovers(options.cluster, log);
    },
  };
}

/** The first start. It is repeated if the port was taken meanwhile, or if an older PostgreSQL is still ending. */
async function start(
  options: LaunchOptions,
  password: string,
  log: EmbeddedLog,
): Promise<{ server: Server; port: number }> {
  for (let attempt = 1; ; attempt++) {
    options.log.trim();
    const port = await freePort();
    const server = launch(options, port);
    try {
      await untilReady(server, port, password, log);
      return { server, port };
    } catch (error) {
      await server.halt();
      const passing = /Address already in use|lock file "postmaster.pid" already exists|is still in use/;
      if (attempt === MAX_ATTEMPTS || !passing.test(server.lastLines())) throw error;
      log.info({ attempt, lines: server.lastLines() }, 'PostgreSQL could not start yet: trying again');
      await sleep(Math.min(50 * attempt, 500));
      await clearLeftovers(options.cluster, log);
    }
  }
}
