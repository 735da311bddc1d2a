import { parseArgs } from 'node:util';
import { median, quantile, table } from './support/figures.js';
import { printMachine } from './support/machine.js';
import { query, settle, startPostgres } from './support/postgres.js';
import { runBenchmark } from './support/program.js';

// What reads of lists and figures cost the others, and how long they take at size: README.md says more.
const { values } = parseArgs({
  options: { queues: { type: 'string', default: '1000' }, seconds: { type: 'string', default: '5' } },
});
const queues = Number(values.queues);
const seconds = Number(values.seconds);
const GAP_MS = 10;
const JOBS_OF_A_QUEUE = 1000;
const HEAVY_JOBS = 500;
const WAITED_FOR = 5000;

await runBenchmark(async ({ processes, keep }) => {
  const postgres = await startPostgres(keep);
  await printMachine(postgres.url);
  const url = await postgres.database('bench_figures');
  const port = await processes.server('../dist/src/main.js', { DATABASE_URL: url, LOG_LEVEL: 'warn' }, [
    'serve',
  ]);
  const contender = () => processes.contender('contenders/readers.js', { SERVICE_PORT: String(port) });
  const [reader, pusher] = [contender(), contender()];
  /** @type {string[][]} */
  const rows = [];
  const ms = (/** @type {number} */ time) => `${time.toFixed(1)} ms`;

  await pusher('push', { seconds: 2, gapMs: GAP_MS });
  const quiet = await quietly();

  /** The median of two quiet spells, as the machine's own speed changes. */
  async function quietly() {
    return median(await pusher('push', { seconds, gapMs: GAP_MS }));
  }

  /** Pushes beside clients that read a path without a pause. @param {string} what @param {string} path @param {number} clients */
  async function beside(what, path, clients) {
    const [read, pushes] = await Promise.all([
      reader('read', { path, clients, seconds: seconds + 1 }),
      pusher('push', { seconds, gapMs: GAP_MS }),
    ]);
    const still = (quiet + (await quietly())) / 2;
    rows.push([
      what,
      `${clients}`,
      ms(median(read.times)),
      ms(Math.max(...read.times)),
      `${(read.bytes / read.times.length / 2 ** 20).toFixed(2)} MiB`,
      ms(median(pushes)),
      ms(quantile(pushes, 0.99)),
      (median(pushes) / still).toFixed(1),
    ]);
  }

  await query(
    url,
    `insert into jobs (queue, job)
     select 'heavy', to_json((select string_agg(md5(n::text || part::text), '') from generate_series(1, 8100) as part))
     from generate_series(1, ${HEAVY_JOBS}) as n`,
  );
  await settle(url);
  await beside(`a page of jobs of 256 KiB`, '/v1/queues/heavy/jobs?limit=1000', 12);
  await query(url, `delete from jobs where queue = 'heavy'`);

  await query(
    url,
    `insert into jobs (queue, job, state, run_at)
     select
       'tenant-' || n * 7919::bigint % ${queues},
       json_build_object('n', n, 'text', repeat(md5(n::text), 4 + n % 10)),
       case when n % 20 = 0 then 'scheduled' else 'ready' end,
       case when n % 20 = 0 then clock_timestamp() + interval '1 day' end
     from generate_series(1, ${queues * JOBS_OF_A_QUEUE}) as n`,
  );
  await query(
    url,
    `insert into hashes (hash, identifier) select sha256(int8send(n)), 'i' || n from generate_series(1, 1000000::bigint) as n`,
  );
  await beside('all queues, none of the rows vacuumed yet', '/v1/queues', 4);
  await settle(url);
  await beside('all queues', '/v1/queues', 4);
  await beside('one queue', '/v1/queues/tenant-7', 4);
  await beside('a page of 1,000 small jobs', '/v1/queues/tenant-7/jobs?limit=1000', 12);
  await beside('a page of scheduled jobs', '/v1/queues/tenant-0/jobs?limit=1000&state=scheduled', 12);
  await beside('the exact number of a million hashes', '/v1/hashes/size', 12);
  await reader('park', { queues: WAITED_FOR });
  await beside(`all queues, and ${WAITED_FOR} that are only waited for`, '/v1/queues', 4);
  await reader('unpark');

  console.log(`\nA push alone takes ${ms(quiet)} (median).\n`);
  console.log(
    table(
      ['read', 'clients', 'median', 'longest', 'answer', 'a push beside it', 'p99', 'times a quiet one'],
      rows,
    ),
  );
});
