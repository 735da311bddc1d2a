import { change } from '../api.js';
import type { Removed } from './data.js';

/** The report, and the passes that clean what it has found. */

export interface Finding {
  kind: string;
  description: string;
  count: number;
  /** Whether everything was looked at. */
  complete: boolean;
  samples: Record<string, unknown>[];
  clean: { operation: string; body?: object };
}

export interface Report {
  as_of: string;
  findings: Finding[];
  oldest_access: {
    alias: { alias: string; accessed: string } | null;
    variant: { hash: string; variant: string; accessed: string } | null;
  };
}

export interface CleanedPass {
  removed: Removed;
  repaired: string[];
  more: boolean;
  next?: string;
}

/** In how many the passes go, so that none takes long. */
const PASS = 200;

export function isCleanable({ clean }: Finding): boolean {
  return clean.operation === 'report.clean' && clean.body !== undefined;
}

/** @param options `dry_run`, `enqueue` and `after` of the pass */
export const cleanPass = ({ clean }: Finding, options: object): Promise<CleanedPass> =>
  change('POST', '/report/clean', { body: { ...clean.body, limit: PASS, ...options } });
