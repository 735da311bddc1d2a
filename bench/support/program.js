import { Processes } from './processes.js';

/**
 * Runs a benchmark and takes everything away again, however it ends.
 *
 * @param {(context: { processes: Processes, keep: (stop: () => Promise<void>) => void }) => Promise<void>} program
 */
export async function runBenchmark(program) {
  const processes = new Processes();
  /** Released last in, first out, after the processes. @type {(() => Promise<void>)[]} */
  const stops = [];
  /** @type {Promise<void> | undefined} */
  let stopping;
  const stop = () => {
    stopping ??= (async () => {
      await processes.stop();
      for (const one of stops.reverse()) await one().catch((error) => console.error(error));
    })();
    return stopping;
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (!stopping) console.error('stopping');
      void stop().then(() => process.exit(130));
    });
  }
  try {
    await program({ processes, keep: (one) => stops.push(one) });
  } catch (error) {
    if (stopping) return;
    console.error(error);
    process.exitCode = 1;
  }
  await stop();
}
