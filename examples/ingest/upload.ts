import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Image } from './image.js';
import type { Uploaded } from './report.js';
import type { Service } from './service.js';
import { storeFile } from './store.js';

interface UploadOptions {
  /** Copies the file into this folder. */
  store?: string | undefined;
  /** Pushes a job for a thumbnail to this queue. */
  push?: string | undefined;
}

/** Does what pict-rs does with an upload. If it is interrupted, the next run does the rest. */
export async function upload(service: Service, image: Image, options: UploadOptions): Promise<Uploaded> {
  // The file first: a hash without its file is a broken image, a file without a hash wastes a little space.
  const path = options.store === undefined ? undefined : join(options.store, image.identifier);
  const files = path === undefined ? undefined : await storeFile(image.bytes, path);
  const { unneeded, refusal, ...aliases } = await service.commit(image);
  if (path !== undefined && files?.created && unneeded.includes(image.identifier)) {
    // The content existed already, with another file, or is blocked. No record owns our file.
    await rm(path);
    await service.deleted(image.identifier);
    files.created = false;
  }
  if (refusal) throw refusal;
  if (options.push === undefined) return { ...(files && { files }), aliases };
  const jobs = await service.pushThumbnail(options.push, image.hash, image.alias);
  return { ...(files && { files }), aliases, jobs };
}
