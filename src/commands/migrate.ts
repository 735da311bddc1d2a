import { resolve } from 'node:path';
import { parse, readArguments } from '../arguments.js';
import type { DownPreview } from '../database/down-preview.js';

/** `npm run migrate`, `npm run migrate -- down --yes` (the newest) or `npm run migrate -- down all --yes`. */
const { direction, all, yes } = await readArguments(
  {
    usage: 'migrate [up], or migrate down [all] [--yes]',
    help: () =>
      'up applies all missing migrations. down reverts the newest migration, or all of them, and deletes their data.\n' +
      'Without --yes, down only lists the tables that would be deleted or changed.',
  },
  () => {
    const { values, positionals } = parse({
      options: { yes: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const [word = 'up', extent, ...rest] = positionals;
    const isUp = word === 'up' && extent === undefined && !values.yes;
    const isDown = word === 'down' && (extent === undefined || extent === 'all') && rest.length === 0;
    if (!isUp && !isDown) throw new Error(`migrate does not take "${process.argv.slice(2).join(' ')}".`);
    return { direction: word, all: extent === 'all', yes: values.yes };
  },
);

// Loaded only now, so that wrong arguments are reported at once.
const { previewDown } = await import('../database/down-preview.js');
const { MigrationError, migrateDown, migrateUp } = await import('../database/migrate.js');
const { runProgram } = await import('../process.js');
const { databaseConnections } = await import('../service.js');

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
      if (loss.migrations.length > 0) throw new MigrationError(describe(loss, name));
    }
    const names = direction === 'up' ? await migrateUp(migration) : await migrateDown(migration, all);
    console.log(names.length > 0 ? names.map((name) => `${direction} ${name}`).join('\n') : 'nothing to do');
    return { stay: false };
  },
  { create: direction === 'up' },
);

function describe({ migrations, tables }: DownPreview, database: string): string {
  const rows = tables.map(({ name, rows }) => `  ${name}: ${rows} ${rows === 1 ? 'row' : 'rows'}\n`);
  return (
    `With --yes this takes back from ${database}\n${migrations.map((name) => `  ${name}\n`).join('')}` +
    `and deletes or changes these tables:\n${rows.join('')}Nothing was changed.`
  );
}
