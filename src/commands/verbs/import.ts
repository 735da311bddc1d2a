import { statSync } from 'node:fs';
import { parse, readArguments } from '../../arguments.js';

interface Task {
  source: string;
  dryRun: boolean;
  leftBehind: string | undefined;
  passwordFile: string | undefined;
}

/** The exit code if rows were left behind. */
const LEFT_BEHIND = 3;

/** `pict-repo import postgres://…` (a pict-rs 0.5) or `import FILE` (of `export`): adds the rows to the database. */
export async function importInto(args: string[]): Promise<void> {
  const { source, dryRun, leftBehind, passwordFile } = await readArguments(
    { usage: 'pict-repo import SOURCE [--dry-run] [--left-behind FILE] [--password-file FILE]', help },
    readTask,
    args,
  );

  // Loaded only now, so that wrong arguments are reported at once.
  const { runProgram } = await import('../../process.js');
  const { databaseConnections } = await import('../../service-options.js');
  const { TransferError } = await import('../../transfer/error.js');
  const { Outcome } = await import('../../transfer/outcome.js');
  const { openTarget } = await import('../../transfer/target.js');
  const { importPictRs } = await import('../../transfer/pict-rs/import.js');
  const { importRepo } = await import('../../transfer/repo-file/import.js');

  await runProgram(
    async ({ config, databaseUrl, resources }) => {
      // Opening the list empties its file.
      const emptied = [source, passwordFile].find((file) => isSameFile(file, leftBehind));
      if (emptied !== undefined)
        throw new TransferError(`--left-behind would replace ${emptied}, which is to be read.`);
      const db = await openTarget(databaseConnections(config, databaseUrl).migration, { migrates: !dryRun });
      resources.add(() => db.close());
      const outcome = new Outcome(leftBehind);
      const how = { dryRun, outcome, output: process.stderr };
      if (isAddress(source))
        await importPictRs(db, { ...how, url: source, passwordFile, onOpen: resources.add });
      else await importRepo(db, { ...how, file: source });
      outcome.close();
      console.log(outcome.describe());
      if (dryRun) console.log('\nNothing was changed: "added" are the rows that an import would add.');
      return { stay: false, exitCode: outcome.left > 0 ? LEFT_BEHIND : 0 };
    },
    { create: !dryRun, task: 'import' },
  );
}

function readTask(args: string[]): Task {
  const text = { type: 'string' } as const;
  const { values, positionals } = parse({
    args,
    options: {
      'dry-run': { type: 'boolean', default: false },
      'left-behind': text,
      'password-file': text,
    },
    allowPositionals: true,
  });
  const [source, ...rest] = positionals;
  if (source === undefined || rest.length > 0) throw new Error('import takes one source.');
  if (!isAddress(source)) {
    if (/^\w+:\/\//.test(source)) throw new Error('The URL of the source must begin with postgres://.');
    if (values['password-file'] !== undefined) throw new Error('A file as the source has no password.');
  }
  return {
    source,
    dryRun: values['dry-run'],
    leftBehind: values['left-behind'],
    passwordFile: values['password-file'],
  };
}

function isSameFile(one: string | undefined, other: string | undefined): boolean {
  const [a, b] = [one, other].map((file) => file && statSync(file, { bigint: true, throwIfNoEntry: false }));
  return Boolean(a && b && a.ino === b.ino && a.dev === b.dev);
}

function isAddress(source: string): boolean {
  return /^postgres(ql)?:\/\//.test(source);
}

async function help(): Promise<string> {
  const { DATABASE_VARIABLES, describeEnvironment } = await import('../environment.js');
  return `Adds what SOURCE has to the database of the service. What is there already stays as it is: an import that was cut
goes on when it is run again, and one that was complete changes nothing.

SOURCE is
  - a file that "pict-repo export" wrote; its suffix .gz or .zst says how it is compressed; "-" is standard input
  - or the database of a pict-rs 0.5, as postgres://user:password@host:5432/database

  --dry-run             changes nothing, and says what an import would do
  --left-behind FILE    writes every row that was left behind or repaired to FILE, as lines of JSON
  --password-file FILE  holds the password of SOURCE, so that the list of processes does not show it

Exit code 3 says that rows were left behind, as those that belong to nothing, or use a file twice.

${describeEnvironment(DATABASE_VARIABLES)}`;
}
