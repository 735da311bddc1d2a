import { isProblem, type PictRepo } from '../../client/src/index.js';
import { moveFile } from './move-file.js';

export interface Report {
  moved: number;
  /** Files whose content was removed meanwhile, or that others have moved. */
  gone: number;
  failed: Map<string, unknown>;
}

/**
 * Moves all files that are not moved yet. Because files are uploaded meanwhile, it searches again until it finds no new
 * ones. A file that fails is tried once.
 */
export async function migrate(
  repo: PictRepo,
  folders: { from: string; to: string },
  concurrency: number,
  report: Report,
): Promise<void> {
  for (let found = 1; found > 0; ) {
    found = 0;
    // All workers share one iterator, so that each file is taken once.
    const files = repo.storeMigration.unmigrated();
    const work = async (): Promise<void> => {
      for (;;) {
        const { done, value } = await files.next();
        if (done) return;
        if (report.failed.has(value.identifier)) continue;
        found += 1;
        await moveOne(value.identifier);
      }
    };
    await Promise.all(Array.from({ length: concurrency }, work));
  }

  async function moveOne(identifier: string): Promise<void> {
    try {
      report[await moveFile(repo, folders, identifier)] += 1;
    } catch (error) {
      if (isProblem(error, 'file_not_found')) report.gone += 1;
      else if (isHopeless(error)) throw error;
      else report.failed.set(identifier, error);
    }
  }
}

/** Whether any other request would be refused as well. */
function isHopeless(error: unknown): boolean {
  return (
    isProblem(error, 'missing_key') ||
    isProblem(error, 'invalid_key') ||
    isProblem(error, 'insufficient_scope')
  );
}
