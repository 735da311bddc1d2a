import type { Database } from '../../database/database.js';
import { SharedResult } from '../shared-result.js';
import { countUsage } from './count.js';
import type { By } from './schema.js';

/** The use of the disk. */
export function usageRepo(db: Database) {
  const counted = new SharedResult(() => countUsage(db));
  return {
    /**
     * Numbers and bytes of files, grouped by one aspect. One count gives all aspects, and serves all concurrent
     * requests.
     */
    async usage(by: By, maxAgeSeconds?: number) {
      const { as_of, total, by: all } = await counted.read(maxAgeSeconds);
      return { by, as_of, ...all[by], total };
    },
  };
}

export type UsageRepo = ReturnType<typeof usageRepo>;
