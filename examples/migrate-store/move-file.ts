import { isProblem, type PictRepo } from '../../client/src/index.js';
import { copyBetween, newIdentifier, removeFrom } from './folders.js';

interface Folders {
  from: string;
  to: string;
}

/** So many names may have been given up. */
const MAX_NAMES = 10;

/**
 * Copies a file, and then gives its content the copy. Wherever it is cut, the next run does what is missing.
 *
 * @returns `gone` where the content went meanwhile, or somebody else moved its file: the copy is deleted then
 */
export async function moveFile(
  repo: PictRepo,
  { from, to }: Folders,
  identifier: string,
): Promise<'moved' | 'gone'> {
  for (let attempt = 0; attempt < MAX_NAMES; attempt++) {
    const copy = newIdentifier(identifier, attempt);
    const { created } = await copyBetween(from, identifier, to, copy);
    try {
      const { moved, unneeded } = await repo.storeMigration.move({ identifier, new_identifier: copy });
      await discard(repo, to, unneeded);
      return moved ? 'moved' : 'gone';
    } catch (error) {
      if (isProblem(error, 'identifier_already_moved')) {
        await discard(repo, to, error.unneeded ?? []);
        return 'gone';
      }
      // It was named for deletion before. Whoever deletes it may do so at any time.
      if (isProblem(error, 'identifier_condemned') || isProblem(error, 'identifier_already_used')) {
        if (created && isProblem(error, 'identifier_condemned')) await removeFrom(to, copy);
        continue;
      }
      throw error;
    }
  }
  throw new Error('all of its new names were given up');
}

/** Deletes copies that nobody needs, and says so, so that their names are free again. */
async function discard(repo: PictRepo, to: string, identifiers: string[]): Promise<void> {
  if (identifiers.length === 0) return;
  for (const identifier of identifiers) await removeFrom(to, identifier);
  await repo.files.deleted({ identifiers });
}
