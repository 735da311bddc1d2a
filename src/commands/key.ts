import { parse, readArguments } from '../arguments.js';
import { createKey, SCOPES } from '../keys.js';

/**
 * `npm run key -- --name worker --scope write`: makes a key. Standard output gets only its line for the file of keys, so
 * that `>> keys` appends it. The key itself goes to standard error, and is never shown again.
 */
const { key, line } = await readArguments(
  {
    usage: `key --name NAME --scope ${SCOPES.join('|')} [--expires TIME]`,
    help: () => 'Makes a key, shows it once, and prints its line for PICT_REPO_KEYS_FILE.',
  },
  () => {
    const text = { type: 'string' } as const;
    const { values } = parse({ options: { name: text, scope: text, expires: text } });
    return createKey(values.name ?? '', values.scope ?? '', values.expires);
  },
);
console.error(`The key, shown this once, for the client:\n\n${key}\n\nIts line for PICT_REPO_KEYS_FILE:\n`);
console.log(line);
