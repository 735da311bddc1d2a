import postgres from 'postgres';
import { claimJobs } from '../../dist/src/repos/queue/sql/claim.js';

/** Jobs that the probe claims. */
export const PROBE_JOBS = 10;
const QUEUE = 'bench';
const LEASE_SECONDS = 60;

class RolledBack extends Error {}

/**
 * Looks from outside at what a claim costs: the service's own statement under EXPLAIN (ANALYZE, BUFFERS), in a
 * transaction that is rolled back.
 *
 * @param {string} url
 */
export function openProbe(url) {
  const sql = postgres(url, { max: 1, onnotice: () => {} });

  /** @param {{ priority: number, seq: string }[] | undefined} marks as the service keeps them; undefined: a full look */
  async function claim(marks) {
    const slots = Array.from({ length: PROBE_JOBS }, (_, poll) => ({
      poll,
      slot: 1,
      worker_id: `probe-${poll}`,
      idempotency_key: undefined,
      lease_seconds: undefined,
    }));
    /** @type {any} */
    let plan;
    await sql
      .begin(async (transaction) => {
        const explain = {
          async run(/** @type {(sql: any) => any} */ statement) {
            const rows = await transaction`explain (analyze, buffers, format json) ${statement(transaction)}`;
            plan = rows[0]['QUERY PLAN'][0];
            return [];
          },
        };
        await claimJobs(/** @type {any} */ (explain), QUEUE, slots, [], marks, {
          leaseSeconds: LEASE_SECONDS,
        });
        throw new RolledBack();
      })
      .catch((error) => {
        if (!(error instanceof RolledBack)) throw error;
      });
    return {
      buffers: buffersOf(plan.Plan),
      picking: buffersOf(part(plan.Plan, 'CTE assigned')),
      milliseconds: plan['Execution Time'],
    };
  }

  let mark = { priority: 0, seq: '0' };

  /**
   * Where the ready jobs begin now, as the service knows from its last claim. Each look begins where the one before
   * ended, and so passes fewer dead rows and takes less time, in which jobs are claimed.
   */
  async function freshMark() {
    for (let look = 0; look < 4; look++) {
      const [first] = await sql`
        select priority, seq::text as seq
        from jobs
        where queue = ${QUEUE}
          and state = 'ready'
          and (priority, seq) >= (${mark.priority}::smallint, ${mark.seq}::text::bigint)
        order by priority, seq
        limit 1`;
      mark = /** @type {any} */ (first) ?? mark;
    }
    return mark;
  }

  return {
    /** A claim from the low-water mark, as almost all are, and one that looks at the whole queue. */
    async claims() {
      return { marked: await claim([await freshMark()]), full: await claim(undefined) };
    },

    /** @returns {Promise<{ dead: number, vacuums: number }>} what the statistics say of the table */
    async table() {
      const [row] = await sql`
        select n_dead_tup::float8 as dead, autovacuum_count::float8 as vacuums
        from pg_stat_user_tables
        where relname = 'jobs'`;
      return { dead: row.dead, vacuums: row.vacuums };
    },

    close: () => sql.end({ timeout: 5 }),
  };
}

/** @param {any} node of a plan */
function buffersOf(node) {
  return node['Shared Hit Blocks'] + node['Shared Read Blocks'];
}

/** @param {any} node @param {string} name @returns {any} the part of a plan that has this name, if there is one */
function part(node, name) {
  if (node['Subplan Name'] === name) return node;
  for (const child of node.Plans ?? []) {
    const found = part(child, name);
    if (found) return found;
  }
  return undefined;
}
