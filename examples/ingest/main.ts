import { whenOutputCloses } from '../output.js';
import { printable } from '../printable.js';
import { HELP, readArguments, UsageError } from './arguments.js';
import { ingest } from './ingest.js';
import { messageOf, Report, reasonOf } from './report.js';

const { isTTY } = process.stderr;
const report = new Report();
let progress: NodeJS.Timeout | undefined;
// The images are uploaded all the same.
whenOutputCloses(() => {});

try {
  const given = readArguments();
  if (given) {
    progress = setInterval(showProgress, isTTY ? 100 : 5000);
    await ingest(given, report);
    showProgress();
    if (isTTY) process.stderr.write('\n');
    console.log(report.text());
    process.exitCode = report.isGood ? 0 : 1;
  } else {
    console.log(HELP);
  }
} catch (error) {
  const isUsage = error instanceof UsageError;
  console.error(`ingest: ${printable(isUsage ? messageOf(error) : reasonOf(error))}`);
  if (isUsage) console.error('Try --help.');
  process.exitCode = isUsage ? 2 : 1;
} finally {
  clearInterval(progress);
}

/** Written to stderr, because the report may go to a file. */
function showProgress(): void {
  if (report.total === 0) return;
  process.stderr.write(isTTY ? `\r${report.progress()}\x1b[K` : `${report.progress()}\n`);
}
