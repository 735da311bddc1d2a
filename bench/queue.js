import { parseArgs } from 'node:util';
import { rate } from './support/figures.js';
import { printMachine } from './support/machine.js';
import { settle, startPostgres } from './support/postgres.js';
import { runBenchmark } from './support/program.js';
import { compareQueues } from './support/queue-against.js';
import { printQueueFigures } from './support/queue-report.js';

// The queue beside graphile-worker, pg-boss and an empty route: README.md says what is measured and how.
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    against: { type: 'string' },
    rounds: { type: 'string' },
    only: { type: 'string' },
    with: { type: 'string', multiple: true },
    result: { type: 'string' },
  },
});
if (values.against !== undefined) {
  await compareQueues(values.against, values);
  process.exit();
}
const plan = values.quick
  ? {
      rounds: { drains: 1, pushes: 1, latency: 1 },
      warmUpSeconds: 1,
      drainSeconds: 1,
      pushSeconds: 1,
      trialSeconds: 0.5,
      trialJobs: 2000,
      pushes: 50,
      pools: [16],
    }
  : {
      rounds: { drains: 7, pushes: 11, latency: 5 },
      warmUpSeconds: 8,
      drainSeconds: 2,
      pushSeconds: 1,
      trialSeconds: 1.2,
      trialJobs: 6000,
      pushes: 200,
      pools: [16, 'clients + 2'],
    };

/** Between the pushes whose delivery is timed. */
const GAP_MS = 20;
const CLIENTS = { service: [24, 200, 500], graphile: [24, 200], pgboss: [24, 200] };
const PUSHERS = [24, 200];
const MOST_JOBS = 50_000;
/** More than any of them drains. */
const MOST_PER_SECOND = 20_000;

/** @type {import('./support/queue-ratios.js').Figures} */
const figures = {};
function record(/** @type {string} */ name, /** @type {number[]} */ ...runs) {
  figures[name] = [...(figures[name] ?? []), ...runs];
}

await runBenchmark(async ({ processes, keep }) => {
  const began = performance.now();
  const postgres = await startPostgres(keep);
  await printMachine(postgres.url);

  const urls = {
    service: await postgres.database('bench_service'),
    graphile: await postgres.database('bench_graphile'),
    pgboss: await postgres.database('bench_pgboss'),
  };
  const service = await processes.server(
    '../dist/src/main.js',
    {
      DATABASE_URL: urls.service,
      LOG_LEVEL: 'warn',
    },
    ['serve'],
  );
  const empty = await processes.server('contenders/empty-route.js', {});
  const contenders = {
    service: processes.contender('contenders/service.js', {
      DATABASE_URL: urls.service,
      SERVICE_PORT: String(service),
    }),
    graphile: processes.contender('contenders/graphile-worker.js', {
      DATABASE_URL: urls.graphile,
      NO_LOG_SUCCESS: '1',
    }),
    pgboss: processes.contender('contenders/pg-boss.js', { DATABASE_URL: urls.pgboss }),
    empty: processes.contender('contenders/service.js', { SERVICE_PORT: String(empty) }),
  };

  /** Fills the queue of one, and drains it. */
  async function drain(/** @type {string} */ who, /** @type {number} */ jobs, /** @type {object} */ setting) {
    await contenders[who]('clear');
    await contenders[who]('fill', { jobs });
    await settle(urls[who]);
    return await contenders[who]('drain', { jobs, ...setting });
  }

  /** Tries the settings that could be the best one, shortly. */
  async function choose(/** @type {string} */ who, /** @type {number} */ clients) {
    let best = { setting: {}, jobsPerSecond: 0 };
    for (const setting of settingsOf(who, clients)) {
      const run = await drain(who, plan.trialJobs, { ...setting, clients, seconds: plan.trialSeconds });
      if (rate(run) > best.jobsPerSecond) best = { setting, jobsPerSecond: rate(run) };
    }
    const jobs = Math.min(MOST_JOBS, Math.max(500, Math.round(best.jobsPerSecond * plan.drainSeconds)));
    return { who, clients, setting: best.setting, jobs };
  }

  /** Lets its programs run until the compiler is done with them: for all the same time with each number of clients. */
  async function warmUp(/** @type {string} */ who, /** @type {number} */ clients) {
    const settings = settingsOf(who, clients);
    const seconds = plan.warmUpSeconds / settings.length;
    const jobs = Math.min(MOST_JOBS, seconds * MOST_PER_SECOND);
    for (const setting of settings) await drain(who, jobs, { ...setting, clients, seconds });
    await contenders[who]('push', { clients, seconds: plan.warmUpSeconds / 2 });
  }

  progress('warming up');
  for (const [who, all] of Object.entries(CLIENTS)) {
    for (const clients of all.filter((one) => PUSHERS.includes(one))) await warmUp(who, clients);
  }
  for (const clients of PUSHERS) await contenders.empty('push', { clients, seconds: plan.warmUpSeconds / 2 });

  progress('trials');
  const drains = [];
  for (const [who, all] of Object.entries(CLIENTS)) {
    for (const clients of all) drains.push(await choose(who, clients));
  }
  // Beside each other in time what is compared.
  drains.sort((one, other) => one.clients - other.clients);
  for (let round = 1; round <= plan.rounds.drains; round++) {
    progress(`drains, round ${round}`);
    for (const { who, clients, setting, jobs } of drains) {
      const run = await drain(who, jobs, { ...setting, clients, seconds: 4 * plan.drainSeconds });
      record(`drain ${who} ${clients}`, rate(run));
    }
  }

  for (let round = 1; round <= plan.rounds.pushes; round++) {
    progress(`pushes, round ${round}`);
    for (const clients of PUSHERS) {
      for (const [who, call] of Object.entries(contenders)) {
        if (who !== 'empty') {
          await call('clear');
          await settle(urls[who]);
        }
        record(`push ${who} ${clients}`, rate(await call('push', { clients, seconds: plan.pushSeconds })));
      }
    }
  }

  for (let round = 1; round <= plan.rounds.latency; round++) {
    progress(`latency, round ${round}`);
    for (const who of Object.keys(CLIENTS)) {
      await contenders[who]('clear');
      await settle(urls[who]);
      record(`latency ${who}`, ...(await contenders[who]('latency', { pushes: plan.pushes, gapMs: GAP_MS })));
    }
  }
  printQueueFigures(figures, drains);
  console.log(`\nIn ${Math.round((performance.now() - began) / 1000)} s.`);
});

/** @param {string} who @param {number} clients */
function settingsOf(who, clients) {
  if (who === 'service') return [{}];
  const pools = plan.pools.map((pool) => (typeof pool === 'number' ? pool : clients + 2));
  if (who === 'graphile') return pools.map((pool) => ({ pool }));
  return pools.flatMap((pool) => [
    { pool, way: 'work' },
    { pool, way: 'fetch' },
  ]);
}

/** @param {string} text */
function progress(text) {
  console.error(`${(performance.now() / 1000).toFixed(1)} s: ${text}`);
}
