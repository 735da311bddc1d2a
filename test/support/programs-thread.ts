// A thread that calls programs one after the other, for thread.ts. What they share is loaded once.
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { parentPort } from 'node:worker_threads';
import type { Call, Outcome } from './thread.js';

/** Thrown where a program ends the process. */
class Exit extends Error {}

let output = { stdout: '', stderr: '' };
let code: number | undefined;
let calls = 0;

process.exit = (status) => {
  code ??= Number(status ?? process.exitCode ?? 0);
  throw new Exit();
};
for (const name of ['stdout', 'stderr'] as const) {
  process[name].write = (chunk: string | Uint8Array) => {
    output[name] += chunk;
    return true;
  };
}

async function call({ path, args, env }: Call): Promise<Outcome> {
  output = { stdout: '', stderr: '' };
  code = undefined;
  process.exitCode = undefined;
  process.env = env;
  process.argv = [process.execPath, path, ...args];
  try {
    // A program runs when it is loaded, and under another address it is loaded again.
    await import(`${pathToFileURL(path)}?${calls++}`);
  } catch (error) {
    if (!(error instanceof Exit)) {
      output.stderr += inspect(error);
      code ??= 1;
    }
  }
  for (const event of ['SIGINT', 'SIGTERM', 'SIGHUP', 'unhandledRejection'])
    process.removeAllListeners(event);
  return { code: code ?? Number(process.exitCode ?? 0), ...output };
}

parentPort?.on('message', (asked: Call) => {
  void call(asked).then((outcome) => parentPort?.postMessage(outcome));
});
