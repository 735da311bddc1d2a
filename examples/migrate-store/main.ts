import { createClient } from '../../client/src/index.js';
import { whenOutputCloses } from '../output.js';
import { printable, quoted } from '../printable.js';
import { type Arguments, HELP, readArguments, UsageError } from './arguments.js';
import { migrate, type Report } from './migrate.js';

const PROGRESS_MS = 5000;

// The files are moved all the same.
whenOutputCloses(() => {});
try {
  const given = readArguments();
  if (given) await run(given);
  else console.log(HELP);
} catch (error) {
  console.error(`migrate-store: ${printable(messageOf(error))}`);
  if (error instanceof UsageError) console.error('Try --help.');
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function run({ service, key, concurrency, ...folders }: Arguments): Promise<void> {
  const repo = createClient({ baseUrl: service, ...(key !== undefined && { key }) });
  const report: Report = { moved: 0, gone: 0, failed: new Map() };
  const showProgress = async (): Promise<void> => {
    const { done, total, rate } = await repo.storeMigration.isContinuingMigration();
    // The service is still counting.
    if (total === null) return;
    console.error(`${done} of ${total} files, ${rate} a second`);
  };
  const timer = setInterval(() => void showProgress().catch(() => {}), PROGRESS_MS);
  try {
    await migrate(repo, folders, concurrency, report);
  } finally {
    clearInterval(timer);
    console.log(`moved   ${report.moved}\ngone    ${report.gone}\nfailed  ${report.failed.size}`);
    for (const [identifier, error] of report.failed)
      console.log(`  ${quoted(identifier)}: ${printable(messageOf(error))}`);
  }
  if (report.failed.size > 0) process.exitCode = 1;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
