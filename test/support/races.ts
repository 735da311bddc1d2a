import { randomBytes } from 'node:crypto';
import type { TransactionSql } from 'postgres';
import type { Sql } from '../../src/database/database.js';
import { checkAnswer } from './contract.js';
import { assertProblem, type RawAnswer, sendRaw } from './raw-http.js';
import type { Answer } from './service.js';
import { until } from './until.js';

/** What the tests of the repos share: rivals with an open transaction, and values that nobody may send. */

/** A digest as long as pict-rs's, of the test's own. */
export function newHash(): string {
  return randomBytes(39).toString('hex');
}

/** Resolves once `count` statements on the database wait for a lock. */
export async function untilWaiting(sql: Sql, count = 1): Promise<void> {
  await until(async () => {
    const [row] = await sql<{ waiting: number }[]>`
      select count(*)::integer as waiting
      from pg_stat_activity
      where datname = current_database()
        and wait_event_type = 'Lock'`;
    return (row?.waiting ?? 0) >= count;
  });
}

/**
 * Resolves once a statement about leases has passed over a job that was locked, after `since`: the service then looks
 * where that job is, and tries again.
 */
async function untilPassedOver(sql: Sql, since: string): Promise<void> {
  await until(async () => {
    const rows = await sql`
      select
      from pg_stat_activity
      where datname = current_database()
        and query like '%''dead'', null%'
        and pid <> pg_backend_pid()
        and state = 'idle'
        and query_start > ${since}::text::timestamptz`;
    return rows.length > 0;
  });
}

const UNDONE = new Error('rolled back');

/**
 * The answer to a request that came while a rival's transaction was open, and that had to wait for its end:
 * a commit, or else a rollback.
 */
export async function whileOpen(
  sql: Sql,
  rival: (tx: TransactionSql) => Promise<unknown>,
  request: () => Promise<Answer>,
  end: 'commit' | 'rollback' = 'commit',
): Promise<Answer> {
  let answer: Promise<Answer> | undefined;
  const early = () => {
    throw new Error('the request did not wait for its rival');
  };
  await sql
    .begin(async (tx) => {
      await rival(tx);
      const since = await clock(sql);
      answer = request();
      await Promise.race([untilWaiting(sql), untilPassedOver(sql, since), answer.then(early)]);
      if (end === 'rollback') throw UNDONE;
    })
    .catch((error: unknown) => {
      if (error !== UNDONE) throw error;
    });
  if (!answer) throw new Error('nothing was asked');
  return await answer;
}

/** How often each status, with the problem's code, was answered. */
export function tally(answers: Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, json } of answers) {
    const outcome = json?.code ? `${status} ${json.code}` : `${status}`;
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

/** The answers to `count` requests that are sent at once. */
export function atOnce(count: number, request: (n: number) => Promise<Answer>): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, (_, n) => request(n)));
}

/** The lines of a stream. */
export function linesOf({ text }: Answer): Record<string, string>[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** A request whose path no library rewrites. `body` is JSON; the answer is checked against openapi.json. */
export async function askRaw(base: string, method: string, path: string, body?: string): Promise<RawAnswer> {
  const head = [`${method} /v1${path} HTTP/1.1`, 'Host: localhost'];
  if (body !== undefined) {
    head.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`);
  }
  const answer = await sendRaw(base, `${head.join('\r\n')}\r\n\r\n${body ?? ''}`);
  checkAnswer(method, `/v1${path}`, answer);
  return answer;
}

/** Fails unless the answer is 400 for what cannot be read or is not taken; returns where the first fault is. */
export function assertInvalid(answer: RawAnswer): string | undefined {
  const { code, errors } = JSON.parse(answer.text);
  assertProblem(answer, 400, code === 'malformed_request' ? code : 'invalid_request');
  return errors?.[0]?.path;
}

/** The time of the database, as the service writes it. */
export async function clock(sql: Sql): Promise<string> {
  const [row] = await sql<{ now: string }[]>`
    select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now`;
  return row?.now ?? '';
}

/** What may not stand in a path where an alias, a queue or a settings key belongs. */
export const badSegments = [
  ...['', '.', '..', '%2e', '%2E%2e', '.%2e', 'a%2Fb', 'a%5Cb', 'a\\b', '%00', 'a%0A', '%7F', '%C2%85'],
  ...['%FF', '%ED%A0%80', '%', '%zz'],
];

/** The same, in a body or decoded from a query. */
export const badNames = ['', '.', '..', 'a/b', 'a\\b', 'a\n', '\u007f', '\u0085'];

/** What no text may hold, in a body. */
export const unstorable = ['a\0', '\ud800', 'a\udc00b'];

/** The same, in a query. */
export const unstorableQueries = ['', 'a%00', '%FF', '%ED%A0%80', '%'];

/** What no hash is, in a path or a query. */
export const badHashes = ['', 'a', 'abc', 'zz', '%C3%A9', '0xab', '%20ab', 'ab%0A', 'ab%00', 'ab'.repeat(65)];
