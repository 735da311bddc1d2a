import { setTimeout as sleep } from 'node:timers/promises';
import { Gauge, type Registry } from 'prom-client';
import type { QueueStats } from '../repos/queue/figures.js';

/** Queues that are shown, those with most jobs: every name is a series. */
const MOST_QUEUES = 100;
/** How long a scrape waits for new figures, and how long old ones are shown instead. */
const PATIENCE_MS = 2000;
const OLDEST_MS = 60_000;

const STATES = ['ready', 'scheduled', 'running', 'dead'] as const;

/**
 * Adds the figures of the queues, the same that the API shows. A database that is away costs only these, and one
 * that hangs makes nobody wait for long.
 *
 * @returns what has to be called before the registry is read
 */
export function queueFigures(registry: Registry, read: () => Promise<QueueStats[]>): () => Promise<void> {
  const gauge = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Gauge({ name: `pict_repo_${name}`, help, labelNames, registers: [registry] });
  const jobs = gauge('queue_jobs', 'Jobs by state, of the queues with most.', 'queue', 'state');
  const oldest = gauge('queue_oldest_ready_seconds', 'Since the oldest ready job was pushed.', 'queue');
  const paused = gauge('queue_paused', 'Whether pops of the queue get nothing.', 'queue');
  const queues = gauge('queues', 'Queues that have jobs or are paused, shown or not.');
  const up = gauge('queue_figures_up', 'Whether the figures of the queues are known.');
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
    for (const stat of [...stats].sort((a, b) => size(b) - size(a)).slice(0, MOST_QUEUES)) {
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
    await Promise.race([reading, sleep(PATIENCE_MS, undefined, { signal: end.signal }).catch(() => {})]);
    end.abort();
    if (performance.now() - shownAt > OLDEST_MS) clear();
  };
}
