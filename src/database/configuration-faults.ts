import { readTextFile } from '../text-file.js';
import { connectionOptions } from './connection.js';
import { readPassword } from './password.js';
import { checkSchemaName } from './schema-name.js';

/** Variables that need DATABASE_URL, and why. */
const NEED_URL = {
  DATABASE_DIRECT_URL: 'whose direct address it is',
  DATABASE_PASSWORD_FILE: 'which says whose password it is',
  DATABASE_CA_FILE: 'whose server it verifies',
};

/**
 * Faults of the variables of the database, except those that are in `wrong` already. No message contains a URL, because
 * it may hold a password.
 */
export function databaseFaults(values: Record<string, unknown>, wrong: ReadonlySet<string>): string[] {
  const faults: string[] = [];
  const note = (name: string, check: (value: string) => unknown): void => {
    const value = values[name];
    if (typeof value !== 'string' || wrong.has(name)) return;
    try {
      check(value);
    } catch (error) {
      faults.push(`${name} ${error instanceof Error ? error.message : error}`);
    }
  };
  note('DATABASE_SCHEMA', checkSchemaName);
  for (const [name, why] of Object.entries(NEED_URL)) {
    if (values['DATABASE_URL'] !== undefined) break;
    if (values[name] !== undefined) faults.push(`${name} needs DATABASE_URL, ${why}`);
  }
  if (values['DATABASE_URL'] === undefined) return faults;
  note('DATABASE_PASSWORD_FILE', readPassword);
  note('DATABASE_CA_FILE', readAuthority);
  for (const name of ['DATABASE_URL', 'DATABASE_DIRECT_URL']) {
    note(name, (url) => connectionOptions({ url, statementTimeoutSeconds: 0 }));
  }
  return faults;
}

function readAuthority(file: string): void {
  if (file === 'system') return;
  const text = readTextFile(file);
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw new Error(`holds no PEM certificate: ${file}`);
}
