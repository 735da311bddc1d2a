import { resolve } from 'node:path';
import { parse, readArguments, unknownWord } from '../../arguments.js';
import type { DownPreview } from '../../database/down-preview.js';

interface Task {
  direction: 'up' | 'down';
  all: boolean;
  yes: boolean;
}

/** `pict-repo migrate`, `pict-repo migrate down` (the newest) or `pict-repo migrate down all`. */
export async function migrate(args: string[]): Promise<void> {
  const { direction, all, yes } = await readArguments(
    { usage: 'pict-repo migrate [up], or pict-repo migrate down [all] [--yes]', help },
    readTask,
    args,
  );

  // Loaded only now, so that wrong arguments are reported at once.
  const { previewDown } = await import('../../database/down-preview.js');
  const { migrateDown, migrateUp } = await import('../../database/migrate.js');
  const { MigrationError } = await import('../../database/ownership.js');
  const { runProgram } = await import('../../process.js');
  const { databaseConnections } = await import('../../service-options.js');
  const { confirm } = await import('../confirm.js');
  const { buildProgress } = await import('../build-progress.js');

  await runProgram(
    async ({ config, databaseUrl }) => {
      const { migration } = databaseConnections(config, databaseUrl);
      if (direction === 'down' && !yes) {
        const loss = await previewDown(migration, all);
        const { host, port, path, database } = migration;
        const name =
          config.DATABASE_URL === undefined
            ? `the embedded database in ${resolve(config.PICT_REPO_DATA_DIR)}`
            : `the database "${database}" at ${path ?? `${host}:${port}`}`;
        if (loss.migrations.length > 0) {
          const answer = await confirm(`This ${describe(loss, name)}`);
          if (answer === undefined)
            throw new MigrationError(`With --yes this ${describe(loss, name)}Nothing was changed.`);
          if (!answer) throw new MigrationError('Nothing was changed.');
        }
      }
      const progress = buildProgress(process.stderr);
      const names =
        direction === 'up'
          ? await migrateUp(migration, progress).finally(progress.end)
          : await migrateDown(migration, all);
      console.log(
        names.length > 0 ? names.map((name) => `${direction} ${name}`).join('\n') : 'nothing to do',
      );
      return { stay: false };
    },
    { create: direction === 'up', task: direction === 'up' ? 'migrate' : 'migrate down' },
  );
}

function readTask(args: string[]): Task {
  const { values, positionals } = parse({
    args,
    options: { yes: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const [word = 'up', extent, ...rest] = positionals;
  if (word !== 'up' && word !== 'down') throw new Error(unknownWord('direction', word, ['up', 'down']));
  const isUp = word === 'up' && extent === undefined && !values.yes;
  const isDown = word === 'down' && (extent === undefined || extent === 'all') && rest.length === 0;
  if (!isUp && !isDown) throw new Error(`migrate does not take "${args.join(' ')}".`);
  return { direction: word, all: extent === 'all', yes: values.yes };
}

async function help(): Promise<string> {
  const { DATABASE_VARIABLES, describeEnvironment } = await import('../environment.js');
  return `up applies all missing migrations. Where it builds indexes of large tables, standard error shows how far it is. down reverts the newest migration, or all of them, and deletes their data.
Before that, down lists the tables that would be deleted or changed. On a terminal it then asks.

  --yes   down without asking. Where there is no terminal, down changes nothing without it, and exits with 1

${describeEnvironment(DATABASE_VARIABLES)}`;
}

function describe({ migrations, tables }: DownPreview, database: string): string {
  const rows = tables.map(({ name, rows }) => `  ${name}: ${rows} ${rows === 1 ? 'row' : 'rows'}\n`);
  return (
    `takes back from ${database}\n${migrations.map((name) => `  ${name}\n`).join('')}` +
    (rows.length > 0 ? `and deletes or changes these tables:\n${rows.join('')}` : 'It changes no table.\n')
  );
}
