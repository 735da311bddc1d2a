import { ClientGone, unavailable } from '../problems.js';
import type { Requesters } from '../requester.js';
import type { ConnectionOptions, Database, Sql, StatementClass } from './database.js';
import { dropInputs } from './driver/drop-inputs.js';
import { failure } from './driver/failure.js';
import { isLostConnection, refusedWrite } from './errors.js';
import { type PooledSession, REFUSAL_PAUSE_MS, SessionRefused, Sessions } from './sessions.js';
import type { SlowStatements } from './slow-statements.js';
import type { StatementLine, Turn } from './statement-line.js';
import { StatementLines } from './statement-lines.js';

const MAX_REST_MS = 1000;

interface PoolOptions {
  /** How many statements run at once, each in a session of its own. */
  size: number;
  /** How long a statement waits for a session. */
  maxWaitMs: number;
  /** How long it waits if the server refuses sessions and there is none. */
  maxRefusedMs: number;
  /** After this time without an answer a statement is given up, together with its session. */
  maxRunMs: number;
  /** Is told of each statement that has ended. */
  slow?: SlowStatements | undefined;
}

/**
 * The sessions of the service, and the statements that wait for one, first come, first served (statement-lines.ts).
 * Their number and their waiting time are bounded: otherwise a saturated pool would answer later and later instead of
 * refusing statements.
 *
 * If ordinary statements came during a bulk read, its place stays empty afterwards for as long as the read took: sending
 * its answer takes time, and the other statements need the processors and disks too.
 */
export class Pool {
  readonly #sessions: Sessions;
  readonly #options: PoolOptions;
  readonly #lines: StatementLines;
  #refusalTimer: NodeJS.Timeout | undefined;
  #running = 0;
  #arrivals = 0;
  #ordinaryArrivals = 0;
  #isClosed = false;

  constructor(connection: ConnectionOptions, options: PoolOptions) {
    this.#sessions = new Sessions(connection, options.maxRunMs);
    this.#options = options;
    this.#lines = new StatementLines(options.size);
  }

  /**
   * @throws SessionRefused
   * @throws ClientGone if the signal is aborted before the statement has begun
   * @throws Problem 503 `overloaded` if there is no session, or no answer, in time
   * @throws what the driver throws
   */
  async run<Result>(
    statement: (sql: Sql) => PromiseLike<Result>,
    statementClass: StatementClass = 'ordinary',
    signal?: AbortSignal,
    requesters?: Requesters,
  ): Promise<Result> {
    const line = this.#lines.of(statementClass, requesters);
    if (statementClass === 'ordinary') this.#ordinaryArrivals++;
    const arrivedAt = performance.now();
    const until = arrivedAt + this.#options.maxWaitMs;
    const turn: Turn = { arrival: ++this.#arrivals, until, refusedUntil: Number.POSITIVE_INFINITY };
    for (;;) {
      if (signal?.aborted) throw new ClientGone();
      const session = this.#takeAtOnce(line) ?? (await this.#wait(line, turn, signal));
      const ordinaryBefore = this.#ordinaryArrivals;
      let query: PromiseLike<Result> | undefined;
      let cause: unknown;
      try {
        query = statement(session.sql);
        const result = await query;
        dropInputs(query);
        this.#sessions.confirm(session);
        return result;
      } catch (error) {
        cause = error;
        if (session.isGivenUp) throw unavailable('overloaded', 'The database did not answer in time.', error);
        if (query === undefined || session.isLoggedIn()) {
          if (isLostConnection(error)) this.#sessions.drop(session);
          else if (refusedWrite(error) === 'read_only') this.#sessions.renewSoon();
          throw error;
        }
        this.#sessions.refuse(session, error);
      } finally {
        const begunAt = session.usedAt;
        this.#options.slow?.ended({ query, requesters, arrivedAt, begunAt, error: cause });
        this.#release(session, line, statementClass === 'bulk' && this.#ordinaryArrivals > ordinaryBefore);
      }
    }
  }

  load(): ReturnType<Database['load']> {
    return { running: this.#running, waiting: this.#lines.waiting, size: this.#options.size };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#refusalTimer);
    this.#lines.reject(() => true, closed);
    await this.#sessions.close();
  }

  #hasPlace(line: StatementLine): boolean {
    return this.#running < this.#options.size && line.hasPlace;
  }

  /** Undefined if the statement has to wait. */
  #takeAtOnce(line: StatementLine): PooledSession | undefined {
    if (this.#isClosed) throw closed();
    return line.waiting === 0 ? this.#take(line) : undefined;
  }

  #take(line: StatementLine): PooledSession | undefined {
    const session = this.#hasPlace(line) ? this.#sessions.take() : undefined;
    if (!session) return undefined;
    line.takePlace();
    this.#running++;
    return session;
  }

  #release(session: PooledSession, line: StatementLine, mustRest: boolean): void {
    this.#running--;
    this.#sessions.giveBack(session);
    if (mustRest) {
      const restMs = Math.min(performance.now() - session.usedAt, MAX_REST_MS);
      setTimeout(() => this.#leave(line), restMs).unref();
      this.#admit();
    } else this.#leave(line);
  }

  #leave(line: StatementLine): void {
    line.leavePlace();
    this.#admit();
  }

  #wait(line: StatementLine, turn: Turn, signal: AbortSignal | undefined): Promise<PooledSession> {
    if (this.#isRefused(turn)) return Promise.reject(this.#refused());
    const waiting = line.wait(turn, () =>
      this.#sessions.refusal && this.#hasPlace(line)
        ? this.#refused()
        : unavailable('overloaded', 'No database connection became free in time.'),
    );
    this.#watchRefusal();
    return signal ? this.#unlessAborted(waiting, line, turn, signal) : waiting;
  }

  async #unlessAborted(
    waiting: Promise<PooledSession>,
    line: StatementLine,
    turn: Turn,
    signal: AbortSignal,
  ): Promise<PooledSession> {
    const leave = (): void =>
      line.reject(
        (other) => other === turn,
        () => new ClientGone(),
      );
    signal.addEventListener('abort', leave);
    return await waiting.finally(() => signal.removeEventListener('abort', leave));
  }

  /** Gives free places to the statements that have waited longest, of those whose class has a place. */
  #admit(): void {
    for (let line = this.#nextLine(); line; line = this.#nextLine()) {
      const session = this.#take(line);
      if (!session) return;
      line.admitFirst(session);
    }
  }

  #nextLine(): StatementLine | undefined {
    return this.#running < this.#options.size ? this.#lines.next() : undefined;
  }

  /** Whether the server refuses sessions, and the statement has waited for that to end for as long as it may. */
  #isRefused(turn: Turn): boolean {
    if (this.#sessions.count > 0 || !this.#sessions.refusal) return false;
    const now = performance.now();
    turn.refusedUntil = Math.min(turn.refusedUntil, now + this.#options.maxRefusedMs);
    return now >= turn.refusedUntil;
  }

  #refused(): SessionRefused {
    return new SessionRefused('The server refuses sessions.', { cause: this.#sessions.refusal });
  }

  /** While the server refuses sessions and statements wait, one of them tries again after each pause. */
  #watchRefusal(): void {
    if (this.#refusalTimer || !this.#sessions.refusal || this.#lines.waiting === 0) return;
    const isRefused = (turn: Turn): boolean => this.#isRefused(turn);
    const refused = (): Error => this.#refused();
    this.#refusalTimer = setTimeout(() => {
      this.#refusalTimer = undefined;
      this.#lines.reject(isRefused, refused);
      this.#admit();
      this.#watchRefusal();
    }, REFUSAL_PAUSE_MS);
  }
}

function closed(): Error {
  return failure('CONNECTION_ENDED', 'the pool is closed');
}
