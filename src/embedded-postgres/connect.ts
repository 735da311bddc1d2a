import { setTimeout as sleep } from 'node:timers/promises';
import postgres from 'postgres';
import { NAME } from './cluster.js';
import { codeOf, EmbeddedError } from './error.js';
import type { EmbeddedLog } from './log.js';
import type { Server } from './server.js';

const NO_ANSWER_MS = 60_000;
const STARTING = '57P03';
const FULL = '53300';
const NO_DATABASE = '3D000';
const WRONG_PASSWORD = '28P01';

/** The URL of the service's database, with the password. */
export function urlOf(port: number, password: string): string {
  return `postgres://${NAME}:${password}@127.0.0.1:${port}/${NAME}`;
}

/**
 * Waits until a connection with the password succeeds, and creates the database if it is missing. It waits without limit
 * while PostgreSQL recovers from a crash.
 *
 * @throws {EmbeddedError} if the server ends first, does not answer, or refuses the password
 */
export async function untilReady(
  server: Server,
  port: number,
  password: string,
  log: EmbeddedLog,
): Promise<void> {
  let deadline = performance.now() + NO_ANSWER_MS;
  let report = performance.now() + 5_000;
  while (server.running()) {
    const code = await attempt(port, password, NAME, 'select 1');
    if (code === '' || code === FULL) return;
    if (code === NO_DATABASE) await attempt(port, password, 'postgres', `create database ${NAME}`);
    if (code === WRONG_PASSWORD) {
      throw new EmbeddedError(
        'The file password in the data folder is not the password of the PostgreSQL there.' +
          ' Delete the file and start again: PostgreSQL is then given a new one.',
      );
    }
    const now = performance.now();
    if (code === STARTING) deadline = now + NO_ANSWER_MS;
    if (now > deadline) {
      throw new EmbeddedError(`PostgreSQL does not answer (${code}).\n${server.lastLines()}`);
    }
    if (now > report) {
      log.info(
        { postgresPid: server.pid, code },
        'waiting for PostgreSQL, which may be recovering after a crash',
      );
      report = now + 10_000;
    }
    await sleep(20);
  }
  throw new EmbeddedError(`PostgreSQL did not start (${await server.ended}).\n${server.lastLines()}`);
}

/** Runs one statement on a connection of its own. Returns '' if it succeeded, otherwise the code of the error. */
async function attempt(port: number, password: string, database: string, statement: string): Promise<string> {
  const sql = postgres({
    host: '127.0.0.1',
    port,
    username: NAME,
    password,
    database,
    ssl: false,
    max: 1,
    prepare: false,
    fetch_types: false,
    connect_timeout: 3,
    connection: { application_name: 'pict-repo start' },
  });
  const late = setTimeout(() => void sql.end({ timeout: 0 }), 10_000);
  try {
    await sql.unsafe(statement);
    return '';
  } catch (error) {
    return codeOf(error) || String(error);
  } finally {
    clearTimeout(late);
    await sql.end({ timeout: 0 });
  }
}
