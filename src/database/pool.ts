import { unavailable } from '../problems.js';
import type { ConnectionOptions, Sql } from './database.js';
import { isLostConnection } from './errors.js';
import { failure, openSession, type Session } from './session.js';

/** A session that ran nothing for so long is ended. */
const IDLE_MS = 30_000;
/** So long a session lives at least, and at most twice that; what its server process has gathered goes with it. */
const LIFE_MS = 30 * 60_000;
const TIDY_MS = 1000;
/** After a session was refused, so long nobody asks for another; then one statement does, until one is let in. */
const REFUSAL_MS = 50;

/** No session was to be had, so the statement was not sent. */
export class SessionRefused extends Error {
  /** What the server, the network or the system said last. */
  declare readonly cause: Error;
}

interface Member extends Session {
  /** It has not run anything yet. */
  isNew: boolean;
  endsAt: number;
  /** When it began to run what it runs, or ran last. */
  usedAt: number;
  /** The statement that it runs had no answer for too long. */
  isGivenUp: boolean;
}

interface PoolOptions {
  /** After so long a statement is given up together with its connection, which may be dead. */
  deadlineMs: number;
  /** So long a statement waits for other sessions where the server has no room for its own. */
  waitMs: number;
}

/**
 * Sessions for one statement at a time each. The one that was used last is used next: what it needs is in the
 * processor's caches then, here as in its server process. (The driver's own pool takes the one that was idle for
 * longest.) One that is lost is replaced. How many there are at most is up to the caller.
 */
export class Pool {
  readonly #connection: ConnectionOptions;
  readonly #options: PoolOptions;
  readonly #all = new Set<Member>();
  /** Those that run nothing, the one that was used last at the end. */
  readonly #idle: Member[] = [];
  /** Statements that wait until something has changed. */
  readonly #waiting = new Set<() => void>();
  readonly #tidying: NodeJS.Timeout;
  #refusal: { reason: Error; until: number } | undefined;
  #isClosed = false;

  constructor(connection: ConnectionOptions, options: PoolOptions) {
    // The driver would end a session unasked, and a statement that comes meanwhile be refused.
    this.#connection = { ...connection, idle_timeout: 0, max_lifetime: null };
    this.#options = options;
    this.#tidying = setInterval(() => this.#tidy(), TIDY_MS).unref();
  }

  /**
   * @throws SessionRefused
   * @throws Problem 503 `overloaded` where there is no answer at the deadline
   * @throws what the driver throws
   */
  async run<Result>(statement: (sql: Sql) => PromiseLike<Result>): Promise<Result> {
    for (let waitsUntil = 0; ; ) {
      const now = performance.now();
      const member = this.#idle.pop() ?? this.#open(now);
      if (!member) {
        waitsUntil ||= now + this.#options.waitMs;
        if (now > waitsUntil) throw this.#refused();
        await this.#change();
        continue;
      }
      let query: PromiseLike<Result> | undefined;
      member.usedAt = now;
      try {
        query = statement(member.sql);
        const result = await query;
        letGo(query);
        if (member.isNew) this.#letIn(member);
        return result;
      } catch (error) {
        if (member.isGivenUp) throw unavailable('overloaded', 'The database did not answer in time.', error);
        const isRefused = query !== undefined && !member.hasBegun();
        if (isRefused || isLostConnection(error)) this.#drop(member);
        if (!isRefused) throw error;
        this.#refusal = { reason: reasonOf(error), until: performance.now() + REFUSAL_MS };
      } finally {
        this.#giveBack(member);
      }
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#tidying);
    this.#wakeAll();
    await Promise.all(Array.from(this.#all, (member) => member.end(1)));
  }

  /** Undefined where it is better to wait. */
  #open(now: number): Member | undefined {
    if (this.#isClosed) throw failure('CONNECTION_ENDED', 'the pool is closed');
    if (this.#refusal) {
      if (this.#all.size === 0 && now < this.#refusal.until) throw this.#refused();
      const isTrying = [...this.#all].some((member) => !member.hasBegun());
      if (isTrying || now < this.#refusal.until) return undefined;
    }
    const session = openSession(this.#connection, () => this.#drop(member));
    const endsAt = now + LIFE_MS * (1 + Math.random());
    const member: Member = Object.assign(session, { isNew: true, endsAt, usedAt: now, isGivenUp: false });
    this.#all.add(member);
    return member;
  }

  /** Until a session may be had, which somebody else may take first. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, REFUSAL_MS);
      this.#waiting.add(wake);
    });
  }

  #wakeAll(): void {
    for (const wake of this.#waiting) wake();
  }

  #letIn(member: Member): void {
    member.isNew = false;
    this.#refusal = undefined;
  }

  #refused(): SessionRefused {
    return new SessionRefused('No session is to be had.', { cause: this.#refusal?.reason });
  }

  #giveBack(member: Member): void {
    if (!this.#all.has(member)) return;
    if (performance.now() > member.endsAt) {
      this.#drop(member);
      return;
    }
    this.#idle.push(member);
    const [wakeNext] = this.#waiting;
    wakeNext?.();
  }

  #drop(member: Member): void {
    if (!this.#all.delete(member)) return;
    const at = this.#idle.indexOf(member);
    if (at !== -1) this.#idle.splice(at, 1);
    member.end(0).catch(() => {});
    this.#wakeAll();
  }

  #tidy(): void {
    const now = performance.now();
    const idle = new Set(this.#idle);
    for (const member of this.#all) {
      if (idle.has(member)) {
        if (now > member.usedAt + IDLE_MS || now > member.endsAt) this.#drop(member);
      } else if (now > member.usedAt + this.#options.deadlineMs) {
        member.isGivenUp = true;
        this.#drop(member);
      }
    }
  }
}

/** Without what the driver adds: the statement and its parameters, which may be large. */
function reasonOf(error: unknown): Error {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return failure(code, first instanceof Error ? first.message : String(error));
}

/**
 * Takes from an answered query what it was made of. V8 puts a function that is written to a property among the old
 * objects at once, as it seems to be a method. Each query of the driver has two such: through them, whatever it still
 * holds outlives the minor collections, which copy it and take longer for it (test/driver.test.ts shows it).
 */
function letGo(query: object): void {
  Object.assign(query, { args: null, parameters: null, string: null, signature: null });
}
