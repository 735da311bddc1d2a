import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { writeWhole } from '../write-whole.js';
import { hopeless } from './generate.js';

/** A folder with files under their identifiers, as `ingest --store` fills it. */
export function storeIn(folder: string) {
  return {
    async read(identifier: string): Promise<Buffer> {
      return await readFile(pathOf(identifier));
    },

    /** Writes a file under a new identifier, whole or not at all. */
    async write(bytes: Buffer, extension: string): Promise<string> {
      const name = randomUUID().replaceAll('-', '');
      const identifier = `${name.slice(0, 20).replace(/../g, '$&/')}${name.slice(20)}.${extension}`;
      const path = pathOf(identifier);
      await writeWhole(bytes, path, `${path}.partial`);
      return identifier;
    },

    async remove(identifier: string): Promise<void> {
      await rm(pathOf(identifier), { force: true });
    },
  };

  /** Any client with a key to write can set any identifier. It must not lead out of the folder. */
  function pathOf(identifier: string): string {
    const path = join(folder, identifier);
    if (/^\.\.([/\\]|$)/.test(relative(folder, path)))
      throw hopeless(`${identifier} is outside of the store.`);
    return path;
  }
}

export type Store = ReturnType<typeof storeIn>;
