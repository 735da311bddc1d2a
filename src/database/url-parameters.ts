/** The parameters of a database URL that libpq knows, and how the service treats each. */

/** Why a value is refused, as the end of a sentence about the parameter; undefined if it is accepted. */
type Check = (value: string) => string | undefined;

const anyValue: Check = () => undefined;
const oneOf =
  (...values: string[]): Check =>
  (value) =>
    values.includes(value) ? undefined : `is none of ${values.join(', ')}`;
const wholeNumber: Check = (value) => (/^-?\d{1,9}$/.test(value) ? undefined : 'is not a whole number');
const refused =
  (advice: string): Check =>
  () =>
    advice;

/** Settings that the service chooses for its sessions, and what to set instead. */
const OWN_SETTINGS: [RegExp, string][] = [
  [/^statement_timeout$/i, 'set DATABASE_STATEMENT_TIMEOUT_SECONDS'],
  [
    /^(lock_timeout|default_transaction_isolation|client_encoding|plan_cache_mode|enable_\w+|jit)$/i,
    'the service sets it itself: remove it',
  ],
];

function checkOptions(options: string): string | undefined {
  for (const [, name = ''] of options.matchAll(/(?:^|\s)(?:-c\s*|--)([\w.-]+)\s*=/g)) {
    const setting = name.replaceAll('-', '_');
    const [, advice] = OWN_SETTINGS.find(([own]) => own.test(setting)) ?? [];
    if (advice !== undefined) return `sets ${setting}: ${advice}`;
  }
  return undefined;
}

const PARAMETERS: Record<string, Check> = {
  // Used.
  host: anyValue,
  port: anyValue,
  user: anyValue,
  password: anyValue,
  dbname: anyValue,
  application_name: anyValue,
  fallback_application_name: anyValue,
  connect_timeout: wholeNumber,
  options: checkOptions,
  sslmode: oneOf('disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'),
  sslrootcert: anyValue,
  channel_binding: oneOf('disable', 'prefer', 'require'),
  // Accepted, because the service does what they ask for in any case.
  client_encoding: (value) =>
    /^(utf-?8|unicode|auto)$/i.test(value) ? undefined : 'must be UTF8, or left out',
  gssencmode: oneOf('disable', 'prefer'),
  load_balance_hosts: oneOf('disable', 'random'),
  replication: oneOf('false', 'off', 'no', '0'),
  sslcompression: oneOf('0'),
  sslnegotiation: oneOf('postgres'),
  sslsni: oneOf('1'),
  target_session_attrs: (value) =>
    ['any', 'read-write', 'primary'].includes(value)
      ? undefined
      : 'asks for a server that refuses writes: give the address of the primary',
  // Accepted without effect: the service has time limits of its own for everything that it waits for.
  keepalives: wholeNumber,
  keepalives_idle: wholeNumber,
  keepalives_interval: wholeNumber,
  keepalives_count: wholeNumber,
  tcp_user_timeout: wholeNumber,
  // Refused, with what does the same.
  hostaddr: refused('is not supported: give the address as the host'),
  passfile: refused('is not supported: set DATABASE_PASSWORD_FILE to a file that holds the password alone'),
  requiressl: refused('is not supported: use sslmode=require'),
  ssl: refused('is not supported: use sslmode=require, or another sslmode'),
  sslcert: refused('is not supported, as client certificates are not: use a password'),
  sslkey: refused('is not supported, as client certificates are not: use a password'),
  service: refused('is not supported: write the address into the URL'),
  servicefile: refused('is not supported: write the address into the URL'),
  schema: refused('is not supported: set DATABASE_SCHEMA'),
  search_path: refused('is not supported: set DATABASE_SCHEMA, or use options=-csearch_path=…'),
  pgbouncer: refused('is not supported: docs/operations.md says what PgBouncer needs'),
};

/** The timeout for a connection, if the URL has none. */
const CONNECT_SECONDS = 5;
const MAX_CONNECT_SECONDS = 600;

/** @throws Error that names the parameter, and says what to do */
export function checkParameters(parameters: URLSearchParams): void {
  for (const [name, value] of parameters) {
    const check = PARAMETERS[name];
    // A name with an @ is the rest of a password with a question mark, and is not shown.
    if (!check && name.includes('@')) throw new Error('has an @ after a ?: in a password, ? is written %3F');
    if (!check) {
      const known = Object.keys(PARAMETERS).filter((one) => PARAMETERS[one] === anyValue);
      throw new Error(
        `has the parameter "${name}", which is not supported (supported: ${known.join(', ')}…)`,
      );
    }
    // libpq takes the last one, which may be of a weaker kind than the first.
    if (parameters.getAll(name).length > 1) throw new Error(`has the parameter "${name}" more than once`);
    const fault = check(value);
    if (fault !== undefined) throw new Error(`has the parameter "${name}", which ${fault}`);
  }
}

/** As libpq reads it, except that there is no endless wait. */
export function connectSeconds(given: string | null): number {
  const seconds = Number(given ?? 0);
  return seconds <= 0 ? CONNECT_SECONDS : Math.min(seconds, MAX_CONNECT_SECONDS);
}
