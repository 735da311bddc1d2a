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
 * @param load undefined looks at nothing; `isAgain` says that somebody has changed something and wants to see it
 * @param what names what is looked at: the data of something else is never shown for it
 * @param options `once` looks at it once, `every` says in how many milliseconds again
 */
export function usePoll<T>(
  what: string,
  load: ((signal: AbortSignal, isAgain: boolean) => Promise<T>) | undefined,
  { once = false, every = INTERVAL_MS } = {},
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

    async function run(isAgain = false): Promise<void> {
      clearTimeout(timer);
      const work = loading.current;
      if (!work || document.hidden) return;
      if (isLooking) {
        wantsMore ||= isAgain;
        return;
      }
      isLooking = true;
      const start = performance.now();
      try {
        const data = await work(gone.signal, isAgain);
        if (gone.signal.aborted) return;
        failures = 0;
        setState((before) =>
          before.data === data && before.error === undefined && before.what === what
            ? before
            : { what, data },
        );
        looked();
        if (!once) later(Math.max(every, (performance.now() - start) * 10));
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
          void run(true);
        }
      }
    }

    function later(ms: number): void {
      timer = setTimeout(() => void run(), Math.min(ms, MOST_MS));
    }

    function onVisibility(): void {
      if (!document.hidden) void run();
    }

    look.current = () => void run(true);
    document.addEventListener('visibilitychange', onVisibility);
    void run();
    return () => {
      gone.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisibility);
    };
  }, [what, once, every, looked]);

  const isCurrent = state.what === what;
  return { data: isCurrent ? state.data : undefined, error: isCurrent ? state.error : undefined, again };
}
