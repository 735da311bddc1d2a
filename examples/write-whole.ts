import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Writes a file whole or not at all: it gets its name when it is complete and on the disk.
 *
 * @param partial the name under which it is written first; no other process may use it
 */
export async function writeWhole(bytes: Buffer, path: string, partial: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(partial, bytes, { flag: 'wx', flush: true });
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
