import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { atEnd } from './cleanup.js';

export interface Call {
  path: string;
  args: readonly string[];
  env: Record<string, string>;
}

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

let thread: Worker | undefined;
let last: Promise<unknown> = Promise.resolve();

/** One for the programs of a test file. */
function start(): Worker {
  const own = new Worker(new URL('./programs-thread.js', import.meta.url), { execArgv: [] });
  atEnd(async () => {
    thread = undefined;
    await own.terminate();
  });
  return own;
}

/**
 * Calls a program of dist/ in a thread in place of a process, which takes a tenth of the time. It has no terminal, gets
 * no signals, and need not end by itself once it has set its exit code.
 */
export function callInThread(
  file: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Outcome> {
  const called = last.then(async (): Promise<Outcome> => {
    thread ??= start();
    const call: Call = { path: join(import.meta.dirname, '../..', file), args, env };
    thread.postMessage(call);
    const [outcome] = await once(thread, 'message');
    return outcome;
  });
  last = called.catch(() => {});
  return called;
}
