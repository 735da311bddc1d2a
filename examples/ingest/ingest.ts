import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Arguments } from './arguments.js';
import { Refusal } from './http.js';
import { readImage } from './image.js';
import type { Report } from './report.js';
import { connectTo } from './service.js';
import { upload } from './upload.js';

/** Uploads what is an image in the folder and below. What happens to a file is in the report. */
export async function ingest({ folder, concurrency, ...options }: Arguments, report: Report): Promise<void> {
  const service = connectTo(options.service, options.key);
  await service.check();
  const files = await filesIn(folder);
  report.total = files.length;
  const seen = new Set<string>();
  // One iterator for all workers: each file is taken once.
  const waiting = files.values();
  let isHopeless = false;

  async function work(): Promise<void> {
    for (const path of waiting) {
      if (isHopeless) return;
      const name = relative(folder, path);
      try {
        await ingestFile(path, name);
      } catch (error) {
        isHopeless ||= error instanceof Refusal && error.isHopeless;
        report.failed(name, error);
      }
    }
  }

  async function ingestFile(path: string, name: string): Promise<void> {
    const reading = await readImage(path);
    if (reading.is === 'other') return report.notAnImage();
    if (reading.is === 'broken') return report.broken(name, reading.reason);
    if (seen.has(reading.image.hash)) return report.duplicate();
    seen.add(reading.image.hash);
    report.uploaded(await upload(service, reading.image, options));
  }

  await Promise.all(Array.from({ length: concurrency }, work));
}

/** Symbolic links are left alone: they may lead out of the folder, or round in it. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}
