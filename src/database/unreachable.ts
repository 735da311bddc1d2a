import type { ConnectionOptions } from './database.js';

/** No session with the database could be opened. The message is one line, for the operator. */
export class UnreachableError extends Error {
  readonly code: string;

  constructor(message: string, code: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** What the code of a failure means; `server` is the message of the server, the driver or the system. */
const MEANINGS: [codes: RegExp, meaning: (server: string) => string][] = [
  [/^ECONNREFUSED$/, () => 'refuses connections: PostgreSQL does not listen there'],
  [/^ENOTFOUND$/, () => 'cannot be found: there is no such name'],
  [/^EAI_/, () => 'cannot be found: no name server answers'],
  [/^ENOENT$/, () => 'cannot be reached: there is no such socket'],
  [/^(ETIMEDOUT|CONNECT_TIMEOUT|EHOST\w+|ENET\w+)$/, () => 'does not answer'],
  [/^TLS_REFUSED$/, (server) => `cannot be reached with TLS, which sslmode demands: ${server}`],
  [
    /^(ERR_TLS_\w+|CERT_\w+|UNABLE_TO_\w+|\w*SELF_SIGNED_CERT\w*|HOSTNAME_MISMATCH)$/,
    (server) => `shows a certificate that sslmode or DATABASE_CA_FILE does not accept: ${server}`,
  ],
  [/^(EPROTO|ERR_SSL_\w+)$/, (server) => `fails to speak TLS: ${server}`],
  [/^(CONNECTION_\w+|ECONNRESET|EPIPE)$/, () => 'closes connections before a session begins'],
  [/^\w{5}$/, (server) => `refuses sessions: ${server}`],
];

/** The error for the operator if the start fails because no session could be opened. */
export function unreachable(error: unknown, connection: ConnectionOptions): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (!(error instanceof Error) || code === undefined) return error;
  const { host, port, path } = connection;
  const [server = ''] = error.message.trim().split('\n');
  const meaning =
    MEANINGS.find(([codes]) => codes.test(code))?.[1] ?? ((message) => `cannot be used: ${message}`);
  const where = path ?? `${String(host).includes(':') ? `[${host}]` : host}:${port}`;
  const message = `pict-repo cannot start: the database at ${where} ${meaning(server)} (${code})`;
  return new UnreachableError(message, code, error);
}
