import Type, { type Static, type TProperties } from 'typebox';
import { Compile } from 'typebox/schema';
import { connectionOptions } from './database/connection.js';
import { readPassword } from './database/password.js';
import { readKeys } from './keys.js';
import { readOrigins } from './origins.js';

const seconds = (minimum: number, maximum: number, fallback: number, description: string) =>
  Type.Integer({ minimum, maximum, default: fallback, description });

const variables = {
  HOST: Type.String({
    default: '127.0.0.1',
    minLength: 1,
    description: 'Address to listen on. Without keys only loopback addresses are accepted.',
  }),
  PORT: Type.Integer({
    minimum: 0,
    maximum: 65_535,
    default: 3000,
    description: 'Port to listen on; 0 picks one.',
  }),
  PICT_REPO_KEYS_FILE: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'File of the keys that are let in, one a line: name, scope (read, write or admin), SHA-256, expiry. ' +
        'SIGHUP reads it again.',
    }),
  ),
  PICT_REPO_KEYS: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'The same lines themselves, also with commas between them; instead of the file.',
    }),
  ),
  PICT_REPO_INSECURE: Type.Boolean({
    default: false,
    description: 'true lets a service without keys listen on any address, for everybody who reaches it.',
  }),
  ALLOWED_ORIGINS: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'Origins of pages, such as https://images.example.org, with commas between them, that may change something ' +
        'without keys; else only those of the service itself may.',
    }),
  ),
  RATE_LIMIT_PER_SECOND: Type.Integer({
    minimum: 0,
    maximum: 1_000_000,
    default: 0,
    description: 'Requests in a second with one key, or from one address without; 0 is no limit.',
  }),
  REQUEST_TIMEOUT_SECONDS: seconds(1, 600, 30, 'How long a request may take to arrive before it is cut.'),
  DOCS: Type.Enum(['open', 'off'], {
    default: 'open',
    description: 'Whether the pages at /, /queues and /docs are served, to everybody, or not at all.',
  }),
  METRICS_PORT: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65_535,
      description: 'Port that serves /metrics alone, without a key, in place of PORT; 0 picks one.',
    }),
  ),
  DATABASE_URL: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'PostgreSQL 13 to 18, as postgres://user:password@host:5432/database. Parameters: sslmode, sslrootcert, ' +
        'host, port, user, password, dbname, application_name. Without it an embedded PostgreSQL 18 is started.',
    }),
  ),
  DATABASE_DIRECT_URL: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'For migrations and LISTEN, where DATABASE_URL leads to a pooler in transaction mode.',
    }),
  ),
  DATABASE_PASSWORD_FILE: Type.Optional(
    Type.String({
      minLength: 1,
      description: 'File of the password, as a secret is mounted, where the URLs have none.',
    }),
  ),
  DATABASE_CA_FILE: Type.Optional(
    Type.String({ minLength: 1, description: 'PEM file of the authority that signed the database server.' }),
  ),
  DATABASE_PREPARE: Type.Boolean({
    default: true,
    description: 'false behind a pooler in transaction mode that does not track prepared statements.',
  }),
  DATABASE_POOL_SIZE: Type.Integer({
    minimum: 2,
    maximum: 1000,
    default: 10,
    description:
      'Connections for statements. One more listens for notifications, and /readyz and /metrics take one each ' +
      'while they are asked for.',
  }),
  DATABASE_WAIT_SECONDS: seconds(1, 300, 10, 'How long a request waits for a connection before it gets 503.'),
  DATABASE_STATEMENT_TIMEOUT_SECONDS: seconds(1, 3600, 30, 'How long the server lets a statement run.'),
  PICT_REPO_DATA_DIR: Type.String({
    default: './data',
    minLength: 1,
    description: 'Folder of the embedded PostgreSQL. Unused with DATABASE_URL.',
  }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info',
    description: 'Least severe level that is logged.',
  }),
  LOG_FORMAT: Type.Enum(['auto', 'json', 'pretty'], {
    default: 'auto',
    description: 'auto is pretty in a terminal and JSON elsewhere.',
  }),
  SHUTDOWN_DELAY_SECONDS: seconds(
    0,
    300,
    0,
    'How long after SIGTERM it still serves while /readyz says 503, so that a load balancer can notice.',
  ),
  SHUTDOWN_TIMEOUT_SECONDS: seconds(
    1,
    600,
    30,
    'How long requests in flight may take after SIGTERM and that delay before they are cut.',
  ),
  ANSWER_STALL_SECONDS: seconds(
    1,
    3600,
    30,
    'How long a client may take nothing of its answer before it is cut; a reader of a stream may stall.',
  ),
  RECEIVED_BUDGET_MIB: seconds(
    16,
    65_536,
    64,
    'MiB of requests that may be in memory at once; beyond, stalled ones are cut and large ones get 503.',
  ),
  UNREAD_BUDGET_MIB: seconds(
    1,
    65_536,
    64,
    'MiB of answers that clients have not read; beyond, the most stalled client is cut.',
  ),
  MOST_STREAMS: seconds(
    1,
    100_000,
    200,
    'Streams that may be open at once; one more takes the place of a stalled one, or gets 503.',
  ),
  ACCESS_GRANULARITY_SECONDS: seconds(
    0,
    86_400,
    1,
    'An access "now" is not written where the stored one is younger than this.',
  ),
  QUEUE_LEASE_SECONDS: seconds(1, 43_200, 60, 'Lease of a job where neither push nor pop says one.'),
  QUEUE_WAIT_SECONDS: seconds(0, 55, 20, 'How long a pop waits for a job where it does not say.'),
  QUEUE_MOST_PARKED_POLLS: seconds(
    1,
    1_000_000,
    20_000,
    'Pops that may wait at once; one more gets what is ready at once, or 503.',
  ),
  QUEUE_MAX_ATTEMPTS: seconds(
    1,
    1000,
    5,
    'Failed runs after which a job is dead, where its push says nothing.',
  ),
  QUEUE_BACKOFF_MAX_SECONDS: seconds(1, 86_400, 3600, 'Longest delay before a failed job is tried again.'),
  QUEUE_ID_RETENTION_MINUTES: seconds(
    0,
    525_600,
    1440,
    'How long at least the id that a client gave a job is remembered, from the push on, also after the job has ' +
      'ended: a push that is repeated in this time is a duplicate. 0 is until the job ends.',
  ),
  QUEUE_DEAD_RETENTION_DAYS: seconds(1, 3650, 14, 'How long dead jobs are kept.'),
} satisfies TProperties;

const Environment = Type.Object(variables);
const environment = Compile(Environment);

export type Config = Static<typeof Environment>;

/** Names every fault of the environment, a line each; the message is for the operator. */
export class ConfigError extends Error {}

/**
 * Reads the configuration from environment variables. An empty variable counts as not set.
 *
 * @throws ConfigError that names all faults at once
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const values: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(variables)) {
    const text = env[name];
    if (text !== undefined && text !== '') values[name] = parse(text, schema);
    else if ('default' in schema) values[name] = schema.default;
  }
  const [, errors] = environment.Errors(values);
  const faults = errors.map(({ instancePath, message }) => {
    const name = instancePath.slice(1);
    return `${name} ${message}`;
  });
  for (const name of Object.keys(env)) {
    if (name.startsWith('PICT_REPO_') && !(name in variables)) faults.push(`${name} is not a known variable`);
  }
  faults.push(...keyFaults(values), ...originFaults(values), ...passwordFaults(values));
  for (const name of ['DATABASE_URL', 'DATABASE_DIRECT_URL'] as const) {
    const fault = urlFault(values[name], values['DATABASE_CA_FILE']);
    if (fault !== undefined) faults.push(`${name} ${fault}`);
  }
  if (!environment.Check(values) || faults.length > 0) {
    throw new ConfigError(
      `The configuration is not valid:\n${faults.map((fault) => `  ${fault}`).join('\n')}`,
    );
  }
  return values;
}

/** What is wrong with the keys, or with having none. */
function keyFaults(values: Record<string, unknown>): string[] {
  const { HOST: host, PICT_REPO_KEYS, PICT_REPO_KEYS_FILE, PICT_REPO_INSECURE: insecure } = values;
  const inline = typeof PICT_REPO_KEYS === 'string' ? { PICT_REPO_KEYS } : {};
  const file = typeof PICT_REPO_KEYS_FILE === 'string' ? { PICT_REPO_KEYS_FILE } : {};
  try {
    const isOpen = readKeys({ ...inline, ...file }).length === 0;
    if (!isOpen || insecure === true || typeof host !== 'string' || isLoopback(host)) return [];
    return [
      'HOST must be a loopback address (127.0.0.1, ::1, localhost) while there are no keys: set ' +
        'PICT_REPO_KEYS_FILE or PICT_REPO_KEYS (npm run key, or node dist/src/commands/key.js, makes a key), or PICT_REPO_INSECURE=true to let ' +
        'everybody in who reaches it',
    ];
  } catch (error) {
    return error instanceof Error ? error.message.split('\n') : [String(error)];
  }
}

/** What is wrong with the origins of other pages. */
function originFaults({ ALLOWED_ORIGINS: origins }: Record<string, unknown>): string[] {
  if (typeof origins !== 'string') return [];
  try {
    readOrigins(origins);
    return [];
  } catch (error) {
    return [`ALLOWED_ORIGINS ${error instanceof Error ? error.message : error}`];
  }
}

/** What is wrong with the file of the database's password. */
function passwordFaults({ DATABASE_URL: url, DATABASE_PASSWORD_FILE: file }: Record<string, unknown>) {
  if (typeof file !== 'string') return [];
  if (url === undefined)
    return ['DATABASE_PASSWORD_FILE needs DATABASE_URL, which says whose password it is'];
  try {
    readPassword(file);
    return [];
  } catch (error) {
    return [`DATABASE_PASSWORD_FILE ${error instanceof Error ? error.message : error}`];
  }
}

/** What is wrong with a database URL, without the URL: it may hold a password. */
function urlFault(url: unknown, caFile: unknown): string | undefined {
  if (typeof url !== 'string') return undefined;
  try {
    connectionOptions({
      url,
      caFile: typeof caFile === 'string' ? caFile : undefined,
      statementTimeoutSeconds: 0,
    });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** True for names and addresses that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}

/** A line for each variable: its name, default and meaning. */
export function describeConfig(): { name: string; fallback: string; description: string }[] {
  return Object.entries(variables).map(([name, schema]) => ({
    name,
    fallback: 'default' in schema ? String(schema.default) : '',
    description: 'description' in schema ? String(schema.description) : '',
  }));
}

function parse(text: string, schema: object): unknown {
  const type = 'type' in schema ? schema.type : undefined;
  if (type === 'integer') return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
  if (type === 'boolean') return { true: true, false: false }[text] ?? text;
  return text;
}
