import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Arguments, HELP, readArguments, UsageError } from './arguments.js';
import { readImage } from './image.js';
import { Report } from './report.js';
import { Refusal } from './http.js';
import { connectTo } from './service.js';
import { upload } from './upload.js';

try {
  const given = readArguments();
  if (!given) console.log(HELP);
  else if (!(await ingest(given))) process.exitCode = 1;
} catch (error) {
  console.error(`ingest: ${codeOf(error)}: ${messageOf(error)}`);
  if (error instanceof UsageError) console.error('Try --help.');
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

/** Whether nothing failed. */
async function ingest({ folder, concurrency, ...options }: Arguments): Promise<boolean> {
  const service = connectTo(options.service, options.key);
  await service.check();
  const files = await filesIn(folder);
  const report = new Report(files.length);
  const seen = new Set<string>();
  // One iterator for all workers: each file is taken once.
  const waiting = files.values();
  let hopeless = false;

  async function work(): Promise<void> {
    for (const path of waiting) {
      if (hopeless) return;
      const name = relative(folder, path);
      try {
        await ingestFile(path, name);
      } catch (error) {
        hopeless ||= error instanceof Refusal && error.hopeless;
        report.failed(name, codeOf(error), messageOf(error));
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
  return report.end();
}

/** Symbolic links are left alone: they may lead out of the folder, or round in it. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'error';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
