import { Coalescer } from '../../../database/coalescer.js';
import type { Database } from '../../../database/database.js';
import { Problem } from '../../../problems.js';
import { type Completed, completeLeases } from '../sql/complete.js';
import { type Ended, endRuns, GIVEN_BACK, type RunEnd } from '../sql/end-runs.js';
import { type Extended, type Extension, extendLeases } from '../sql/extend-leases.js';
import type { DoneLease } from '../sql/keep-completed.js';
import { type Delivery, formatLease } from '../sql/lease.js';
import type { LostState } from '../sql/lost-leases.js';
import type { ReadyJob } from '../sql/queue-position.js';

/*
 * Calls about leases that arrive while a statement of their kind is in flight share the next one
 * (docs/queue.md#coalescing-and-batch-size).
 */

/** How long a lease whose job another transaction has locked is retried, if its request names others too. */
const MAX_BLOCKED_OF_SEVERAL_MS = 200;

/**
 * What became of one of the leases in a request: null if it was done. `contended` means that another transaction keeps
 * its job locked, so that nothing was done.
 */
export type LeaseEnd = LostState | 'contended' | null;

/** Makes the call for one of several leases. The others do not wait long for it. */
export async function callForOneOfSeveral<Item, Result>(
  calls: Coalescer<Item, Result>,
  item: Item,
): Promise<Result | { lost: 'contended' }> {
  try {
    return await calls.call(item, MAX_BLOCKED_OF_SEVERAL_MS);
  } catch (error) {
    if (error instanceof Problem && error.code === 'contended') return { lost: 'contended' };
    throw error;
  }
}

export function createCompletions(
  db: Database,
  { completedRetentionMinutes }: { completedRetentionMinutes: number },
) {
  return new Coalescer<DoneLease, Completed>({
    sizeOf: ({ result }) => result?.length ?? 0,
    run: (leases) => completeLeases(db, leases, completedRetentionMinutes),
    isBlocked: ({ isBlocked }) => isBlocked,
  });
}

export function createExtensions(db: Database, { leaseSeconds }: { leaseSeconds: number }) {
  return new Coalescer<Extension, Extended>({
    run: (extensions) => extendLeases(db, extensions, leaseSeconds),
    isBlocked: ({ isBlocked }) => isBlocked,
  });
}

/** The ends of runs without success: fail, release, and jobs that are given back. */
export function createRunEnds(db: Database, options: { backoffMaxSeconds: number }) {
  return new Coalescer<RunEnd, Ended>({
    sizeOf: ({ error }) => error?.length ?? 0,
    run: async (runs, lockTimeout) => {
      // If a batch has a lease more than once, the first call ends its run, and the others get `lease_lost`.
      const firsts = new Map<string, RunEnd>();
      for (const run of runs) if (!firsts.has(formatLease(run))) firsts.set(formatLease(run), run);
      const unique = [...firsts.values()];
      const ended = await endRuns(db, unique, { ...options, lockTimeout });
      const results = new Map(unique.map((run, at) => [formatLease(run), ended[at]]));
      return runs.map((run) => {
        const first = firsts.get(formatLease(run));
        const result = results.get(formatLease(run));
        if (!result) throw new Error('a run was not ended');
        if (first === run || result.isBlocked) return result;
        // If the first call only gave its delivery back, the lease is still current, and this call is tried next.
        const isOpen = result.lost !== null && first?.delivery !== undefined;
        return { ...result, lost: result.lost ?? result.state, isBlocked: isOpen };
      });
    },
    isBlocked: ({ isBlocked }) => isBlocked,
  });
}

interface Options {
  runEnds: ReturnType<typeof createRunEnds>;
  /** Jobs have become ready. */
  onReady: (jobs: ReadyJob[]) => void;
  /** A job falls due in so many seconds. */
  onScheduled: (seconds: number) => void;
  onError: (error: unknown, message: string) => void;
}

/** Ends runs, and announces the jobs that are ready again. */
export function createRunEnder({ runEnds, onReady, onScheduled, onError }: Options) {
  async function end(run: RunEnd): Promise<Ended> {
    const ended = await runEnds.call(run);
    if (ended.state === 'ready') onReady([ended]);
    if (ended.state === 'scheduled' && run.delay !== undefined) onScheduled(run.delay);
    return ended;
  }

  return {
    end,

    /** Makes jobs ready again that did not reach a worker; no attempt is counted. A job that was redelivered stays. */
    giveBack(jobs: Delivery[]): void {
      if (jobs.length === 0) return;
      Promise.all(
        jobs.map(({ id, claims, token, delivery }) => end({ id, claims, token, delivery, ...GIVEN_BACK })),
      ).catch((error: unknown) =>
        onError(error, 'undelivered jobs could not be given back; they come back when their leases expire'),
      );
    },
  };
}
