import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../src/config.js';
import { gatheredRead } from '../../src/database/gathered-read.js';
import { openDatabase } from '../../src/database/open-database.js';
import { openProbe } from '../../src/database/probe.js';
import { type SlowStatement, SlowStatements } from '../../src/database/slow-statements.js';
import { currentRequesters, type Requesters, runFor } from '../../src/requester.js';
import { databaseConnections } from '../../src/service-options.js';
import { atEnd } from '../support/cleanup.js';
import { createDatabase } from '../support/database.js';

const { url } = await createDatabase();
const { statement } = databaseConnections(readConfig({}), url);
const reports: SlowStatement[] = [];
const slow = new SlowStatements(10, (one) => reports.push(one));
const db = openDatabase(statement, { poolSize: 2, waitSeconds: 10, slow });
const probe = openProbe(statement, 10_000, slow);
atEnd(async () => void (await Promise.all([db.close(), probe.close()])));

const request = (requestId: string): Requesters => ({ operation: `of.${requestId}`, requestId });
const reported = (): SlowStatement[] =>
  reports.splice(0).filter(({ statement }) => statement?.includes('pg_sleep'));
const SECONDS = 0.03;

test('a statement that is shared names how many requests it was for, each once, and the first', async () => {
  const read = gatheredRead(
    db,
    (sql, keys: string[]) => sql<{ key: string }[]>`
      select key
      from unnest(${keys}::text[]) as key, (select pg_sleep(${SECONDS})) as pause`,
  );
  const [a, b] = [request('a'), request('b')];
  const answers = [runFor(a, () => read('x')), runFor(b, () => read('secret')), runFor(b, () => read('z'))];
  assert.deepEqual(
    (await Promise.all(answers)).map(({ key }) => key),
    ['x', 'secret', 'z'],
  );
  const [one, ...others] = reported();
  assert.equal(others.length, 0);
  const { ms = 0, waited_ms, ...rest } = one ?? {};
  assert.ok(ms >= 30 && waited_ms !== undefined);
  assert.deepEqual(rest, {
    statement: 'select key from unnest(…::text[]) as key, (select pg_sleep(…)) as pause',
    operation: 'of.a',
    request_id: 'a',
    requests: 2,
  });
});

test('a failed statement is reported with its code, one of the service itself without a request, and a quick one is not reported', async () => {
  await db.run((sql) => sql`select 1`);
  await assert.rejects(
    runFor(request('a'), () => db.run((sql) => sql`select 1 / (${0}::integer) from pg_sleep(${SECONDS})`)),
  );
  await db.run((sql) => sql`select pg_sleep(${SECONDS})`);
  await probe.run((sql) => sql`select pg_sleep(${SECONDS}), 'of the probe'`);
  assert.deepEqual(
    reported().map(({ error, request_id, requests }) => ({ error, request_id, requests })),
    [
      { error: '22012', request_id: 'a', requests: 1 },
      { error: undefined, request_id: undefined, requests: 0 },
      { error: undefined, request_id: undefined, requests: 0 },
    ],
  );
});

test('with 0 no statement is reported', async () => {
  const none = new SlowStatements(0, () => assert.fail('reported'));
  none.ended({
    query: undefined,
    requesters: undefined,
    arrivedAt: 0,
    begunAt: Number.MIN_SAFE_INTEGER,
    error: undefined,
  });
});

test('the requesters are known until the end of the function that they were set for, even if that fails', () => {
  const [a, b] = [request('a'), request('b')];
  runFor(a, () => {
    assert.throws(() =>
      runFor(b, () => {
        assert.equal(currentRequesters(), b);
        throw new Error('it fails');
      }),
    );
    assert.equal(currentRequesters(), a);
  });
  assert.equal(currentRequesters(), undefined);
});
