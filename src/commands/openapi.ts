import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse, readArguments } from '../arguments.js';

/** `npm run openapi`: writes the committed document, which the tests compare with the routes. */
await readArguments({ usage: 'openapi', help: () => 'Writes openapi/openapi.json.' }, (args) =>
  parse({ args }),
);
// Loaded only now, so that wrong arguments are reported at once.
const { openApiDocument } = await import('../openapi-document.js');
const file = fileURLToPath(new URL('../../../openapi/openapi.json', import.meta.url));
await writeFile(file, await openApiDocument());
