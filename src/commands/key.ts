import { parseArgs } from 'node:util';
import { createKey, SCOPES } from '../keys.js';

const USAGE = `key --name NAME --scope ${SCOPES.join('|')} [--expires TIME]`;

/**
 * `npm run key -- --name worker --scope write`: a fresh key. Only its line, for the file of the keys, goes to
 * standard output, so that `>> keys` appends it; the key itself is shown beside it, once.
 */
try {
  const { name = '', scope = '', expires } = argumentsOf();
  const { key, line } = createKey(name, scope, expires);
  console.error(`The key, shown this once, for the client:\n\n${key}\n\nIts line for PICT_REPO_KEYS_FILE:\n`);
  console.log(line);
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(`${error.message}\n\nUsage: ${USAGE}`);
  process.exitCode = 1;
}

function argumentsOf() {
  const text = { type: 'string' } as const;
  return parseArgs({ options: { name: text, scope: text, expires: text } }).values;
}
