import { setTimeout as sleep } from 'node:timers/promises';
import { isProblem, type PictRepo } from '../../client/src/index.js';

/** The variant that is to be made. */
export interface VariantKey {
  hash: string;
  variant: string;
}

/** The variant exists already, or is to be made by whoever has this token. */
type Claimed = { identifier: string; token?: undefined } | { token: string; identifier?: undefined };

interface Options {
  /** Who claims, each time the same for one job: a claim whose answer was lost is sent again. */
  claimer: string;
  leaseSeconds: number;
  signal: AbortSignal;
}

const WAIT_SECONDS = 50;

/**
 * Claims the making of a variant, or waits until whoever makes it has done so. If that one dies, its lease runs out, and the
 * claim is taken over.
 *
 * @throws Error where whoever made it has failed
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

/** Extends the claim while `make` runs. What it makes is for nobody once its signal is aborted. */
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
        // Any other failure passes, or the claim is taken over: then finish is refused.
        if (isProblem(error, 'claim_lost') || isProblem(error, 'hash_not_found')) lost.abort(error);
      }
    }
  }
}
