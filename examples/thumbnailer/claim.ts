import { setTimeout as sleep } from 'node:timers/promises';
import { isProblem, type PictRepo } from '../../client/src/index.js';

/** The variant that must be made. */
export interface VariantKey {
  hash: string;
  variant: string;
}

/** The variant exists already, or the worker with this token makes it. */
type Claimed = { identifier: string; token?: undefined } | { token: string; identifier?: undefined };

interface Options {
  /** The name of the claimant, always the same for one job, so that a claim can be sent again after a lost answer. */
  claimer: string;
  leaseSeconds: number;
  signal: AbortSignal;
}

const WAIT_SECONDS = 50;

/**
 * Claims a variant in order to make it, or waits until another worker has made it. If that worker dies, its lease
 * expires, and the claim is taken over.
 *
 * @throws Error if the other worker has failed
 */
export async function claimVariant(
  repo: PictRepo,
  key: VariantKey,
  { claimer, leaseSeconds, signal }: Options,
): Promise<Claimed> {
  for (;;) {
    try {
      const { token, identifier } = await repo.variantClaims.claim(
        key,
        { claimer, lease_seconds: leaseSeconds },
        { signal },
      );
      if (identifier !== undefined) return { identifier };
      if (token !== undefined) return { token };
    } catch (error) {
      if (!isProblem(error, 'variant_claimed')) throw error;
    }
    const ended = await repo.variantClaims.wait({ ...key, wait: WAIT_SECONDS }, { signal });
    if (ended.identifier !== undefined) return { identifier: ended.identifier };
    if (ended.state === 'failed') throw new Error(`Another worker could not make it: ${ended.error}`);
  }
}

/** Extends the claim while `make` runs. When its signal is aborted, its result is no longer needed. */
export async function whileClaimed<T>(
  repo: PictRepo,
  key: VariantKey,
  { token, leaseSeconds, signal }: { token: string; leaseSeconds: number; signal: AbortSignal },
  make: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  const done = new AbortController();
  const beating = keepAlive();
  try {
    return await make(AbortSignal.any([signal, lost.signal]));
  } finally {
    done.abort();
    await beating;
  }

  async function keepAlive(): Promise<void> {
    const third = (leaseSeconds * 1000) / 3;
    while (await sleep(third, true, { signal: done.signal }).catch(() => false)) {
      try {
        await repo.variantClaims.heartbeat(
          key,
          { token },
          { signal: done.signal, retries: 0, timeoutSeconds: leaseSeconds / 3 },
        );
      } catch (error) {
        // Other failures are transient, or the claim is taken over; then finish is refused.
        if (isProblem(error, 'claim_lost') || isProblem(error, 'hash_not_found')) lost.abort(error);
      }
    }
  }
}
