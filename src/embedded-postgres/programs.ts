import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Account, identity } from './account.js';
import { EmbeddedError } from './error.js';
import { lastLines } from './log.js';
import type { Native } from './native.js';

/** What is needed to run a program of PostgreSQL. */
export interface Runner {
  readonly native: Native;
  readonly account: Account | undefined;
}

/**
 * Spawns a program of PostgreSQL in a session of its own. So Ctrl-C in a terminal reaches only this process, which then
 * shuts PostgreSQL down. The environment has neither variables of libpq (PG*), which would be settings, nor the secrets
 * of the service.
 *
 * @throws {EmbeddedError} if this process may not change to the account
 */
export function spawnProgram(
  runner: Runner,
  name: 'initdb' | 'postgres',
  args: readonly string[],
  cwd: string,
  stdio: StdioOptions,
): ChildProcess {
  const { PATH = '/usr/bin:/bin', LD_LIBRARY_PATH, DYLD_LIBRARY_PATH } = process.env;
  const env = { PATH, LD_LIBRARY_PATH, DYLD_LIBRARY_PATH, LC_ALL: 'C', TZ: 'UTC' };
  const options = { ...identity(runner.account), cwd, env, detached: true, stdio };
  try {
    return spawn(join(runner.native.folder, 'bin', name), args, options);
  } catch (error) {
    const user = runner.account ? ` as the user ${runner.account.name}` : '';
    throw new EmbeddedError(
      `PostgreSQL's ${name} cannot be run${user}: ${error instanceof Error ? error.message : error}.` +
        ' Start the service as an ordinary user, or set DATABASE_URL to a PostgreSQL of your own.',
      { cause: error },
    );
  }
}

/**
 * Runs initdb, or postgres in single-user mode, to its end.
 *
 * @throws {EmbeddedError} with its last lines if it fails
 */
export async function run(
  runner: Runner,
  name: 'initdb' | 'postgres',
  args: readonly string[],
  cwd: string,
  input = '',
): Promise<void> {
  const child = spawnProgram(runner, name, args, cwd, 'pipe');
  const kill = () => child.kill('SIGTERM');
  process.once('exit', kill);
  let output = '';
  child.stdout?.on('data', (bytes: Buffer) => (output += bytes.toString()));
  child.stderr?.on('data', (bytes: Buffer) => (output += bytes.toString()));
  child.stdin?.on('error', () => undefined); // The program ended without reading. Its output says why.
  child.stdin?.end(input);
  const how = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? '' : (signal ?? `exit code ${code}`)));
  });
  process.off('exit', kill);
  if (how !== '') throw new EmbeddedError(`PostgreSQL's ${name} failed: ${how}\n${lastLines(output)}`.trim());
}
