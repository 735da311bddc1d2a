import { createReadStream, createWriteStream } from 'node:fs';
import { readlink, realpath, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Readable, type Transform, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import { TransferError } from '../error.js';

/** Compression streams that only newer versions of Node have. */
interface Compression {
  createGzip(): Transform;
  createGunzip(): Transform;
  createZstdCompress?(): Transform;
  createZstdDecompress?(): Transform;
}

const compression: Compression = zlib;
/** A longer line cannot be from an export, because details have 1 MiB at most. */
const MAX_LINE = 64 * 1024 * 1024;

/**
 * Writes lines to a file, compressed according to its suffix, or to standard output. The file appears when it is
 * complete.
 *
 * @throws TransferError if this Node lacks the compression
 */
export async function writeLines(file: string | undefined, lines: AsyncIterable<string>): Promise<void> {
  const input = Readable.from(lines);
  if (file === undefined) {
    await pipeline(input, process.stdout, { end: false });
    return;
  }
  const compress = compressor(file);
  // The rename would replace a symbolic link.
  const target = await targetOf(file);
  const part = `${target}.part`;
  // A part left behind by a killed export may have another mode.
  await rm(part, { force: true });
  // Only the owner may read the file, because it has the delete tokens of aliases.
  const output: Writable = createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true });
  try {
    await (compress ? pipeline(input, compress, output) : pipeline(input, output));
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Where a file is, or where it will be: what links lead to may not exist yet. */
async function targetOf(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    const link = await readlink(file).catch(() => undefined);
    return link === undefined ? file : targetOf(resolve(dirname(file), link));
  }
}

/**
 * Reads the lines of a file that `writeLines` wrote, or of standard input (`-`).
 *
 * @throws TransferError if the file does not exist or is damaged
 */
export async function* readLines(file: string): AsyncGenerator<string> {
  const decompress = file === '-' ? undefined : decompressor(file);
  const input = file === '-' ? process.stdin : createReadStream(file);
  const source: Readable = decompress ? input.pipe(decompress) : input;
  // `pipe` does not forward errors.
  input.on('error', (error: Error) => decompress?.destroy(error));
  // Anything else would become other values in silence.
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let rest = '';
  try {
    for await (const chunk of source) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
      if (rest.length > MAX_LINE)
        throw new TransferError(`${file} has a line that is too long for an export.`);
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA')
      throw new TransferError(`${file} is no export of pict-repo, or damaged: it is not UTF-8.`);
    if (/^(Z_|ZSTD_|ERR_.*ZLIB)/.test(code)) throw new TransferError(`${file} is cut or damaged (${code}).`);
    if (/^E[A-Z]+$/.test(code)) throw new TransferError(`${file} cannot be read (${code}).`);
    throw error;
  } finally {
    input.destroy();
  }
  if (rest !== '') yield rest;
}

function compressor(file: string): Transform | undefined {
  if (file.endsWith('.gz')) return compression.createGzip();
  if (file.endsWith('.zst')) return compression.createZstdCompress?.() ?? noZstd();
  return undefined;
}

function decompressor(file: string): Transform | undefined {
  if (file.endsWith('.gz')) return compression.createGunzip();
  if (file.endsWith('.zst')) return compression.createZstdDecompress?.() ?? noZstd();
  return undefined;
}

function noZstd(): never {
  throw new TransferError(
    `Node ${process.versions.node} has no zstd: it came with 22.15 and 23.8. Use the suffix .gz, or a newer Node.`,
  );
}
