/** With a longer time, setTimeout fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Calls `run` after so many milliseconds, however many. Returns a function that cancels this. */
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
