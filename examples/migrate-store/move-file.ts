import { isProblem, type PictRepo } from '../../client/src/index.js';
import { copyBetween, newIdentifier, removeFrom } from './folders.js';

interface Folders {
  from: string;
  to: string;
}

/** How many names are tried, because files with these names were deleted before. */
const MAX_NAMES = 10;

/**
 * Copies a file, and then makes the copy the file of the content. If it is interrupted, the next run does the rest.
 *
 * @returns `gone` if the content was removed meanwhile, or its file was moved by another; the copy is then deleted
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
      // This name was named for deletion before, and a file with it may be deleted at any time.
      if (isProblem(error, 'identifier_condemned') || isProblem(error, 'identifier_already_used')) {
        if (created && isProblem(error, 'identifier_condemned')) await removeFrom(to, copy);
        continue;
      }
      throw error;
    }
  }
  throw new Error('all of its new names were given up');
}

/** Deletes copies that are not needed, and reports it, so that their names are free again. */
async function discard(repo: PictRepo, to: string, identifiers: string[]): Promise<void> {
  if (identifiers.length === 0) return;
  for (const identifier of identifiers) await removeFrom(to, identifier);
  await repo.files.deleted({ identifiers });
}
