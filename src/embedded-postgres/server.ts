import type { ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { ServerLog } from './log.js';
import { type Runner, spawnProgram } from './programs.js';
import { POSTMASTER, shutdown } from './shutdown.js';

/** What stays the same from one run of the server to the next. */
export interface LaunchOptions extends Runner {
  readonly cluster: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly log: ServerLog;
}

/** One run of PostgreSQL, a child of this process. */
export interface Server {
  readonly pid: number | undefined;
  /** Resolves when it has ended, with the reason: a signal, an exit code, or why it could not be started. */
  readonly ended: Promise<string>;
  running(): boolean;
  /** The last lines that it has written to its log. */
  lastLines(): string;
  /** Shuts the server down: fast; after 10 s, immediate; then by SIGKILL. Gives up after 20 s. */
  halt(): Promise<void>;
}

const DEFAULTS = {
  max_connections: '100',
  shared_buffers: '128MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
};

/** Starts PostgreSQL on a port of 127.0.0.1. The caller must find out whether it accepts connections. */
export function launch(options: LaunchOptions, port: number): Server {
  const settings = {
    ...DEFAULTS,
    ...options.settings,
    listen_addresses: '127.0.0.1',
    port: String(port),
    // A socket's path may have 107 characters at most, and the data folder's may be longer.
    unix_socket_directories: '',
    logging_collector: 'off',
    log_destination: 'stderr',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const from = options.log.size();
  const child = spawnWithLog(options, ['-D', options.cluster, ...args]);
  const interrupt = () => child.kill('SIGINT');
  process.once('exit', interrupt);
  let running = true;
  const ended = new Promise<string>((resolve) => {
    // A later error means that a signal could not be sent.
    child.on('error', (error) => child.pid === undefined && resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  }).finally(() => {
    running = false;
    process.off('exit', interrupt);
  });
  return {
    pid: child.pid,
    ended,
    running: () => running,
    lastLines: () => options.log.lastLines(from),
    halt: async () => {
      const send = (signal: NodeJS.Signals) => child.kill(signal);
      await shutdown(POSTMASTER, send, () => !running);
      if (running) child.unref();
    },
  };
}

function spawnWithLog(options: LaunchOptions, args: readonly string[]): ChildProcess {
  const file = options.log.open();
  try {
    return spawnProgram(options, 'postgres', args, options.cluster, ['ignore', file, file]);
  } finally {
    closeSync(file);
  }
}
