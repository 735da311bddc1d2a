import { setTimeout as sleep } from 'node:timers/promises';
import type { PoppedJob } from './queue-client.js';
import type { Answer, TestService } from './service.js';

const QUEUE = 'hammered';
const WORKERS = 5;
const LEASE_SECONDS = 1;
/** Of each of the 27 loops, so that there is an end to what is asked while leases run out. */
const LONGEST_PAUSE_MS = 30;

/**
 * Asks all replicas at once for everything that locks several jobs, over the same jobs: batches in any
 * order, leases that run out meanwhile, unique keys that meet. Returns what was answered with 5xx.
 *
 * @param atLeast so many requests, and at least for the time in which leases run out
 */
export async function hammer(
  replicas: Pick<TestService, 'ask'>[],
  atLeast: number,
): Promise<{ asked: number; failures: string[] }> {
  const end = performance.now() + LEASE_SECONDS * 1000;
  const failures: string[] = [];
  let asked = 0;
  /** The latest leases, held and lost. */
  let leases: string[] = [];

  const loops = replicas.flatMap(({ ask }) => {
    const tell = async (method: string, path: string, body?: unknown): Promise<Answer> => {
      const answer = await ask(method, path, body);
      asked++;
      if (answer.status >= 500) failures.push(`${method} ${path}: ${answer.status} ${answer.text}`);
      return answer;
    };
    const onQueue = (verb: string) => () => tell('POST', `/queues/${QUEUE}/${verb}`);
    const steps: (() => Promise<unknown>)[] = [
      () => {
        const jobs = Array.from({ length: 40 }, (_, job) => ({
          job,
          priority: pick(3),
          max_attempts: 1 + pick(3),
          ...(pick(2) && { unique_key: `${pick(100)}` }),
        }));
        return tell('POST', `/queues/${QUEUE}/jobs/batch`, { jobs });
      },
      async () => {
        const { json } = await tell('POST', `/queues/${QUEUE}/pop`, {
          worker_id: `w${pick(WORKERS)}`,
          max: 30,
          wait_seconds: 0.1,
          lease_seconds: LEASE_SECONDS,
        });
        const jobs: PoppedJob[] = json.jobs ?? [];
        leases = [...jobs.map(({ lease }) => lease), ...leases].slice(0, 200);
      },
      () => tell('POST', '/leases/complete', { leases: some(leases, 10) }),
      () => tell('POST', '/leases/heartbeat', { leases: some(leases, 50), lease_seconds: LEASE_SECONDS }),
      () => {
        const ends = some(leases, 20).map((lease) =>
          tell('POST', `/leases/${lease}/${pick(2) ? 'fail' : 'release'}`, pick(2) ? {} : undefined),
        );
        return Promise.all(ends);
      },
      () => tell('POST', `/workers/w${pick(WORKERS)}/requeue`),
      () => Promise.all(some(leases, 5).map((lease) => tell('DELETE', `/jobs/${lease.split('.')[0]}`))),
      onQueue('redrive'),
      onQueue('purge?which=dead'),
    ];
    return steps.map(async (step) => {
      while (asked < atLeast || performance.now() < end) {
        await step();
        await sleep(Math.random() * LONGEST_PAUSE_MS);
      }
    });
  });
  await Promise.all(loops);
  return { asked, failures };
}

function pick(below: number): number {
  return Math.floor(Math.random() * below);
}

/** Some of them, in any order, perhaps twice. */
function some<T>(values: T[], count: number): T[] {
  if (values.length === 0) return [];
  return Array.from({ length: count }, () => values[pick(values.length)] as T);
}
