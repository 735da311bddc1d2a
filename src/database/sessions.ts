import type { ConnectionOptions } from './database.js';
import { reasonOf } from './driver/failure.js';
import { openLastingSession, type Session } from './driver/session.js';

/** A session that ran nothing for this long is ended. */
const MAX_IDLE_MS = 30_000;
/** The lifetime of a session while the database is read-only: after a failover it may be a session with the former primary. */
const READ_ONLY_LIFE_MS = 10_000;
/** A session lives at least this long, and at most twice as long, because the memory of its server process grows. */
const MIN_LIFE_MS = 30 * 60_000;
const TIDY_INTERVAL_MS = 1000;
/** The pause between two tries to open a session while the server refuses them. */
export const REFUSAL_PAUSE_MS = 50;

/** The server refused a session, so the statement was not sent. */
export class SessionRefused extends Error {
  /** The last error of the server, the network or the system. */
  declare readonly cause: Error | undefined;
}

export interface PooledSession extends Session {
  /** No statement has succeeded in it yet. */
  isNew: boolean;
  openedAt: number;
  endsAt: number;
  /** When its current or last statement began. */
  usedAt: number;
  /** Its statement got no answer in time. */
  isGivenUp: boolean;
}

/**
 * The sessions of a pool. Lost sessions are replaced. The pool decides how many there are.
 *
 * - The session that was used last is used next, because its data is still in the caches of the processors, here and at
 *   the server. (The driver's own pool takes the session that was idle for longest.)
 * - While the server refuses sessions, one statement at a time tries to open one, after a pause.
 */
export class Sessions {
  readonly #connection: ConnectionOptions;
  readonly #maxRunMs: number;
  readonly #all = new Set<PooledSession>();
  /** The idle sessions; the last one was used last. */
  readonly #idle: PooledSession[] = [];
  readonly #tidyTimer: NodeJS.Timeout;
  #refusal: { reason: Error; until: number } | undefined;

  /** @param maxRunMs after this time without an answer a session is given up: its connection may be dead */
  constructor(connection: ConnectionOptions, maxRunMs: number) {
    this.#connection = connection;
    this.#maxRunMs = maxRunMs;
    this.#tidyTimer = setInterval(() => this.#tidy(), TIDY_INTERVAL_MS).unref();
  }

  get count(): number {
    return this.#all.size;
  }

  /** Why the server refused the last session; undefined once it has accepted one again. */
  get refusal(): Error | undefined {
    return this.#refusal?.reason;
  }

  /** An idle session or a new one; undefined if the server has just refused one. */
  take(): PooledSession | undefined {
    const now = performance.now();
    const session = this.#idle.pop() ?? (this.#mayOpen(now) ? this.#open(now) : undefined);
    if (session) session.usedAt = now;
    return session;
  }

  /** A statement has succeeded in it. */
  confirm(session: PooledSession): void {
    if (!session.isNew) return;
    session.isNew = false;
    this.#refusal = undefined;
  }

  /** The server refused this session. */
  refuse(session: PooledSession, error: unknown): void {
    this.drop(session);
    this.#refusal = { reason: reasonOf(error), until: performance.now() + REFUSAL_PAUSE_MS };
  }

  /** The database is read-only, for these sessions at least: others may reach the new primary. */
  renewSoon(): void {
    for (const session of this.#all) {
      session.endsAt = Math.min(session.endsAt, session.openedAt + READ_ONLY_LIFE_MS);
    }
  }

  giveBack(session: PooledSession): void {
    if (!this.#all.has(session)) return;
    if (performance.now() > session.endsAt) this.drop(session);
    else this.#idle.push(session);
  }

  drop(session: PooledSession): void {
    if (!this.#all.delete(session)) return;
    const at = this.#idle.indexOf(session);
    if (at !== -1) this.#idle.splice(at, 1);
    session.end(0).catch(() => {});
  }

  async close(): Promise<void> {
    clearInterval(this.#tidyTimer);
    await Promise.all(Array.from(this.#all, (session) => session.end(1)));
  }

  #mayOpen(now: number): boolean {
    if (!this.#refusal) return true;
    return now >= this.#refusal.until && [...this.#all].every((session) => session.isLoggedIn());
  }

  #open(now: number): PooledSession {
    // The driver would end an idle session by itself, and fail a statement that comes at that moment.
    const opened = openLastingSession(this.#connection, () => this.drop(session));
    const endsAt = now + MIN_LIFE_MS * (1 + Math.random());
    const session: PooledSession = Object.assign(opened, {
      isNew: true,
      openedAt: now,
      endsAt,
      usedAt: now,
      isGivenUp: false,
    });
    this.#all.add(session);
    return session;
  }

  #tidy(): void {
    const now = performance.now();
    const idle = new Set(this.#idle);
    for (const session of this.#all) {
      if (idle.has(session)) {
        if (now > session.usedAt + MAX_IDLE_MS || now > session.endsAt) this.drop(session);
      } else if (now > session.usedAt + this.#maxRunMs) {
        session.isGivenUp = true;
        this.drop(session);
      }
    }
  }
}
