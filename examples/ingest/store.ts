import { randomUUID } from 'node:crypto';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from '../write-whole.js';

/** A file that marks a folder as a store, also for a run that has another store or none. */
const MARK = '.pict-repo-store';

export async function prepareStore(store: string): Promise<void> {
  await mkdir(store, { recursive: true });
  await writeFile(
    join(store, MARK),
    'Files of pict-repo, under their identifiers. ingest leaves this folder out.\n',
  );
}

/** Stores a file, unless one of the same size is there. A file gets its name when it is complete (write-whole.ts). */
export async function storeFile(bytes: Buffer, path: string): Promise<{ created: boolean }> {
  const existing = await stat(path).catch(() => undefined);
  if (existing?.size === bytes.length) return { created: false };
  await writeWhole(bytes, path, `${path}.${randomUUID()}.partial`);
  return { created: true };
}

/** Recognises `store` by any path that leads to it, and every folder that was marked as a store. */
export async function storeFinder(store: string | undefined) {
  const own = store === undefined ? undefined : await identityOf(store);

  async function isStore(path: Path): Promise<boolean> {
    if (own !== undefined && (await identityOf(path)) === own) return true;
    return (await identityOf(below(path, MARK))) !== undefined;
  }

  /** Whether the folder, or one above it, is a store. */
  async function isInside(path: Path): Promise<boolean> {
    if (await isStore(path)) return true;
    const above = below(path, '..');
    const isTop = (await identityOf(above)) === (await identityOf(path));
    return !isTop && (await isInside(above));
  }

  return { isStore, isInside };
}

type Path = string | Buffer;

function below(path: Path, name: string): Buffer {
  return Buffer.concat([Buffer.from(path), Buffer.from(`/${name}`)]);
}

/** Undefined if there is nothing, or nothing that may be read. */
async function identityOf(path: Path): Promise<string | undefined> {
  const stats = await stat(path, { bigint: true }).catch(() => undefined);
  return stats && `${stats.dev}:${stats.ino}`;
}
