import { isProblem, type PictRepo } from '../../client/src/index.js';
import { hopeless, readGenerate } from './generate.js';
import { processImage } from './process.js';
import type { Store } from './store.js';

interface Made {
  variant: string;
  source: string;
  identifier: string;
  /** Whether it stood already: made before, or by another at the same time. */
  standing: boolean;
}

/**
 * Does a Generate job. It can be cut anywhere, and be done by two at once: the variant appears once, with its
 * details, and after its file. A worker that dies between the two leaves a file that nobody names.
 */
export async function makeVariant(
  repo: PictRepo,
  store: Store,
  job: unknown,
  signal: AbortSignal,
  maxMegapixels = 268,
): Promise<Made> {
  const generate = readGenerate(job);
  const { source, process_path: variant } = generate;
  const { hash } = await known(repo.aliases.hash({ alias: source }, { signal }));
  const standing = await standingVariant(repo, hash, variant, signal);
  if (standing !== undefined) return { variant, source, identifier: standing, standing: true };

  const original = await known(repo.hashes.identifier({ hash }, { signal }));
  const made = await processImage(await store.read(original.identifier), generate, maxMegapixels);
  // Whoever has the job by now makes it anew.
  signal.throwIfAborted();
  const identifier = await store.write(made.bytes, made.extension);
  try {
    await repo.details.relateDetails({ identifier }, made.details);
    await repo.hashes.relateVariantIdentifier({ hash, variant }, { identifier });
  } catch (error) {
    const isTaken = isProblem(error, 'variant_already_exists');
    // Without an answer nobody knows whether the file is related: then it stays.
    if (!isTaken && !isProblem(error, 'hash_not_found')) throw error;
    await repo.details.cleanup({ identifier });
    await store.remove(identifier);
    if (!isTaken) throw hopeless(`${source} was deleted meanwhile.`, error);
    return { variant, source, identifier: String(error.existing?.['identifier']), standing: true };
  }
  return { variant, source, identifier, standing: false };
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

async function standingVariant(
  repo: PictRepo,
  hash: string,
  variant: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return (await repo.hashes.variantIdentifier({ hash, variant }, { signal })).identifier;
  } catch (error) {
    if (isProblem(error, 'variant_not_found') || isProblem(error, 'hash_not_found')) return undefined;
    throw error;
  }
}
