import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/schema';
import { isLoopback, readHost } from './address.js';
import { readAllowedOrigins } from './allowed-origins.js';
import { faultOf } from './config-faults.js';
import { RENAMED, variables } from './config-variables.js';
import { databaseFaults } from './database/configuration-faults.js';
import { readKeys } from './keys.js';
import { withoutBom } from './text-file.js';

const Environment = Type.Object(variables);
const environment = Compile(Environment);

export type Config = Static<typeof Environment>;

const DEFAULTS = Object.fromEntries(
  Object.entries<object>(variables).flatMap(([name, schema]) =>
    'default' in schema ? [[name, schema.default]] : [],
  ),
);

/** The message names every fault of the environment, one per line, for the operator. */
export class ConfigError extends Error {}

/**
 * Reads the configuration from environment variables. An empty variable counts as not set.
 *
 * @throws ConfigError that names all faults at once
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const values: Record<string, unknown> = { ...DEFAULTS };
  for (const [name, schema] of Object.entries(variables)) {
    const text = withoutBom(env[name] ?? '');
    if (text !== '') values[name] = parse(text, schema);
  }
  const host = readHost(String(values['HOST']));
  values['HOST'] = host ?? values['HOST'];
  // One by one, because the validator names a few faults only.
  const isWrong = (name: string) =>
    name in values && !environment.Check({ ...DEFAULTS, [name]: values[name] });
  const wrong = new Set(Object.keys(variables).filter(isWrong));
  if (host === undefined) wrong.add('HOST');
  const faults = [...wrong].map((name) => faultOf(name, env[name] ?? ''));
  for (const name of Object.keys(env)) {
    if (name.startsWith('PICT_REPO_') && !(name in variables)) faults.push(`${name} is not a known variable`);
  }
  for (const [name, newName] of Object.entries(RENAMED)) {
    if (env[name]) faults.push(`${name} is now called ${newName}`);
  }
  if (values['METRICS_PORT'] === values['PORT'] && values['PORT'] !== 0 && !wrong.has('PORT')) {
    faults.push('METRICS_PORT must be another port than PORT');
  }
  faults.push(...keyFaults(values), ...originFaults(values), ...databaseFaults(values, wrong));
  if (!environment.Check(values) || faults.length > 0) {
    throw new ConfigError(
      `The configuration is not valid:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    );
  }
  return values;
}

/** Faults of the keys, or of an address that needs keys. */
function keyFaults(values: Record<string, unknown>): string[] {
  const { HOST: host, PICT_REPO_KEYS, PICT_REPO_KEYS_FILE, PICT_REPO_INSECURE: insecure } = values;
  const inline = typeof PICT_REPO_KEYS === 'string' ? { PICT_REPO_KEYS } : {};
  const file = typeof PICT_REPO_KEYS_FILE === 'string' ? { PICT_REPO_KEYS_FILE } : {};
  try {
    const isOpen = readKeys({ ...inline, ...file }).length === 0;
    if (!isOpen || insecure === true || typeof host !== 'string' || isLoopback(host)) return [];
    return [
      'HOST must be a loopback address (127.0.0.1, ::1, localhost) while there are no keys: set ' +
        'PICT_REPO_KEYS_FILE or PICT_REPO_KEYS (npm run key, or pict-repo key, makes a key), or ' +
        'PICT_REPO_INSECURE=true to give everybody full access',
    ];
  } catch (error) {
    return error instanceof Error ? error.message.split('\n') : [String(error)];
  }
}

/** Faults of the allowed origins. */
function originFaults({ ALLOWED_ORIGINS: origins }: Record<string, unknown>): string[] {
  if (typeof origins !== 'string') return [];
  try {
    readAllowedOrigins(origins);
    return [];
  } catch (error) {
    return [`ALLOWED_ORIGINS ${error instanceof Error ? error.message : error}`];
  }
}

function parse(text: string, schema: object): unknown {
  const type = 'type' in schema ? schema.type : undefined;
  if (type === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (type === 'boolean') return { true: true, false: false }[text] ?? text;
  return text;
}
