import { Processes } from './processes.js';

/**
 * Runs a benchmark and takes everything away again, however it ends.
 *
 * @param {(context: { processes: Processes, keep: (stop: () => Promise<void>) => void }) => Promise<void>} program
 */
export async function runBenchmark(program) {
  const processes = new Processes();
  const stops = [() => processes.stop()];
  /** @type {Promise<void> | undefined} */
  let stopping;
  const stop = () => {
    stopping ??= (async () => {
      for (const one of stops) await one().catch((error) => console.error(error));
    })();
    return stopping;
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (!stopping) console.error('stopping');
      stop().then(() => process.exit(130));
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
