import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse, readArguments } from '../arguments.js';
import { withConfigTable } from '../config-table.js';

/** `npm run docs`: writes the table of variables into docs/operations.md. */
await readArguments(
  { usage: 'docs', help: () => 'Writes the table of the configuration into docs/operations.md.' },
  (args) => parse({ args }),
);
const file = fileURLToPath(new URL('../../../docs/operations.md', import.meta.url));
await writeFile(file, withConfigTable(await readFile(file, 'utf8')));
