import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionOptions } from '../../src/database/connection.js';
import type { Sql } from '../../src/database/database.js';
import { openProbe } from '../../src/database/probe.js';
import { createDatabase } from '../support/database.js';

const { url } = await createDatabase({ empty: true });

test('a probe that was closed opens no session, used before or not', async () => {
  const options = connectionOptions({ url, statementTimeoutSeconds: 30 });
  const statement = (sql: Sql) => sql<{ one: number }[]>`select 1 as one`;
  const [used, unused] = [openProbe(options, 10_000), openProbe(options, 10_000)];
  assert.deepEqual(await used.run(statement), [{ one: 1 }]);
  for (const probe of [used, unused]) {
    await probe.close();
    for (let round = 0; round < 2; round++) {
      await assert.rejects(() => probe.run(statement), { code: 'CONNECTION_ENDED' });
    }
  }
});
