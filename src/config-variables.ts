import Type, { type TProperties } from 'typebox';
import { DEFAULT_HOST, DEFAULT_PORT } from './address.js';

export const DEFAULT_DATA_DIR = './data';

const integer = (minimum: number, maximum: number, fallback: number, description: string) =>
  Type.Integer({ minimum, maximum, default: fallback, description });

/** Spaces around a path are a mistake. */
const NEAT = '^\\S(.*\\S)?$';
const FILE = { pattern: NEAT, 'x-kind': 'the path of a file, without spaces around it' };

/** The environment variables, in the order of the documentation: name, type, bounds, default and meaning. */
export const variables = {
  HOST: Type.String({
    default: DEFAULT_HOST,
    minLength: 1,
    // Read by readHost (address.ts).
    'x-kind': 'a name or an address, without a port',
    description: 'Address or name to listen on. Without keys only loopback addresses are accepted.',
  }),
  PORT: Type.Integer({
    minimum: 0,
    maximum: 65_535,
    default: DEFAULT_PORT,
    description: 'Port to listen on; 0 picks a free port.',
  }),
  PICT_REPO_KEYS_FILE: Type.Optional(
    Type.String({
      ...FILE,
      description:
        'File of the accepted keys, one per line: name, scope (read, write or admin), SHA-256, expiry. ' +
        'SIGHUP reads it again.',
    }),
  ),
  PICT_REPO_KEYS: Type.Optional(
    Type.String({
      minLength: 1,
      'x-secret': true,
      description: 'The same lines as text, separated by line ends or commas; instead of the file.',
    }),
  ),
  PICT_REPO_INSECURE: Type.Boolean({
    default: false,
    description:
      'true lets a service without keys listen on any address. Everybody who reaches it then has full access.',
  }),
  ALLOWED_ORIGINS: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'Origins such as https://images.example.org, separated by commas. Their pages may send changes to a service ' +
        'without keys; by default only pages of the service itself may.',
    }),
  ),
  RATE_LIMIT_PER_SECOND: Type.Integer({
    minimum: 0,
    maximum: 1_000_000,
    default: 0,
    description: 'Requests per second for each key, or for each address without a key; 0 means no limit.',
  }),
  REQUEST_TIMEOUT_SECONDS: integer(
    1,
    600,
    30,
    'Longest time for a request to arrive; after it the connection is cut.',
  ),
  DOCS: Type.Enum(['open', 'off'], {
    default: 'open',
    description: 'open serves the pages at /, /console and /docs to everybody; off serves none of them.',
  }),
  PREVIEW_URL_TEMPLATE: Type.Optional(
    Type.String({
      // Without a port or host in the braces, and in one line.
      pattern: '^https?://[^\\s/?#{}"<>;,]+/[^\\s{}"<>]*\\{identifier\\}[^\\s{}"<>]*$',
      'x-kind': 'a URL with {identifier} in its path or query, such as https://img.example/{identifier}',
      description:
        'URL at which browsers get a file, such as https://img.example/{identifier}. The console then shows pictures; ' +
        'its pages may load them from this origin.',
    }),
  ),
  METRICS_PORT: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65_535,
      description:
        'Separate port for /metrics, without a key; PORT then does not serve it. 0 picks a free port.',
    }),
  ),
  DATABASE_URL: Type.Optional(
    Type.String({
      minLength: 1,
      'x-secret': true,
      description:
        'PostgreSQL 13 to 18, as postgres://user:password@host:5432/database, with the usual parameters of libpq. ' +
        'Without DATABASE_URL an embedded PostgreSQL 18 is started.',
    }),
  ),
  DATABASE_DIRECT_URL: Type.Optional(
    Type.String({
      minLength: 1,
      'x-secret': true,
      description:
        'Used for migrations, exports, imports and LISTEN when DATABASE_URL leads to a pooler in transaction mode.',
    }),
  ),
  DATABASE_PASSWORD_FILE: Type.Optional(
    Type.String({
      ...FILE,
      description: 'File with the password, such as a mounted secret, for URLs without a password.',
    }),
  ),
  DATABASE_CA_FILE: Type.Optional(
    Type.String({
      ...FILE,
      description: 'PEM file of the certificate authority of the database server.',
    }),
  ),
  DATABASE_SCHEMA: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        'Schema of the tables, under exactly this name; it is created if it is missing. Services with different ' +
        'schemas share a database. Without it search_path decides, which is public by default.',
    }),
  ),
  DATABASE_PREPARE: Type.Boolean({
    default: true,
    description: 'Set to false behind a pooler in transaction mode that does not track prepared statements.',
  }),
  DATABASE_POOL_SIZE: Type.Integer({
    minimum: 2,
    maximum: 1000,
    default: 10,
    description:
      'Connections for statements. LISTEN uses one more, and /readyz and the figures of queues one each while they are requested.',
  }),
  DATABASE_WAIT_SECONDS: integer(
    1,
    300,
    10,
    'Longest time that a request waits for a connection; after it the answer is 503.',
  ),
  DATABASE_STATEMENT_TIMEOUT_SECONDS: integer(1, 3600, 30, 'Longest time that a statement may run.'),
  PICT_REPO_DATA_DIR: Type.String({
    default: DEFAULT_DATA_DIR,
    pattern: NEAT,
    'x-kind': 'the path of a folder, without spaces around it',
    description: 'Folder of the embedded PostgreSQL. Not used with DATABASE_URL.',
  }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    default: 'info',
    description: 'Lowest level that is logged.',
  }),
  LOG_FORMAT: Type.Enum(['auto', 'json', 'pino', 'pretty'], {
    default: 'auto',
    description:
      'auto is pretty in a terminal and json elsewhere. pino is JSON too, with the numbers of levels and with ' +
      'milliseconds since 1970, for tools that read the logs of pino.',
  }),
  SLOW_STATEMENT_MS: integer(
    0,
    3_600_000,
    1000,
    'A statement that takes so many milliseconds is logged as a warning, with the request that it was for; 0 logs none.',
  ),
  SHUTDOWN_DELAY_SECONDS: integer(
    0,
    300,
    0,
    'Time after SIGTERM in which requests are still served while /readyz answers 503, so that load balancers notice.',
  ),
  SHUTDOWN_TIMEOUT_SECONDS: integer(
    1,
    600,
    30,
    'Longest time for requests in flight after SIGTERM and SHUTDOWN_DELAY_SECONDS; after it they are cut.',
  ),
  ANSWER_STALL_SECONDS: integer(
    1,
    3600,
    30,
    'Longest time in which a client reads nothing of its answer; after it the connection is cut. Does not apply to streams.',
  ),
  RECEIVED_BUDGET_MIB: integer(
    16,
    65_536,
    48,
    'MiB of requests in memory. A body above 64 KiB may take as much as it leaves free for all others. Beyond that, stalled bodies are cut, or it gets 503.',
  ),
  UNREAD_BUDGET_MIB: integer(
    1,
    65_536,
    32,
    'MiB of answers that clients have not read. Above it the client that has stalled longest is cut.',
  ),
  MAX_STREAMS: integer(
    1,
    100_000,
    200,
    'Streams that may be open at once. One more replaces a stalled stream, or gets 503.',
  ),
  ACCESS_GRANULARITY_SECONDS: integer(
    0,
    86_400,
    1,
    'An access without a time is not written if the stored access is younger than this.',
  ),
  CONDEMNED_GRACE_SECONDS: integer(
    0,
    86_400,
    600,
    'Time after which the name of a file that was deleted can be used again; longer than any client repeats a request.',
  ),
  CONDEMNED_RETENTION_DAYS: integer(
    1,
    3650,
    30,
    'Time after which the name of a condemned file can be used again if nobody said that the file is deleted.',
  ),
  UPLOAD_RETENTION_HOURS: integer(
    1,
    8760,
    24,
    'Time after which an upload is forgotten: without a result, counted from its creation; with one that nobody claims, ' +
      'counted from the result, and its alias is released; claimed, counted from the claim.',
  ),
  QUEUE_LEASE_SECONDS: integer(1, 43_200, 60, 'Lease of a job if neither its push nor the pop sets one.'),
  QUEUE_WAIT_SECONDS: integer(0, 55, 20, 'Time that a pop waits for a job if it sets none.'),
  QUEUE_MAX_WAITING_POLLS: integer(
    1,
    1_000_000,
    20_000,
    'Pops that may wait at once; as many other requests may wait too. A further one is answered at once, with what there is or 503.',
  ),
  QUEUE_MAX_ATTEMPTS: integer(
    1,
    1000,
    5,
    'Failed runs after which a job is dead, if its push sets no number.',
  ),
  QUEUE_BACKOFF_MAX_SECONDS: integer(1, 86_400, 3600, 'Longest delay before a failed job is retried.'),
  QUEUE_ID_RETENTION_MINUTES: integer(
    0,
    525_600,
    1440,
    'How long the id that a client gave a job is remembered at least, counted from the push, even after the job has ' +
      'ended. A push that is repeated in this time is a duplicate. 0 means until the job ends.',
  ),
  QUEUE_COMPLETED_RETENTION_MINUTES: integer(
    0,
    525_600,
    0,
    'Time that completed jobs are kept, with what their workers gave as a result. 0 keeps none, and costs nothing.',
  ),
  QUEUE_DEAD_RETENTION_DAYS: integer(1, 3650, 14, 'Time that dead jobs are kept.'),
} satisfies TProperties;

/** Former names of variables, with the current ones. */
export const RENAMED: Record<string, keyof typeof variables> = {
  MOST_STREAMS: 'MAX_STREAMS',
  QUEUE_MOST_PARKED_POLLS: 'QUEUE_MAX_WAITING_POLLS',
};

/** The name, default and meaning of each variable. */
export function describeConfig(): { name: string; fallback: string; description: string }[] {
  return Object.entries(variables).map(([name, schema]) => ({
    name,
    fallback: 'default' in schema ? String(schema.default) : '',
    description: 'description' in schema ? String(schema.description) : '',
  }));
}
