// A process that runs the test files which the runner names, one after the other, so that the service is
// loaded once. Each file is a suite, so that its hooks are for its own tests.
import { basename } from 'node:path';
import { after, beforeEach, describe } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { releaseAll } from '../support/cleanup.js';
import { until } from '../support/until.js';
import { type Ground, groundNow, leftOn, openNow } from './ground.js';
import { END, type Left, type Report, type Uncaught } from './messages.js';
import { clearRealTimers } from './mocked-timers.js';
import { track } from './tracking.js';

const CLOSE_SECONDS = 10;
const EXIT_MS = 10_000;

clearRealTimers();

let ground: Ground | undefined;

process.on('message', (file: string) => {
  void next(file);
});

// The runner is dead. Neither this process nor the services that it has started may outlive it.
process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'));

for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => void giveUp(error));
}

/** Nobody knows of which test the error is, nor whether that one will ever end. */
async function giveUp(error: unknown): Promise<void> {
  tell({ kind: 'uncaught', error: inspect(error, { depth: 4 }) });
  await Promise.race([releaseAll().catch(() => {}), sleep(EXIT_MS)]);
  process.exit(1);
}

async function next(file: string): Promise<void> {
  const what: string[] = [];
  // Where a file could not be loaded whole, its hooks did not run.
  await releaseAll().catch((error: unknown) => what.push(`what it had to release: ${error}`));
  if (ground) what.push(...leftOn(ground));
  // A file need not wait until what it closes is closed.
  await until(() => openNow().length === 0, CLOSE_SECONDS).catch(() => what.push(`open: ${openNow()}`));
  if (what.length > 0) tell({ kind: 'left', what });
  if (file === END) return end();
  track(true);
  describe(basename(file), async () => {
    ground = groundNow();
    // The reporter hears of it later, which is too late where the test blocks or ends the process.
    beforeEach((context) => tell({ kind: 'started', name: context.name }));
    after(releaseAll);
    try {
      await import(file);
    } finally {
      track(false);
    }
  });
}

/** The process ends by itself, unless a test has left something open. */
function end(): void {
  process.channel?.unref();
  setTimeout(() => {
    tell({ kind: 'left', what: [`still open: ${process.getActiveResourcesInfo().join(', ')}`] });
    process.exit(1);
  }, EXIT_MS).unref();
}

function tell(message: Report | Left | Uncaught): void {
  process.send?.(message);
}
