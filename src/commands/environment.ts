import { describeConfig } from '../config-variables.js';

/** The variables that say where the database is, and how the program talks to its operator. */
export const DATABASE_VARIABLES = [
  'DATABASE_URL',
  'DATABASE_DIRECT_URL',
  'DATABASE_PASSWORD_FILE',
  'DATABASE_CA_FILE',
  'DATABASE_SCHEMA',
  'PICT_REPO_DATA_DIR',
  'LOG_LEVEL',
  'LOG_FORMAT',
];

/** The environment variables for the help of a command: all, or those that it reads. */
export function describeEnvironment(names?: readonly string[]): string {
  const variables = describeConfig()
    .filter(({ name }) => names?.includes(name) ?? true)
    .map(
      ({ name, fallback, description }) => `  ${name}${fallback && ` (${fallback})`}\n      ${description}`,
    );
  return `Environment variables:\n\n${variables.join('\n')}`;
}
