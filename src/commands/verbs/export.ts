import { statSync } from 'node:fs';
import { parse, readArguments } from '../../arguments.js';

/** `pict-repo export FILE`: writes the whole database to a file. */
export async function exportTo(args: string[]): Promise<void> {
  const { file, yes } = await readArguments(
    { usage: 'pict-repo export [FILE] [--yes]', help },
    (args) => {
      const { values, positionals } = parse({
        args,
        options: { yes: { type: 'boolean', default: false } },
        allowPositionals: true,
      });
      const [file, ...rest] = positionals;
      if (rest.length > 0) throw new Error('export takes one file.');
      return { file: file === '-' ? undefined : file, yes: values.yes };
    },
    args,
  );

  // Loaded only now, so that wrong arguments are reported at once.
  const { runProgram } = await import('../../process.js');
  const { databaseConnections } = await import('../../service-options.js');
  const { TransferError } = await import('../../transfer/error.js');
  const { exportRepo } = await import('../../transfer/repo-file/export.js');
  const { confirm } = await import('../confirm.js');

  await runProgram(
    async ({ config, databaseUrl, resources }) => {
      const existing = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
      // The complete export is renamed to the file, which would take the place of a device or a pipe.
      if (existing && !existing.isFile()) {
        throw new TransferError(
          `${file} is no regular file. Without FILE the export goes to standard output.`,
        );
      }
      if (existing && !yes) {
        const answer = await confirm(`${file} is there already, and would be replaced.`);
        if (!answer) {
          const how = answer === undefined ? ' --yes replaces it.' : '';
          throw new TransferError(`${file} is there already.${how} Nothing was written.`);
        }
      }
      const { migration } = databaseConnections(config, databaseUrl);
      let exporting: Promise<number> | undefined;
      // A signal makes the export fail, and this waits until it has removed its incomplete file.
      resources.add(async () => void (await exporting?.catch(() => {})));
      exporting = exportRepo(migration, { file, output: process.stderr, onOpen: resources.add });
      const rows = await exporting;
      if (file !== undefined) console.log(`${rows} ${rows === 1 ? 'row' : 'rows'} in ${file}`);
      return { stay: false };
    },
    { create: false, task: 'export' },
  );
}

async function help(): Promise<string> {
  const { DATABASE_VARIABLES, describeEnvironment } = await import('../environment.js');
  return `Writes everything that the database holds, as of one moment, as lines of JSON: to FILE, or to standard output. FILE is
compressed if its suffix is .gz or .zst (which needs Node 22.15 or newer). It appears when it is complete. It holds the
delete tokens of aliases, and only its owner may read it. "pict-repo import FILE" reads it again.

  --yes   replaces FILE if it is there, without asking

${describeEnvironment(DATABASE_VARIABLES)}`;
}
