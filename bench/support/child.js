/**
 * Lets the parent process call these functions. Ctrl-C reaches the whole group of processes, but only the parent
 * decides when a child is done: when it lets go of it, or dies.
 *
 * @param {Record<string, (options: any) => Promise<unknown>>} calls
 */
export function answerCalls(calls) {
  /** @param {{ id: number, name: string, options: any }} message */
  async function answer({ id, name, options }) {
    try {
      process.send?.({ id, result: await calls[name](options) });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? error.stack : String(error) });
    }
  }
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  process.on('disconnect', () => process.exit(0));
  process.on('message', (message) => void answer(/** @type {any} */ (message)));
}
