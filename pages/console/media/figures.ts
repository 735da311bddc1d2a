import { Refusal, read } from '../api.js';

/**
 * The service refuses a request that has waited for figures for ten seconds, and browsers print each refusal as an error. So
 * the page ends its request earlier, and asks again. The count goes on meanwhile.
 */
const PATIENCE_MS = 8000;
const PAUSE_MS = 5000;

/** Reads figures that may have to be counted first. */
export async function readFigures<T>(
  path: string,
  queryNow: () => Parameters<typeof read>[1],
  signal: AbortSignal,
): Promise<T> {
  for (;;) {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
    try {
      return await read<T>(path, queryNow(), AbortSignal.any([signal, patience.signal]));
    } catch (error) {
      const isRefused = error instanceof Refusal && error.code === 'figures_not_ready';
      if (signal.aborted || !(isRefused || patience.signal.aborted)) throw error;
      if (isRefused) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    } finally {
      clearTimeout(timer);
    }
    await untilVisible();
    signal.throwIfAborted();
  }
}

async function untilVisible(): Promise<void> {
  while (document.hidden)
    await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
}
