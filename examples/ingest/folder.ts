import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { UsageError } from './arguments.js';
import { storeFinder } from './store.js';

interface Found {
  /** Paths within the folder, as bytes: a name need not be UTF-8. */
  files: Buffer[];
  /** Folders that cannot be read. */
  unreadable: { name: Buffer; error: unknown }[];
  /** The number of hidden files and folders, links, stores and the like. The contents of a folder are not counted. */
  leftOut: number;
}

/** Folders that systems make beside the pictures: for thumbnails, for deleted files, or for themselves. */
const OF_SYSTEMS = [
  '@eaDir',
  '#recycle',
  '@Recycle',
  '@__thumb',
  '__MACOSX',
  '$RECYCLE.BIN',
  'System Volume Information',
  'lost+found',
];

/**
 * The files in a folder and below, in a fixed order. Folders are read one by one, so that a folder that cannot be read
 * does not end the search. Links are not followed: they may lead out of the folder, or in circles.
 */
export async function filesIn(folder: string, store: string | undefined): Promise<Found> {
  const stores = await storeFinder(store);
  if (await stores.isInside(folder)) {
    throw new UsageError('FOLDER is in a store: the variants there would become images.');
  }
  const found: Found = { files: [], unreadable: [], leftOut: 0 };
  const folders: Buffer[] = [Buffer.alloc(0)];
  // The folders that are found go to the end of the array, and are visited too.
  for (const within of folders) {
    const entries = await entriesOf(pathIn(folder, within)).catch((error: unknown) => {
      if (within.length === 0) throw error;
      found.unreadable.push({ name: within, error });
      return [];
    });
    for (const entry of entries) {
      const path = within.length === 0 ? entry.name : Buffer.concat([within, SLASH, entry.name]);
      if (isHidden(entry.name)) found.leftOut += 1;
      else if (entry.isFile()) found.files.push(path);
      else if (!entry.isDirectory() || isOfSystem(entry.name)) found.leftOut += 1;
      else if (await stores.isStore(pathIn(folder, path))) found.leftOut += 1;
      else folders.push(path);
    }
  }
  return found;
}

export function pathIn(folder: string, within: Buffer): Buffer {
  return Buffer.concat([Buffer.from(folder), SLASH, within]);
}

const SLASH = Buffer.from('/');

async function entriesOf(path: Buffer): Promise<Dirent<Buffer>[]> {
  const entries = await readdir(path, { withFileTypes: true, encoding: 'buffer' });
  return entries.sort((one, other) => Buffer.compare(one.name, other.name));
}

function isHidden(name: Buffer): boolean {
  return name[0] === '.'.charCodeAt(0);
}

function isOfSystem(name: Buffer): boolean {
  return OF_SYSTEMS.includes(name.toString());
}
