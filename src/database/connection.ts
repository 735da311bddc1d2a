import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { readTextFile } from '../text-file.js';
import type { ConnectionOptions } from './database.js';
import { PARAMETER_TYPES } from './driver/parameters.js';
import { readPassword } from './password.js';
import { sessionSettings } from './settings.js';
import { checkParameters, connectSeconds } from './url-parameters.js';

export interface ConnectionSettings {
  /** A `postgres://` URL as libpq takes it. */
  url: string;
  /** The file that holds the password, for a URL without one. */
  passwordFile?: string | undefined;
  /** PEM file of the authority that signed the server's certificate; with it, the server is verified. */
  caFile?: string | undefined;
  /** Whether statements are prepared; false behind a pooler in transaction mode. */
  prepare?: boolean;
  /** The schema of the tables; without it search_path decides. */
  schema?: string | undefined;
  /** 0 is no timeout, which migrations need. */
  statementTimeoutSeconds: number;
}

/**
 * Options for the driver. The URL is parsed here, because the driver passes parameters that it does not know to the
 * server as settings, which the server refuses with a message that does not help.
 *
 * @throws Error that names what is wrong with the URL (never its password)
 */
export function connectionOptions(settings: ConnectionSettings): ConnectionOptions {
  const url = parseUrl(settings.url);
  const parameter = (name: string): string | undefined => url.searchParams.get(name) ?? undefined;
  const host = (parameter('host') ?? decoded(url.hostname)).replace(/^\[(.*)\]$/, '$1') || 'localhost';
  const port = Number(parameter('port') ?? (url.port || 5432));
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error('has a port that is not a number from 1 to 65535');
  if (host.includes(',')) {
    throw new Error('several hosts are not supported: put one address (a proxy, a virtual IP) in front');
  }
  const user = parameter('user') ?? decoded(url.username);
  const password = parameter('password') ?? decoded(url.password);
  const name = parameter('application_name') ?? parameter('fallback_application_name') ?? 'pict-repo';
  const options = parameter('options');
  return {
    ...(host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }),
    ...(user && { user }),
    password: password === '' && settings.passwordFile ? readPassword(settings.passwordFile) : password,
    database: parameter('dbname') ?? (decoded(url.pathname.slice(1)) || user || 'postgres'),
    ssl: host.startsWith('/')
      ? false
      : tls(host, tlsMode(url.searchParams), settings.caFile ?? parameter('sslrootcert')),
    prepare: settings.prepare ?? true,
    types: PARAMETER_TYPES,
    // The driver would ask the server for array types; driver/parameters.ts has those that are sent, and says why.
    fetch_types: false,
    connect_timeout: connectSeconds(url.searchParams.get('connect_timeout')),
    // For probes. The pool's sessions have their own limit (sessions.ts).
    idle_timeout: 30,
    onnotice: () => {},
    connection: {
      application_name: name,
      ...(options && { options }),
      ...sessionSettings(settings.statementTimeoutSeconds),
    },
    ...(settings.schema !== undefined && { schema: settings.schema }),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Error('is not percent-encoded: a % in a name or password is written %25');
  }
}

function parseUrl(text: string): URL {
  // libpq has no fragments: the character would be part of a name or of a password.
  if (text.includes('#')) throw new Error('has a #, which is written %23');
  if (/^\w+:\/\/([^/?#]*@)?[^/?#]*,/.test(text)) {
    throw new Error('several hosts are not supported: put one address (a proxy, a virtual IP) in front');
  }
  let url: URL;
  try {
    // An empty host ("postgres:///db?host=/run/postgresql") is libpq's, not the URL standard's.
    url = new URL(text.replace(/^(postgres(?:ql)?:\/\/(?:[^/?#]*@)?)(?=[/?#:]|$)/, '$1localhost'));
  } catch {
    throw new Error('is not a URL like postgres://user:password@host:5432/database');
  }
  if (!['postgres:', 'postgresql:'].includes(url.protocol)) {
    throw new Error('does not begin with postgres:// or postgresql://');
  }
  // For libpq, a plus sign is a plus sign and not a space.
  url.search = url.search.replaceAll('+', '%2B');
  checkParameters(url.searchParams);
  return url;
}

/**
 * The driver has no channel binding. The purpose of channel binding is to prove the identity of the server. A certificate
 * proves it too, so the certificate is verified instead.
 */
function tlsMode(parameters: URLSearchParams): string | undefined {
  const mode = parameters.get('sslmode') ?? undefined;
  if (parameters.get('channel_binding') !== 'require') return mode === 'allow' ? 'prefer' : mode;
  if (mode === 'disable')
    throw new Error('requires channel_binding, which needs TLS, and has sslmode=disable');
  return 'verify-full';
}

/** As libpq does: `require` without a certificate authority encrypts and trusts any server; with one it verifies. */
function tls(
  host: string,
  mode = 'prefer',
  caFile: string | undefined,
): NonNullable<ConnectionOptions['ssl']> {
  if (mode === 'disable') return false;
  const ca = caFile === undefined || caFile === 'system' ? undefined : readTextFile(caFile);
  const verified = { rejectUnauthorized: true, ...(ca && { ca }) };
  // If the host is an address, the driver gives Node no name, and Node then expects "localhost".
  if (mode === 'verify-full') {
    return {
      ...verified,
      checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
        checkServerIdentity(host, certificate),
    };
  }
  if (mode === 'verify-ca' || caFile !== undefined) {
    return { ...verified, checkServerIdentity: () => undefined };
  }
  return mode === 'require' ? 'require' : 'prefer';
}
