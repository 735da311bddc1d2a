import type { ConnectionOptions } from './database.js';
import { failure } from './driver/failure.js';
import type { Session } from './driver/session.js';

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

/** The error for the operator if work in a session failed: says so if the session could not be opened, or was lost. */
export function sessionFailure(error: unknown, session: Session, connection: ConnectionOptions): unknown {
  if (!session.isLoggedIn()) return unreachable(error, connection);
  return error instanceof Error && 'code' in error && CLOSED.test(String(error.code))
    ? closedBy(connection, String(error.code), error.message)
    : error;
}

/** Not the codes of the system, most of which can also be of a file. */
const CLOSED = /^(08|57P|CONNECTION_|ECONNRESET)/;

function unreachable(error: unknown, connection: ConnectionOptions): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (!(error instanceof Error) || code === undefined) return error;
  const [server = ''] = error.message.trim().split('\n');
  const meaning =
    MEANINGS.find(([codes]) => codes.test(code))?.[1] ?? ((message) => `cannot be used: ${message}`);
  const message = `pict-repo cannot start: the database at ${addressOf(connection)} ${meaning(server)} (${code})`;
  return new UnreachableError(message, code, error);
}

function closedBy(connection: ConnectionOptions, code: string, message: string): Error {
  // A message of the server has an SQLSTATE. One of the driver or the system says no more than its code.
  const reason = /^\d/.test(code) ? `: ${message}` : '';
  return failure(code, `the database at ${addressOf(connection)} closed the connection${reason}`);
}

function addressOf({ host, port, path }: ConnectionOptions): string {
  return path ?? `${String(host).includes(':') ? `[${host}]` : host}:${port}`;
}
