import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { median, quantile, rate, spread, table } from './figures.js';
import { printMachine } from './machine.js';
import { query, settle, startPostgres } from './postgres.js';
import { processorSeconds } from './processor-time.js';
import { runBenchmark } from './program.js';
import { turns } from './turns.js';

/** What the paths of programs are relative to. */
const BENCH = resolve(import.meta.dirname, '..');
const PARTS = ['drains', 'pushes', 'latency'];
const DRAINERS = [24, 200, 500];
const PUSHERS = [24, 200];
const BATCHES = { clients: 8, size: 100 };
const LATENCY = { pushes: 200, gapMs: 10 };
const SECONDS = 1;
const WARM_UP_SECONDS = 2;
const MOST_JOBS = 50_000;

/** @typedef {'this' | 'other'} Side */
/** @typedef {Record<string, Record<Side, number[]>>} Figures round by round */
const SIDES = /** @type {Side[]} */ (['this', 'other']);

/**
 * Measures the queue of this checkout and of another in turns, with one generator, one PostgreSQL and one Node for both.
 *
 * @param {string} folder of the other checkout, which has been built
 * @param {{ rounds?: string, only?: string, with?: string[], result?: string }} options
 *   with: NAME=VALUE of variables that only this checkout's service gets; result: JSON that its workers give with each job
 */
export async function compareQueues(
  folder,
  { rounds: given = '7', only = PARTS.join(), with: set = [], result },
) {
  const rounds = Number(given);
  const parts = only.split(',');
  await runBenchmark(async ({ processes, keep }) => {
    const postgres = await startPostgres(keep);
    const [{ postmaster }] = await query(
      postgres.url,
      `select split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::integer as postmaster`,
    );
    await printMachine(postgres.url);

    /** @param {string} main @param {string} database @param {object} [variables] @param {object} [given] to the client */
    async function start(main, database, variables = {}, given = {}) {
      const url = await postgres.database(database);
      const port = await processes.server(
        main,
        { DATABASE_URL: url, LOG_LEVEL: 'warn', ...variables },
        // Versions before the program had commands take no arguments.
        existsSync(resolve(BENCH, main, '../commands/verbs')) ? ['serve'] : [],
      );
      const env = { DATABASE_URL: url, SERVICE_PORT: String(port), ...given };
      return { url, pid: processes.pid(port), call: processes.contender('contenders/service.js', env) };
    }
    const services = {
      this: await start(
        '../dist/src/main.js',
        'bench_this',
        Object.fromEntries(set.map((one) => one.split('='))),
        result === undefined ? {} : { JOB_RESULT: result },
      ),
      other: await start(resolve(folder, 'dist/src/main.js'), 'bench_other'),
    };

    /** @type {Figures} */
    const rates = {};
    /** Microseconds of a core for each job. @type {Figures} */
    const costs = {};

    /** @param {string} what @param {(who: Side) => Promise<() => Promise<any>>} prepare makes what is measured */
    async function compare(what, prepare) {
      rates[what] = await turns(rounds, SIDES, async (who) => {
        const measure = await prepare(who);
        const used = () => [processorSeconds(services[who].pid), processorSeconds(postmaster)];
        const before = used();
        const run = await measure();
        const after = used();
        for (const [at, part] of ['service', 'PostgreSQL'].entries()) {
          const name = `${what}: ${part}, µs a job`;
          costs[name] ??= { this: [], other: [] };
          costs[name][who].push(((after[at] - before[at]) * 1e6) / run.jobs);
        }
        return rate(run);
      });
    }

    /** @param {Side} who @param {number} jobs that are in the queue then */
    async function prepare(who, jobs = 0) {
      await services[who].call('clear');
      await services[who].call('fill', { jobs });
      await settle(services[who].url);
    }

    for (const who of SIDES) {
      for (const clients of PUSHERS) {
        await prepare(who, MOST_JOBS);
        await services[who].call('drain', { jobs: MOST_JOBS, clients, seconds: WARM_UP_SECONDS });
        await services[who].call('push', { clients, seconds: WARM_UP_SECONDS });
      }
    }
    for (const clients of parts.includes('drains') ? DRAINERS : []) {
      await prepare('other', MOST_JOBS);
      const trial = await services.other.call('drain', { jobs: MOST_JOBS, clients, seconds: SECONDS });
      const jobs = Math.min(MOST_JOBS, Math.round(rate(trial) * SECONDS));
      await compare(`drained jobs/s, ${clients} workers`, async (who) => {
        await prepare(who, jobs);
        return () => services[who].call('drain', { jobs, clients, seconds: 8 * SECONDS });
      });
    }
    for (const clients of parts.includes('pushes') ? PUSHERS : []) {
      await compare(`single pushes/s, ${clients} clients`, async (who) => {
        await prepare(who);
        return () => services[who].call('push', { clients, seconds: SECONDS });
      });
    }
    if (parts.includes('pushes')) {
      await compare(`jobs/s of pushes of ${BATCHES.size}`, async (who) => {
        await prepare(who);
        return () => services[who].call('pushBatches', { ...BATCHES, seconds: SECONDS });
      });
    }
    if (parts.includes('latency')) {
      /** @type {Record<Side, number[]>} */
      const all = { this: [], other: [] };
      rates['push to delivery, p50, ms'] = await turns(rounds, SIDES, async (who) => {
        await prepare(who);
        const times = await services[who].call('latency', LATENCY);
        all[who].push(...times);
        return quantile(times, 0.5);
      });
      rates['push to delivery, p99, ms'] = {
        this: [quantile(all.this, 0.99)],
        other: [quantile(all.other, 0.99)],
      };
    }
    print({ ...rates, ...costs });
  });
}

/** @param {Figures} figures */
function print(figures) {
  const rows = Object.entries(figures).map(([what, { this: own, other }]) => {
    const ratios = own.map((value, round) => value / other[round]);
    return [what, median(ratios).toFixed(2), text(ratios), text(own), text(other)];
  });
  console.log(table(['', 'this ÷ other', 'round by round', 'this', 'other'], rows));
}

/** @param {number[]} values */
function text(values) {
  if (Math.min(...values) >= 10) return spread(values);
  return values.map((value) => value.toFixed(2)).join(' ');
}
