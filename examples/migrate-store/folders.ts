import { createHash, randomUUID } from 'node:crypto';
import { copyFile, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, extname, join, relative } from 'node:path';

/** The file is not in the old folder. */
class Missing extends Error {}

/**
 * The new identifier of a file. It follows from the old one, so that a run that was killed between a copy and its move
 * finds the copy again, and none is made twice. `attempt` gives another one where the name was given up.
 */
export function newIdentifier(identifier: string, attempt: number): string {
  const name = createHash('sha256').update(`${attempt}/${identifier}`).digest('hex').slice(0, 40);
  const [, extension = ''] = /^(\.\w{1,10})$/.exec(extname(identifier)) ?? [];
  return `${name.slice(0, 2)}/${name.slice(2, 4)}/${name.slice(4)}${extension}`;
}

/** Copies a file, unless it is there. A copy gets its name when it is complete and on the disk. */
export async function copyBetween(
  from: string,
  identifier: string,
  to: string,
  copy: string,
): Promise<{ created: boolean }> {
  const [source, target] = [pathIn(from, identifier), pathIn(to, copy)];
  const size = (await stat(source).catch(missing)).size;
  const existing = await stat(target).catch(() => undefined);
  if (existing?.size === size) return { created: false };
  const partial = `${target}.${randomUUID()}.partial`;
  await mkdir(dirname(target), { recursive: true });
  try {
    await copyFile(source, partial);
    const file = await open(partial, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return { created: true };
}

export async function removeFrom(folder: string, identifier: string): Promise<void> {
  await rm(pathIn(folder, identifier), { force: true });
}

/** Any client with a key to write can set any identifier. It must not lead out of the folder. */
function pathIn(folder: string, identifier: string): string {
  const path = join(folder, identifier);
  if (/^\.\.([/\\]|$)/.test(relative(folder, path))) throw new Error('is outside of the folder');
  return path;
}

function missing(error: unknown): never {
  throw error instanceof Error && 'code' in error && error.code === 'ENOENT'
    ? new Missing('is not in the old folder')
    : error;
}
