import { parse, readArguments } from '../../arguments.js';
import { createKey, SCOPES } from '../../keys.js';

const HELP = `Makes a key, shows it once, and prints its line for PICT_REPO_KEYS_FILE. The line goes to standard output and
the key to standard error, so that ">> keys" appends the line.

  --name NAME      of whoever uses it, for the log: letters, digits, ".", "_" and "-"
  --scope SCOPE    read for look-ups, write for uploads and workers, admin also for the management
  --expires TIME   as 2030-01-01T00:00:00Z; without it the key does not expire`;

/**
 * `pict-repo key --name worker --scope write`: makes a key. Standard output gets only the line for the file of keys, so
 * that `>> keys` appends it. The key itself is written to standard error, and is never shown again.
 */
export async function key(args: string[]): Promise<void> {
  const made = await readArguments(
    { usage: `pict-repo key --name NAME --scope ${SCOPES.join('|')} [--expires TIME]`, help: () => HELP },
    (args) => {
      const text = { type: 'string' } as const;
      const { values } = parse({ args, options: { name: text, scope: text, expires: text } });
      return createKey(values.name ?? '', values.scope ?? '', values.expires);
    },
    args,
  );
  console.error(
    `The key, shown this once, for the client:\n\n${made.key}\n\nIts line for PICT_REPO_KEYS_FILE:\n`,
  );
  try {
    await print(`${made.line}\n`);
  } catch (error) {
    console.error(`The line could not be written, so the key is of no use: ${error}`);
    process.exitCode = 1;
  }
}

/** console.log would hide that the disk is full. */
async function print(text: string): Promise<void> {
  // Without a listener the error would end the process with its stack.
  process.stdout.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}
