import { BlockList, isIP } from 'node:net';

export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = 3000;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Addresses that mean all addresses of the machine, and the loopback address at which a client on it connects. */
const ANY: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** A host without the brackets that an IPv6 address has in a URL; undefined if it is not a host. */
export function readHost(text: string): string | undefined {
  const host = text.replace(/^\[(.*:.*)\]$/, '$1').toLowerCase();
  return isIP(host) !== 0 || /^[\w.-]+$/.test(host) ? host : undefined;
}

/** True for names and addresses that only this machine reaches. */
export function isLoopback(text: string): boolean {
  const host = readHost(text) ?? '';
  const version = isIP(host);
  if (version === 0) return host === 'localhost';
  return LOOPBACK.check(host, version === 6 ? 'ipv6' : 'ipv4');
}

/** The URL at which a client on this machine finds a service that listens there. */
export function localUrl(host: string, port: number): string {
  const asked = ANY[host] ?? host;
  return `http://${isIP(asked) === 6 ? `[${asked}]` : asked}:${port}`;
}
