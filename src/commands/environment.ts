import { describeConfig } from '../config-variables.js';

/** The variables for the database and for the log. */
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

/** Describes environment variables for the help of a command: the given ones, or all. */
export function describeEnvironment(names?: readonly string[]): string {
  const variables = describeConfig()
    .filter(({ name }) => names?.includes(name) ?? true)
    .map(
      ({ name, fallback, description }) => `  ${name}${fallback && ` (${fallback})`}\n      ${description}`,
    );
  return `Environment variables:\n\n${variables.join('\n')}`;
}
