import { timingSafeEqual } from 'node:crypto';
import type { FastifyBaseLogger } from 'fastify';
import { digest, type Key, type KeySources, readKeys } from './keys.js';

/** The keys that are currently accepted. */
export interface Keyring {
  /** True if there are no keys: every request has full access. */
  readonly isOpen: boolean;
  find(given: string): Key | undefined;
  /** Reads the keys again. If that fails, the current keys stay in use. */
  reload(): void;
}

export function openKeyring(config: KeySources, log: FastifyBaseLogger): Keyring {
  let keys = readKeys(config);
  return {
    isOpen: keys.length === 0,

    find(given) {
      const hash = digest(given);
      const now = Date.now();
      let found: Key | undefined;
      // Compares with all keys, so that the time reveals nothing.
      for (const key of keys) {
        if (timingSafeEqual(key.sha256, hash) && key.expires > now) found = key;
      }
      return found;
    },

    reload() {
      try {
        keys = readKeys(config);
        log.info({ keys: keys.map(({ name }) => name) }, 'keys reloaded');
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log.error({ reason }, `the keys could not be reloaded, the previous ones stay in use: ${reason}`);
      }
    },
  };
}
