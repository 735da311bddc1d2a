import { timingSafeEqual } from 'node:crypto';
import type { FastifyBaseLogger } from 'fastify';
import { digest, type Key, type KeySources, readKeys } from './keys.js';

/** The keys that count now. */
export interface Keyring {
  /** There are no keys: every request may do everything. */
  readonly isOpen: boolean;
  find(given: string): Key | undefined;
  /** Reads the keys again; where that fails, those that count stay. */
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
      // Through to the end whatever is found, so that the time says nothing.
      for (const key of keys) {
        if (timingSafeEqual(key.sha256, hash) && key.expires > now) found = key;
      }
      return found;
    },

    reload() {
      try {
        keys = readKeys(config);
        log.info({ keys: keys.map(({ name }) => name) }, 'the keys were read again');
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        log.error({ reason }, `the keys could not be read again, those from before stay: ${reason}`);
      }
    },
  };
}
