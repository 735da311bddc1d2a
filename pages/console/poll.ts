import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { Refusal } from './api.js';
import { useConsole } from './console-context.js';

const INTERVAL_MS = 3000;
const MOST_MS = 30_000;

export interface Looked<T> {
  data: T | undefined;
  /** Why the last look failed; `data` is then what was seen before. */
  error: unknown;
  /** Looks at once, for example after a change. */
  again: () => void;
}

/**
 * Looks at the service again and again, while the page is visible. A service that answers slowly is asked less often.
 *
 * @param load undefined looks at nothing
 * @param what names what is looked at: the data of something else is never shown for it
 */
export function usePoll<T>(
  what: string,
  load: ((signal: AbortSignal) => Promise<T>) | undefined,
  { once = false } = {},
): Looked<T> {
  const { looked } = useConsole();
  const [state, setState] = useState<{ what: string; data?: T; error?: unknown }>({ what });
  const loading = useRef(load);
  loading.current = load;
  const look = useRef<() => void>(() => {});
  const again = useCallback(() => look.current(), []);

  useEffect(() => {
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let [failures, isLooking, wantsMore] = [0, false, false];

    async function run(): Promise<void> {
      clearTimeout(timer);
      const work = loading.current;
      if (!work || document.hidden) return;
      if (isLooking) {
        wantsMore = true;
        return;
      }
      isLooking = true;
      const start = performance.now();
      try {
        const data = await work(gone.signal);
        if (gone.signal.aborted) return;
        failures = 0;
        setState((before) =>
          before.data === data && before.error === undefined && before.what === what
            ? before
            : { what, data },
        );
        looked();
        if (!once) later(Math.max(INTERVAL_MS, (performance.now() - start) * 10));
      } catch (error) {
        if (gone.signal.aborted) return;
        failures++;
        setState((before) => (before.what === what ? { ...before, error } : { what, error }));
        looked(error);
        // A refusal stays the same until the key or the address changes.
        if (!(error instanceof Refusal && error.status < 500 && error.status !== 429))
          later(INTERVAL_MS * 2 ** Math.min(failures - 1, 5));
      } finally {
        isLooking = false;
        if (wantsMore) {
          wantsMore = false;
          void run();
        }
      }
    }

    function later(ms: number): void {
      timer = setTimeout(run, Math.min(ms, MOST_MS));
    }

    function onVisibility(): void {
      if (!document.hidden) void run();
    }

    look.current = () => void run();
    document.addEventListener('visibilitychange', onVisibility);
    void run();
    return () => {
      gone.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisibility);
    };
  }, [what, once, looked]);

  const isCurrent = state.what === what;
  return { data: isCurrent ? state.data : undefined, error: isCurrent ? state.error : undefined, again };
}
