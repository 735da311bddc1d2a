import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { connectionOptions } from '../../src/database/connection.js';
import type { Sql } from '../../src/database/database.js';
import { PARAMETER_TYPES } from '../../src/database/driver/parameters.js';
import { atEnd } from './cleanup.js';

/** A test may read what the service may not: the forms here are those of the settings here. */
const READ_IN_TESTS = {
  timestamptz: { ...PARAMETER_TYPES.timestamptz, parse: String },
  float: { ...PARAMETER_TYPES.float, parse: Number },
};

export interface TestDatabase {
  url: string;
  /** A connection pool of the test's own, beside the service's. */
  sql: Sql;
}

let opened: Sql | undefined;

/** The session that makes and drops the databases of a test file. */
function maintenance(): Sql {
  if (opened) return opened;
  const url = required('TEST_SERVER_URL');
  const sql = postgres({ ...connectionOptions({ url, statementTimeoutSeconds: 0 }), max: 1 });
  atEnd(async () => {
    opened = undefined;
    await sql.end({ timeout: 1 });
  });
  opened = sql;
  return sql;
}

/** A database of the test file's own, cloned from the migrated template (or empty), and dropped after it. */
export async function createDatabase({ empty = false } = {}): Promise<TestDatabase> {
  const admin = maintenance();
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = empty ? 'template0' : required('TEST_TEMPLATE');
  const strategy = process.env['TEST_STRATEGY'];
  await admin`
    create database ${admin(name)} template ${admin(template)} ${strategy ? admin`strategy ${admin(strategy)}` : admin``}`;
  const url = new URL(required('TEST_SERVER_URL'));
  url.pathname = `/${name}`;
  const sql = postgres({
    ...connectionOptions({ url: url.href, statementTimeoutSeconds: 0 }),
    types: { ...PARAMETER_TYPES, ...READ_IN_TESTS },
    max: 4,
  });
  atEnd(async () => {
    await sql.end({ timeout: 1 });
    await admin`drop database if exists ${admin(name)} with (force)`;
  });
  return { url: url.href, sql };
}

/** The time of the database, as the service writes it. */
export async function clock(sql: Sql): Promise<string> {
  const [row] = await sql<{ now: string }[]>`
    select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as now`;
  return row?.now ?? '';
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with "npm test"`);
  return value;
}
