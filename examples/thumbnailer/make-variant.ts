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
  /** Whether it stood already: made before, or by another at the same time. */
  standing: boolean;
}

export interface MakeOptions {
  maxMegapixels?: number | undefined;
  /** How long a claim is kept that is not extended, because its worker died. */
  leaseSeconds?: number;
}

/**
 * Does a Generate job. It can be cut anywhere, and be done by many at once: one of them makes the variant, and the others wait for
 * it. It appears once, with its details, and after its file. A worker that dies between the two leaves a file that nobody
 * names.
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
      // Another one makes it now: its result is waited for.
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

/** Makes the variant that is claimed. What cannot be made is told to those who wait. */
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
    // Whoever has the claim by now makes it anew.
    signal.throwIfAborted();
    identifier = await store.write(made.bytes, made.extension);
    bytes = made.bytes.length;
    await repo.details.relateDetails({ identifier }, made.details);
  } catch (error) {
    const message = error instanceof Error && error.message !== '' ? error.message : String(error);
    // Not heard, the others learn it when the lease runs out.
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
    // Without an answer nobody knows whether the file is related: then it stays.
    const isVain = isProblem(error, 'claim_lost') || isProblem(error, 'hash_not_found');
    if (isVain) await remove(identifier);
    throw error;
  }

  /** It is condemned already. Where nobody hears that it is gone, its name is free some days later. */
  async function remove(vain: string): Promise<void> {
    await store.remove(vain);
    await repo.files.deleted({ identifiers: [vain] }).catch(() => {});
  }
}

/** An alias or a hash that is gone will not come back. */
async function known<T>(answer: Promise<T>): Promise<T> {
  return await answer.catch((error: unknown) => {
    if (isProblem(error, 'alias_not_found') || isProblem(error, 'hash_not_found')) {
      throw hopeless(error.message, error);
    }
    throw error;
  });
}
