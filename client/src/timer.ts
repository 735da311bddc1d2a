/** A longer time makes setTimeout fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Calls `run` after so many milliseconds, of any number. Returns what cancels it. */
export function after(ms: number, run: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>;
  const wait = (left: number): void => {
    timer =
      left > LONGEST_TIMER_MS
        ? setTimeout(() => wait(left - LONGEST_TIMER_MS), LONGEST_TIMER_MS)
        : setTimeout(run, left);
  };
  wait(ms);
  return () => clearTimeout(timer);
}
