import type { ConnectionOptions, Sql } from './database.js';
import { isLostConnection } from './errors.js';
import { failure, openSession, type Session } from './session.js';

/** A session that ran nothing for so long is ended. */
const IDLE_MS = 30_000;
/** No session is longer: what its server process has gathered goes with it, and a balancer gets to choose again. */
const LIFE_MS = 45 * 60_000;
const TIDY_MS = 1000;
/** After a session could not be had, so long nobody asks for another: a server that starts has better to do. */
const REFUSAL_MS = 100;

interface Member extends Session {
  bornAt: number;
  usedAt: number;
}

/**
 * Sessions for one statement at a time each. The one that was used last is used next: what it needs is in the
 * processor's caches then, here as in its server process. (The driver's own pool takes the one that was idle for
 * longest.) One that is lost is replaced.
 */
export class Pool {
  readonly #options: ConnectionOptions;
  readonly #deadlineMs: number;
  readonly #all = new Set<Member>();
  /** Those that run nothing, the one that was used last at the end. */
  readonly #idle: Member[] = [];
  /** Statements that no session was to be had for. */
  readonly #waiting: { resolve: (member: Member) => void; reject: (error: unknown) => void }[] = [];
  readonly #tidying: NodeJS.Timeout;
  #refusal: { error: unknown; until: number } | undefined;
  #isClosed = false;

  /** @param deadlineMs after which a statement is given up together with its connection, which may be dead */
  constructor(options: ConnectionOptions, deadlineMs: number) {
    // The driver would end a session unasked, and a statement that comes meanwhile be refused.
    this.#options = { ...options, idle_timeout: 0, max_lifetime: null };
    this.#deadlineMs = deadlineMs;
    this.#tidying = setInterval(() => this.#tidy(), TIDY_MS).unref();
  }

  /** Throws what the driver throws. */
  async run<Result>(statement: (sql: Sql) => PromiseLike<Result>): Promise<Result> {
    const member = this.#idle.pop() ?? this.#open() ?? (await this.#nextIdle());
    member.usedAt = performance.now();
    try {
      const query = statement(member.sql);
      const result = await query;
      letGo(query);
      return result;
    } catch (error) {
      if (!isLostConnection(error)) throw error;
      const isUnsent = !member.hasBegun();
      if (isUnsent) this.#refusal = { error, until: performance.now() + REFUSAL_MS };
      this.#drop(member);
      if (!isUnsent || this.#all.size === 0) throw error;
    } finally {
      if (this.#all.has(member)) this.#giveBack(member);
    }
    // The server has no room for another session, but there are others.
    return await this.run(statement);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#tidying);
    await Promise.all(Array.from(this.#all, (member) => member.end(1)));
  }

  /** Undefined where no session was to be had a moment ago, and there are others to wait for. */
  #open(): Member | undefined {
    const now = performance.now();
    if (this.#isClosed) throw failure('CONNECTION_ENDED', 'the pool is closed');
    if (this.#refusal && now < this.#refusal.until) {
      if (this.#all.size > 0) return undefined;
      throw this.#refusal.error;
    }
    const session = openSession(this.#options, () => this.#drop(member));
    const member: Member = Object.assign(session, { bornAt: now, usedAt: now });
    this.#all.add(member);
    return member;
  }

  #nextIdle(): Promise<Member> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  #giveBack(member: Member): void {
    const next = this.#waiting.shift();
    if (next) next.resolve(member);
    else this.#idle.push(member);
  }

  #drop(member: Member): void {
    if (!this.#all.delete(member)) return;
    const at = this.#idle.indexOf(member);
    if (at !== -1) this.#idle.splice(at, 1);
    member.end(0).catch(() => {});
    if (this.#all.size > 0) return;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#refusal?.error);
  }

  #tidy(): void {
    const now = performance.now();
    for (const member of this.#all) {
      const unusedMs = now - member.usedAt;
      const isDue = this.#idle.includes(member)
        ? unusedMs > IDLE_MS || now - member.bornAt > LIFE_MS
        : unusedMs > this.#deadlineMs;
      if (isDue) this.#drop(member);
    }
  }
}

/**
 * Takes from an answered query what it was made of. V8 puts a function that is written to a property among the old
 * objects at once, as it seems to be a method. Each query of the driver has two such: through them, whatever it still
 * holds outlives the minor collections, which copy it and take longer for it (test/driver.test.ts shows it).
 */
function letGo(query: object): void {
  Object.assign(query, { args: null, parameters: null, string: null, signature: null });
}
