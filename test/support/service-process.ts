import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));

export interface ServiceProcess {
  /** Where it listens. */
  base: string;
  /** What it has logged. */
  log(): string;
  /** Sends a signal that does not end it. */
  send(signal: NodeJS.Signals): void;
  /** Sends a signal; resolves to the exit code when it has ended, null where the signal ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** The service as a process of its own, which can be killed. */
export async function startServiceProcess(env: Record<string, string>): Promise<ServiceProcess> {
  const child = spawn(process.execPath, [MAIN, 'serve'], {
    env: { PATH: process.env['PATH'], PORT: '0', LOG_FORMAT: 'json', LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killAtExit = (): boolean => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const exited = once(child, 'exit').then(([code]): number | null => {
    process.off('exit', killAtExit);
    return code;
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (log += chunk));
  return {
    log: () => log,
    send: (signal) => void child.kill(signal),
    base: await Promise.race([urlOf(child), exited.then(failure)]),
    end: (signal) => {
      child.kill(signal);
      return exited;
    },
  };

  async function failure(code: number | null): Promise<never> {
    throw new Error(`the service ended with ${code} before it listened`);
  }
}

/** From the line of the log that says where it listens. */
async function urlOf({ stdout, stderr }: ChildProcess): Promise<string> {
  if (!stdout || !stderr) throw new Error('the process has no output');
  stderr.pipe(process.stderr);
  // The iterator would end the stream at the return.
  return new Promise((resolve) => {
    createInterface(stdout).on('line', (line) => {
      const { url } = JSON.parse(line) as { url?: string };
      if (url !== undefined) resolve(url);
    });
  });
}
