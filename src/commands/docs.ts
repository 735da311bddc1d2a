import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { withConfigTable } from '../config-table.js';

/** `npm run docs`: writes the table of the configuration into the page that is committed. */
const file = fileURLToPath(new URL('../../../docs/operations.md', import.meta.url));
await writeFile(file, withConfigTable(await readFile(file, 'utf8')));
