import { setTimeout as sleep } from 'node:timers/promises';
import { Gauge, type Registry } from 'prom-client';
import type { QueueStats } from '../repos/queue/sql/count-queues.js';

/** Only the queues with the most jobs are shown, because each name makes several series. */
const MAX_QUEUES = 100;
/** How long a scrape waits for new figures. */
const WAIT_MS = 2000;
/** How long old figures are shown if no new ones arrive. */
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
  const jobs = gauge('queue_jobs', 'Jobs by state, of the queues with the most jobs.', 'queue', 'state');
  const oldest = gauge('queue_oldest_ready_seconds', 'Age of the oldest ready job.', 'queue');
  const paused = gauge('queue_paused', 'Whether the queue is paused.', 'queue');
  const queues = gauge('queues', 'All queues that have jobs or are paused.');
  const up = gauge('queue_figures_up', 'Whether the figures of the queues could be read.');
  let reading: Promise<void> | undefined;
  let shownAt = Number.NEGATIVE_INFINITY;

  function clear(): void {
    for (const figure of [jobs, oldest, paused]) figure.reset();
    queues.set(Number.NaN);
    up.set(0);
  }

  function show(stats: QueueStats[]): void {
    clear();
    const size = (queue: QueueStats) => STATES.reduce((sum, state) => sum + queue[state], 0);
    for (const stat of [...stats].sort((a, b) => size(b) - size(a)).slice(0, MAX_QUEUES)) {
      const { queue } = stat;
      for (const state of STATES) jobs.set({ queue, state }, stat[state]);
      oldest.set({ queue }, stat.oldest_ready_seconds ?? 0);
      paused.set({ queue }, Number(stat.paused));
    }
    queues.set(stats.length);
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
