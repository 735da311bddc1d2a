import { parseArgs } from 'node:util';
import { readArguments } from '../arguments.js';
import { createKey, SCOPES } from '../keys.js';

/**
 * `npm run key -- --name worker --scope write`: a fresh key. Only its line, for the file of the keys, goes to
 * standard output, so that `>> keys` appends it; the key itself is shown beside it, once.
 */
const { key, line } = await readArguments(
  {
    usage: `key --name NAME --scope ${SCOPES.join('|')} [--expires TIME]`,
    help: () => 'Makes a key, shows it once, and prints the line that lets it in, for PICT_REPO_KEYS_FILE.',
  },
  () => {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ options: { name: text, scope: text, expires: text } });
    return createKey(values.name ?? '', values.scope ?? '', values.expires);
  },
);
console.error(`The key, shown this once, for the client:\n\n${key}\n\nIts line for PICT_REPO_KEYS_FILE:\n`);
console.log(line);
