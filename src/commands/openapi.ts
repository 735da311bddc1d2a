import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openApiDocument } from '../openapi-document.js';

/** `npm run openapi`: writes the committed document, which the tests compare with the routes. */
const file = fileURLToPath(new URL('../../../openapi/openapi.json', import.meta.url));
await writeFile(file, await openApiDocument());
