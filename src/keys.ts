import { createHash, randomBytes } from 'node:crypto';
import { readTextFile } from './text-file.js';
import { toUtc } from './timestamp.js';

/** The scopes of keys. Each includes those before it. */
export const SCOPES = ['read', 'write', 'admin'] as const;

export type Scope = (typeof SCOPES)[number];

/** A key as it is stored: only its hash, which cannot be used as a key. */
export interface Key {
  name: string;
  scope: Scope;
  sha256: Buffer;
  /** In milliseconds since 1970; Infinity for a key that does not expire. */
  expires: number;
}

/** The message names each fault on its own line, without the given text, which may be a secret. */
class KeysError extends Error {}

const NAME = /^[\w.-]{1,64}$/;
const HASH = /^sha256:([0-9a-f]{64})$/i;

/** The variables that hold keys. */
export interface KeySources {
  PICT_REPO_KEYS?: string;
  PICT_REPO_KEYS_FILE?: string;
}

/** Reads the configured keys; none if neither variable is set. */
export function readKeys(config: KeySources): Key[] {
  const { PICT_REPO_KEYS: inline, PICT_REPO_KEYS_FILE: file } = config;
  if (inline !== undefined && file !== undefined) {
    throw new KeysError('PICT_REPO_KEYS and PICT_REPO_KEYS_FILE are both set: use one of them');
  }
  if (inline !== undefined) return parse('PICT_REPO_KEYS', inline.replaceAll(',', '\n'));
  if (file !== undefined) return parse('PICT_REPO_KEYS_FILE', read(file));
  return [];
}

function read(file: string): string {
  try {
    return readTextFile(file);
  } catch (error) {
    throw new KeysError(
      `PICT_REPO_KEYS_FILE cannot be read: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** One key per line: `<name> <scope> sha256:<hex>`, optionally followed by `expires:<time>`. */
function parse(variable: string, text: string): Key[] {
  const keys: Key[] = [];
  const faults: string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const fields = line.trim().split(/\s+/);
    if (fields[0] === '' || fields[0]?.startsWith('#')) continue;
    const key = keyOf(fields);
    const fault = typeof key === 'string' ? key : duplicateFault(keys, key);
    if (fault !== undefined) faults.push(`${variable} line ${index + 1}: ${fault}`);
    else if (typeof key !== 'string') keys.push(key);
  }
  if (keys.length === 0 && faults.length === 0) faults.push(`${variable} holds no key`);
  if (faults.length > 0) throw new KeysError(faults.join('\n'));
  return keys;
}

/** Returns the key of a line, or the fault of the line. */
function keyOf([name = '', scopeName, hash = '', expiry, ...rest]: string[]): Key | string {
  const scope = SCOPES.find((one) => one === scopeName);
  const [, hex] = HASH.exec(hash) ?? [];
  const expires = expiry === undefined ? Number.POSITIVE_INFINITY : timeOf(expiry);
  if (!NAME.test(name)) return 'the name must have 1 to 64 letters, digits, "_", "-" or "."';
  if (scope === undefined) return `the scope must be one of ${SCOPES.join(', ')}`;
  if (hex === undefined) return 'after the scope comes sha256: and 64 hex digits';
  const sha256 = Buffer.from(hex, 'hex');
  if (sha256.equals(digest(''))) return 'the hash is that of no key at all';
  if (expires === undefined) return 'after the hash may come expires: and a time in RFC 3339';
  if (rest.length > 0) return 'there is more than a name, a scope, a hash and an expiry';
  return { name, scope, sha256, expires };
}

function timeOf(expiry: string): number | undefined {
  const utc = expiry.startsWith('expires:') ? toUtc(expiry.slice('expires:'.length)) : undefined;
  return utc === undefined ? undefined : Date.parse(utc);
}

/** Names must be unique, because the log identifies keys by name, also while clients change to a new key. */
function duplicateFault(keys: Key[], { name, sha256 }: Key): string | undefined {
  if (keys.some((key) => key.name === name)) return 'the name is that of a key above';
  if (keys.some((key) => key.sha256.equals(sha256))) return 'the hash is that of a key above';
  return undefined;
}

/** Makes a key of 256 random bits, and the line that configures it. */
export function createKey(name: string, scope: string, expires?: string): { key: string; line: string } {
  const key = `pictrepo_${randomBytes(32).toString('base64url')}`;
  const fields = [name, scope, `sha256:${digest(key).toString('hex')}`];
  if (expires !== undefined) fields.push(`expires:${expires}`);
  const fault = keyOf(fields);
  if (typeof fault === 'string') throw new KeysError(fault);
  if (expires !== undefined && Date.parse(expires) <= Date.now()) {
    throw new KeysError('the time of expires: must be in the future');
  }
  return { key, line: fields.join(' ') };
}

/** The stored hash of a key. A random key cannot be guessed, so a slow hash is not needed. */
export function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
