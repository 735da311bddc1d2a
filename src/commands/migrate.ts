import { migrateDown, migrateUp } from '../database/migrate.js';
import { runProgram } from '../process.js';
import { databaseConnections } from '../service.js';

/** `npm run migrate`, `npm run migrate -- down` (the newest) or `npm run migrate -- down all`. */
await runProgram(async ({ config, databaseUrl }) => {
  const [direction = 'up', extent] = process.argv.slice(2);
  const { migration } = databaseConnections(config, databaseUrl);
  if (direction !== 'up' && direction !== 'down')
    throw new Error(`migrate takes up or down, not "${direction}"`);
  const names =
    direction === 'up' ? await migrateUp(migration) : await migrateDown(migration, extent === 'all');
  console.log(names.length > 0 ? names.map((name) => `${direction} ${name}`).join('\n') : 'nothing to do');
  return { stay: false };
});
