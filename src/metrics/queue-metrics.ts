import { setTimeout as sleep } from 'node:timers/promises';
import { Gauge, type Registry } from 'prom-client';
import type { QueueStats } from '../repos/queue/sql/count-queues.js';
import { queuesToShow, waitingSeconds } from './shown-queues.js';

/** How many queues are shown, because each one has several series (shown-queues.ts). */
const MAX_QUEUES = 100;
/** How long a scrape waits for new figures. */
const WAIT_MS = 2000;
/** How long old figures are shown while no new ones arrive. */
const MAX_AGE_MS = 60_000;

const STATES = ['ready', 'scheduled', 'running', 'dead'] as const;

/**
 * Adds the figures of the queues, as the API shows them. Without the database only these are missing, and a database that
 * hangs delays a scrape by WAIT_MS at most.
 *
 * @returns a function to be called before the registry is read
 */
export function queueFigures(registry: Registry, read: () => Promise<QueueStats[]>): () => Promise<void> {
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ name: `pict_repo_${name}`, help, labelNames, registers: [registry] });
  const jobs = gauge(
    'queue_jobs',
    'Jobs of a queue, by state; up to 100 queues are shown.',
    'queue',
    'state',
  );
  const oldest = gauge(
    'queue_oldest_ready_seconds',
    'How long the job that has been ready for longest has waited.',
    'queue',
  );
  const paused = gauge('queue_paused', 'Whether the queue is paused.', 'queue');
  const queues = gauge('queues', 'All queues that have jobs or are paused.');
  const allJobs = gauge('queues_jobs', 'Jobs of all queues, by state.', 'state');
  const allOldest = gauge(
    'queues_oldest_ready_seconds',
    'How long the job that has been ready for longest has waited, in any queue that is not paused.',
  );
  const allPaused = gauge('queues_paused', 'How many queues are paused.');
  const up = gauge('queue_figures_up', 'Whether the figures of the queues could be read.');
  let reading: Promise<void> | undefined;
  let shownAt = Number.NEGATIVE_INFINITY;

  function clear(): void {
    for (const figure of [jobs, oldest, paused, allJobs]) figure.reset();
    for (const figure of [queues, allOldest, allPaused]) figure.set(Number.NaN);
    up.set(0);
  }

  function show(stats: QueueStats[]): void {
    clear();
    for (const stat of queuesToShow(stats, MAX_QUEUES)) {
      const { queue } = stat;
      for (const state of STATES) jobs.set({ queue, state }, stat[state]);
      oldest.set({ queue }, stat.oldest_ready_seconds ?? 0);
      paused.set({ queue }, Number(stat.paused));
    }
    queues.set(stats.length);
    for (const state of STATES) {
      allJobs.set(
        { state },
        stats.reduce((sum, stat) => sum + stat[state], 0),
      );
    }
    allOldest.set(stats.reduce((most, stat) => Math.max(most, waitingSeconds(stat)), 0));
    allPaused.set(stats.filter((stat) => stat.paused).length);
    up.set(1);
  }

  async function refresh(): Promise<void> {
    try {
      show(await read());
      shownAt = performance.now();
    } catch {
      clear();
    }
  }

  return async () => {
    reading ??= refresh().finally(() => {
      reading = undefined;
    });
    const end = new AbortController();
    await Promise.race([reading, sleep(WAIT_MS, undefined, { signal: end.signal }).catch(() => {})]);
    end.abort();
    if (performance.now() - shownAt > MAX_AGE_MS) clear();
  };
}
