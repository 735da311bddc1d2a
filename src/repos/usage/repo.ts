import type { Database } from '../../database/database.js';
import { SharedResult } from '../shared-result.js';
import { countUsage } from './count.js';
import type { By } from './schema.js';

/** What fills the disk. */
export function usageRepo(db: Database) {
  const counted = new SharedResult(() => countUsage(db));
  return {
    /** Counts and bytes, by one aspect; all of them are counted together, once for all who ask. */
    async usage(by: By, maxAgeSeconds?: number) {
      const { as_of, total, by: all } = await counted.read(maxAgeSeconds);
      return { by, as_of, ...all[by], total };
    },
  };
}

export type UsageRepo = ReturnType<typeof usageRepo>;
