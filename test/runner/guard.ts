import { spawn } from 'node:child_process';

/**
 * Reads a line from its input. If the input ends without one, the process that has the other end is dead: the shell
 * ends the PostgreSQL of the data folder, which may just be starting, and removes the folder.
 */
const SCRIPT = `
read -r line && exit
file=$1/postgres/postmaster.pid
for round in 1 2 3 4 5 6 7 8 9 10; do
  pid=$(head -n 1 "$file" 2>/dev/null)
  [ -n "$pid" ] && break
  sleep 0.1
done
for round in 1 2 3 4 5 6 7 8 9 10; do
  [ -n "$pid" ] && kill -QUIT "$pid" 2>/dev/null || break
  sleep 0.1
done
rm -rf "$1"
`;

/**
 * Sees to it that a folder and the embedded PostgreSQL in it do not outlive this process. A killed process runs no code
 * of its own, but the system closes its end of the pipe to another one.
 *
 * @returns ends the guard, when PostgreSQL is stopped
 */
export function guard(dataDir: string): () => Promise<void> {
  const shell = spawn('sh', ['-c', SCRIPT, 'sh', dataDir], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Neither Ctrl-C nor the end of a group of processes is for it.
    detached: true,
  });
  shell.unref();
  const input = shell.stdin;
  if ('unref' in input && typeof input.unref === 'function') input.unref();
  return () =>
    new Promise((resolve) => {
      shell.ref();
      shell.once('exit', () => resolve());
      input.end('\n');
    });
}
