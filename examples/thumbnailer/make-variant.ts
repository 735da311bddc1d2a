import { randomUUID } from 'node:crypto';
import { isProblem, type PictRepo } from '../../client/src/index.js';
import { claimVariant, type VariantKey, whileClaimed } from './claim.js';
import { type Generate, hopeless, readGenerate } from './generate.js';
import { processImage } from './process.js';
import type { Store } from './store.js';

interface Made {
  variant: string;
  source: string;
  identifier: string;
  /** Whether it existed already: made before, or by another worker at the same time. */
  standing: boolean;
}

export interface MakeOptions {
  maxMegapixels?: number | undefined;
  /** After this time a claim that is not extended expires, because its worker has died. */
  leaseSeconds?: number;
}

/**
 * Runs a Generate job. It can be interrupted anywhere, and many can run at once: one of them makes the variant, and the
 * others wait for it. The variant is created once, with its details, after its file is stored. A worker that dies
 * between the two leaves a file that no record names.
 */
export async function makeVariant(
  repo: PictRepo,
  store: Store,
  job: unknown,
  signal: AbortSignal,
  { maxMegapixels = 268, leaseSeconds = 60 }: MakeOptions = {},
): Promise<Made> {
  const generate = readGenerate(job);
  const { source, process_path: variant } = generate;
  const claimer = randomUUID();
  const { hash } = await known(repo.aliases.hash({ alias: source }, { signal }));
  const key = { hash, variant };
  for (;;) {
    const { identifier, token } = await known(claimVariant(repo, key, { claimer, leaseSeconds, signal }));
    if (identifier !== undefined) return { variant, source, identifier, standing: true };
    try {
      const making = { repo, store, generate, maxMegapixels };
      const own = await whileClaimed(repo, key, { token, leaseSeconds, signal }, (claimed) =>
        make(making, key, token, claimed),
      );
      return { variant, source, ...own };
    } catch (error) {
      if (isProblem(error, 'hash_not_found')) throw hopeless(`${source} was deleted meanwhile.`, error);
      // Another worker makes it now. Waits for its result.
      if (!isProblem(error, 'claim_lost')) throw error;
    }
  }
}

interface Making {
  repo: PictRepo;
  store: Store;
  generate: Generate;
  maxMegapixels: number;
}

/** Makes the claimed variant. If it cannot be made, those that wait get the reason. */
async function make(
  { repo, store, generate, maxMegapixels }: Making,
  key: VariantKey,
  token: string,
  signal: AbortSignal,
): Promise<Pick<Made, 'identifier' | 'standing'>> {
  let identifier: string;
  let bytes: number;
  try {
    const original = await repo.hashes.identifier({ hash: key.hash }, { signal });
    const made = await processImage(await store.read(original.identifier), generate, maxMegapixels);
    // Another worker has the claim now, and makes it again.
    signal.throwIfAborted();
    identifier = await store.write(made.bytes, made.extension);
    bytes = made.bytes.length;
    await repo.details.relateDetails({ identifier }, made.details);
  } catch (error) {
    const message = error instanceof Error && error.message !== '' ? error.message : String(error);
    // If this is lost, the others learn it when the lease expires.
    await repo.variantClaims
      .finish(key, { token, error: message.slice(0, 4000) }, { retries: 1 })
      .catch(() => {});
    throw error;
  }
  try {
    const { identifier: standing = identifier } = await repo.variantClaims.finish(key, {
      token,
      identifier,
      bytes,
    });
    if (standing !== identifier) await remove(identifier);
    return { identifier: standing, standing: standing !== identifier };
  } catch (error) {
    // Without an answer it is unknown whether the file is related, so it stays.
    const isVain = isProblem(error, 'claim_lost') || isProblem(error, 'hash_not_found');
    if (isVain) await remove(identifier);
    throw error;
  }

  /** It is condemned already. If the service is not told that it is deleted, its name is free some days later. */
  async function remove(vain: string): Promise<void> {
    await store.remove(vain);
    await repo.files.deleted({ identifiers: [vain] }).catch(() => {});
  }
}

/** An alias or a hash that is gone does not come back. */
async function known<T>(answer: Promise<T>): Promise<T> {
  return await answer.catch((error: unknown) => {
    if (isProblem(error, 'alias_not_found') || isProblem(error, 'hash_not_found')) {
      throw hopeless(error.message, error);
    }
    throw error;
  });
}
