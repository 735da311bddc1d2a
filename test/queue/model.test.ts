import { test } from 'node:test';
import fc from 'fast-check';
import { createDatabase } from '../support/database.js';
import { commands, compare, type Real } from '../support/queue-commands.js';
import { QueueModel } from '../support/queue-model.js';
import { startTestService } from '../support/service.js';

/** Side by side, because a run waits for sweeps most of its time. */
const LANES = 2;
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 10);

const lanes = await Promise.all(
  Array.from({ length: LANES }, async () => {
    const database = await createDatabase();
    const env = { QUEUE_BACKOFF_MAX_SECONDS: '1', DATABASE_POOL_SIZE: '4' };
    const services = [await startTestService(env, database), await startTestService(env, database)];
    return { services, sql: database.sql };
  }),
);

test('any series of calls to two services is answered as the model says', async () => {
  let queues = 0;
  const property = (lane: Omit<Real, 'queue'>) =>
    fc.asyncProperty(fc.commands(commands, { maxCommands: 40, size: 'max' }), async (series) => {
      const model = new QueueModel();
      const real = { ...lane, queue: `q${++queues}` };
      await fc.asyncModelRun(() => ({ model, real }), series);
      await compare(model, real);
    });
  // A failure shows its seed and its path, and the shortest series that fails.
  await Promise.all(lanes.map((lane) => fc.assert(property(lane), { numRuns: RUNS, endOnFailure: false })));
});
