import type { QueueStats } from '../repos/queue/sql/count-queues.js';

/** A queue with a job that has been ready for longer than this may be in trouble. */
const OLD_SECONDS = 60;

/**
 * At most `max` queues to be shown: first those with dead jobs and those with old jobs, in turns; then those with most
 * jobs.
 */
export function queuesToShow(stats: QueueStats[], max: number): QueueStats[] {
  const dead = ranked(stats, ({ dead }) => dead);
  const old = ranked(stats, (queue) => {
    const age = waitingSeconds(queue);
    return age > OLD_SECONDS ? age : 0;
  });
  const shown = new Set<QueueStats>();
  const show = (queue: QueueStats | undefined): void => {
    if (queue && shown.size < max) shown.add(queue);
  };
  for (let at = 0; at < Math.max(dead.length, old.length); at++) {
    show(dead[at]);
    show(old[at]);
  }
  for (const queue of ranked(stats, sizeOf)) show(queue);
  for (const queue of stats) show(queue);
  return [...shown];
}

/** How long the oldest job has waited for a worker; 0 for a paused queue, whose jobs are meant to wait. */
export function waitingSeconds({ paused, oldest_ready_seconds }: QueueStats): number {
  return paused ? 0 : (oldest_ready_seconds ?? 0);
}

function sizeOf({ ready, scheduled, running, dead }: QueueStats): number {
  return ready + scheduled + running + dead;
}

/** The queues with a rank above 0, the highest first. */
function ranked(stats: QueueStats[], rank: (queue: QueueStats) => number): QueueStats[] {
  const keyed = stats.map((queue) => ({ queue, key: rank(queue) })).filter(({ key }) => key > 0);
  return keyed.sort((one, other) => other.key - one.key).map(({ queue }) => queue);
}
