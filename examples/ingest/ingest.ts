import type { Arguments } from './arguments.js';
import { filesIn, pathIn } from './folder.js';
import { Refusal } from './http.js';
import { readImage } from './image.js';
import type { Report } from './report.js';
import { connectTo } from './service.js';
import { prepareStore } from './store.js';
import { upload } from './upload.js';

/** Uploads the images in the folder and below. The report says what happened to each file. */
export async function ingest({ folder, concurrency, ...options }: Arguments, report: Report): Promise<void> {
  const service = connectTo(options.service, options.key);
  await service.check();
  const { files, unreadable, leftOut } = await filesIn(folder, options.store);
  if (options.store !== undefined) await prepareStore(options.store);
  report.total = files.length + unreadable.length;
  report.leftOut = leftOut;
  for (const { name, error } of unreadable) report.failed(name, error);
  const seen = new Set<string>();
  // All workers share one iterator, so that each file is taken once.
  const waiting = files.values();
  let isHopeless = false;

  async function work(): Promise<void> {
    for (const name of waiting) {
      if (isHopeless) return;
      try {
        await ingestFile(name);
      } catch (error) {
        isHopeless ||= error instanceof Refusal && error.isHopeless;
        report.failed(name, error);
      }
    }
  }

  async function ingestFile(name: Buffer): Promise<void> {
    const reading = await readImage(pathIn(folder, name), options);
    if (reading.is === 'other') return report.other();
    if (reading.is === 'too large') return report.tooLarge(name, reading.pixels);
    if (reading.is === 'broken') return report.broken(name, reading.reason);
    if (seen.has(reading.image.hash)) return report.duplicate();
    seen.add(reading.image.hash);
    report.uploaded(await upload(service, reading.image, options));
  }

  await Promise.all(Array.from({ length: concurrency }, work));
}
