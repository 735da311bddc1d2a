import { createClient, type Job, work } from '../../client/src/index.js';
import { whenOutputCloses } from '../output.js';
import { printable, quoted } from '../printable.js';
import { type Arguments, HELP, readArguments, UsageError } from './arguments.js';
import { makeVariant } from './make-variant.js';
import { storeIn } from './store.js';

try {
  const given = readArguments();
  if (given) await run(given);
  else console.log(HELP);
} catch (error) {
  console.error(`thumbnailer: ${printable(messageOf(error))}`);
  if (error instanceof UsageError) console.error('Try --help.');
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function run({ service, key, queue, store: folder, ...options }: Arguments): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  whenOutputCloses(() => stop.abort());
  const repo = createClient({ baseUrl: service, ...(key !== undefined && { key }) });
  const store = storeIn(folder);
  const { workerId, maxMegapixels, ...rest } = options;
  const { leaseSeconds } = options;
  console.log(`waits for jobs of ${quoted(queue)}`);
  await work(
    repo,
    queue,
    async ({ job }, signal) => {
      const made = await makeVariant(repo, store, job, signal, { maxMegapixels, leaseSeconds });
      // Any client that may push jobs can choose these names.
      const names = `${quoted(made.variant)} of ${quoted(made.source)}: ${printable(made.identifier)}`;
      console.log(`${made.standing ? 'stood' : 'made'} ${names}`);
    },
    { ...rest, ...(workerId !== undefined && { workerId }), signal: stop.signal, onError },
  );
}

function onError(error: unknown, job?: Job): void {
  console.error(printable(job ? `job ${job.id}: ${messageOf(error)}` : messageOf(error)));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
