import { createKey, type Scope } from '../../src/keys.js';

export interface TestKey {
  name: string;
  /** What a client sends along. */
  headers: { authorization: string };
  /** The key itself. */
  key: string;
  /** For PICT_REPO_KEYS. */
  line: string;
}

export function testKey(name: string, scope: Scope, expires?: string): TestKey {
  const { key, line: lasting } = createKey(name, scope);
  // Also one that has expired, which is not made anew.
  const line = expires === undefined ? lasting : `${lasting} expires:${expires}`;
  return { name, key, line, headers: { authorization: `Bearer ${key}` } };
}
