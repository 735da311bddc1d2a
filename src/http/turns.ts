let last: Promise<void> = Promise.resolve();

/**
 * Waits for a turn of the event loop that nobody else gets here: pieces of long work never add up in one turn, whoever
 * does them.
 */
export function turn(): Promise<void> {
  last = last.then(() => new Promise((resolve) => setImmediate(resolve)));
  return last;
}
