import { Problem, unavailable } from '../problems.js';

/** The class of a failure, by SQLSTATE (PostgreSQL, appendix A) or by the code of driver and socket. */

const LOST =
  /^(08|57P|28|3D000|CONNECTION_|CONNECT_TIMEOUT|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOST|ENET|ENOENT)/;

/** There is no usable session. 28 invalid authorization, 3D000 no such database. */
export function isLostConnection(error: unknown): boolean {
  return LOST.test(codeOf(error)) || isOutOfSessions(error);
}

/** 53300 too_many_connections: the server, or the role, has no room for a further session. */
export function isOutOfSessions(error: unknown): boolean {
  return codeOf(error) === '53300';
}

/** 28 invalid authorization, 3D000 no such database: the server answers, and refuses the login. */
export function isRefusedLogin(error: unknown): boolean {
  return /^(28|3D000)/.test(codeOf(error));
}

/** 42501 insufficient_privilege: the role may not use what it asks for. */
export function isForbidden(error: unknown): boolean {
  return codeOf(error) === '42501';
}

/**
 * 3F000, 42P01, 42703, 42704 and 42883: there is no such schema, table, column, type or function. That is so while an
 * administrator restores the database, or after a migration was taken back.
 */
export function isMissing(error: unknown): boolean {
  return ['3F000', '42P01', '42703', '42704', '42883'].includes(codeOf(error));
}

/** 40P01 deadlock_detected, 40001 serialization_failure: nothing was done, and it may be retried. */
export function isTransactionRollback(error: unknown): boolean {
  return ['40P01', '40001'].includes(codeOf(error));
}

/** 57014 query_canceled, 25P03 and 25P04: timeouts; 53 insufficient_resources. */
function isOverload(error: unknown): boolean {
  const code = codeOf(error);
  return ['57014', '25P03', '25P04'].includes(code) || code.startsWith('53');
}

/** Why the database refused to write, while it may still be read. */
export type WriteRefusal = 'read_only' | 'disk_full';

/** 25006 read_only_sql_transaction: a standby, or default_transaction_read_only; 53100 disk_full. */
export function refusedWrite(error: unknown): WriteRefusal | undefined {
  const reasons: Record<string, WriteRefusal> = { 25006: 'read_only', 53100: 'disk_full' };
  return reasons[codeOf(error)];
}

/** 55P03 lock_not_available, or the problem that was made of it: another transaction held a lock for too long. */
export function isLockTimeout(error: unknown): boolean {
  if (codeOf(error) === '55P03') return true;
  return error instanceof Error && codeOf(error.cause) === '55P03';
}

/** Nobody cancels a statement by hand so soon, and no statement timeout is shorter. */
const SOON_MS = 1000;

/**
 * If a lock timeout expires just when the lock is granted, and the statement then waits for another lock, PostgreSQL
 * forgets why it cancels the statement. It reports 57014, as if somebody had canceled it, and not 55P03: 6 times among
 * 131,000 lock timeouts of 24 sessions on two busy cores.
 *
 * @param afterMs since the statement was asked for
 * @returns 55P03 in place of such an error; any other error as it is
 */
export function asLockTimeout(error: unknown, afterMs: number): unknown {
  if (codeOf(error) !== '57014' || afterMs >= SOON_MS) return error;
  return Object.assign(new Error('canceled by a lock timeout', { cause: error }), { code: '55P03' });
}

/** 22 data exception, 23 integrity constraint, 54 program limit: the fault of one item of a batch. */
export function isFaultOfAnItem(error: unknown): boolean {
  if (/^(22|23|54)...$/.test(codeOf(error))) return true;
  return error instanceof Problem && error.code === 'beyond_database_limit';
}

/** 54 program_limit_exceeded, as of a value that does not fit in an entry of an index. */
function isBeyondLimit(error: unknown): boolean {
  return /^54...$/.test(codeOf(error));
}

/** The constraint that a violation of a foreign key, a unique key or a check names. */
export function violatedConstraint(error: unknown): string | undefined {
  if (!['23503', '23505', '23514'].includes(codeOf(error))) return undefined;
  const { constraint_name: name } = error as { constraint_name?: unknown };
  return typeof name === 'string' ? name : undefined;
}

const WRITE_REFUSALS: Record<WriteRefusal, string> = {
  read_only: 'The database is read-only now, as during a failover.',
  disk_full: 'The disk of the database is full.',
};

/** The problem for the client if the database cannot do what was asked, else the error itself. */
export function problemOf(error: unknown): unknown {
  if (isLostConnection(error)) return databaseUnavailable(error);
  if (isMissing(error)) {
    return unavailable('database_unavailable', 'The database lacks tables of the service now.', error);
  }
  if (isForbidden(error)) {
    return unavailable(
      'database_unavailable',
      'The database does not let the service use its tables now.',
      error,
    );
  }
  const refusal = refusedWrite(error);
  if (refusal) return unavailable('database_not_writable', WRITE_REFUSALS[refusal], error);
  if (isOverload(error)) {
    return unavailable('overloaded', 'The database could not finish the statement in time.', error);
  }
  if (isBeyondLimit(error)) {
    return new Problem('beyond_database_limit', 'A value is larger than the database can hold there.', {
      cause: error,
    });
  }
  return error;
}

export function databaseUnavailable(cause: unknown): Error {
  return unavailable('database_unavailable', 'The database cannot be reached now.', cause);
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
