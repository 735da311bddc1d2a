let last: Promise<void> = Promise.resolve();

/** Waits for a turn of the event loop that no other caller gets, so that long work never adds up within one turn. */
export function nextTurn(): Promise<void> {
  last = last.then(() => new Promise((resolve) => setImmediate(resolve)));
  return last;
}
