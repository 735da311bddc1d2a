import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import sharp from 'sharp';
import { type Format, formatOf, framesOfPng, HEAD_BYTES, looksLikeImage } from './format.js';
import { STRIP } from './metadata/strip.js';
import { messageOf } from './report.js';

export interface Image {
  bytes: Buffer;
  /** sha256 (32 bytes), size (6, big endian) and format (1), in hex. */
  hash: string;
  /** The path of the file in the store: ten folders and a name. */
  identifier: string;
  /** The public name. */
  alias: string;
  /** As in pict-rs, without `created_at`, which the file does not contain. */
  details: { width: number; height: number; frames: number | null; content_type: string; format: object };
}

type Reading =
  | { is: 'image'; image: Image }
  | { is: 'other' }
  | { is: 'too large'; pixels: number }
  | { is: 'broken'; reason: string };

interface ReadingOptions {
  maxMegapixels: number;
  keepMetadata: boolean;
}

export async function readImage(path: Buffer, options: ReadingOptions): Promise<Reading> {
  const bytes = await readIfImage(path);
  if (!bytes) return { is: 'other' };
  try {
    // The header is read without a limit of pixels, so that a large picture is not taken for a broken one.
    const header = await sharp(bytes, { limitInputPixels: false }).metadata();
    const { format: container, pages = 1, orientation = 1 } = header;
    const frames = container === 'png' ? framesOfPng(bytes) : pages;
    const format = formatOf(container, frames > 1);
    const strip = STRIP[container];
    if (!format || !strip) return { is: 'other' };
    const pixels = header.width * header.height;
    const limitInputPixels = options.maxMegapixels * 1_000_000;
    if (pixels > limitInputPixels) return { is: 'too large', pixels };
    // A file that was cut off has a valid header. So it is decoded, into something small.
    await sharp(bytes, { failOn: 'truncated', limitInputPixels }).resize({ width: 16 }).raw().toBuffer();
    // Done even if its result is not used: it finds a file that was cut off after its first frame.
    const stripped = strip(bytes, orientation);
    const stored = options.keepMetadata ? bytes : stripped;
    const details = {
      // Of the upright picture, as browsers show it.
      width: header.autoOrient.width,
      height: header.autoOrient.height,
      frames: frames > 1 ? frames : null,
      content_type: `image/${format.name}`,
      format: { [format.kind]: format.name },
    };
    return { is: 'image', image: { bytes: stored, ...namesOf(stored, format), details } };
  } catch (error) {
    return { is: 'broken', reason: reasonOf(error) };
  }
}

/** libvips has one buffer of messages for all threads, so that the message of this image may be lost. */
function reasonOf(error: unknown): string {
  const [reason] = messageOf(error).split('\n');
  return reason && reason !== 'Unknown error' ? reason : 'cannot be decoded';
}

/**
 * The whole file, or undefined if its first bytes are not those of an image, so that a video is not read to the end.
 */
async function readIfImage(path: Buffer): Promise<Buffer | undefined> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    if (!looksLikeImage(buffer.subarray(0, bytesRead))) return undefined;
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/**
 * pict-rs takes a random identifier and a random alias for each upload. Here both are derived from the content, so that
 * a second run finds the records of the first, and adds no others.
 */
function namesOf(bytes: Buffer, format: Format): { hash: string; identifier: string; alias: string } {
  const sha256 = sha256Of(bytes);
  const hash = sha256 + hex(bytes.length, 6) + hex(format.byte, 1);
  const identifier = `${sha256.slice(0, 20).replace(/../g, '$&/')}${sha256.slice(20, 32)}.${format.name}`;
  return { hash, identifier, alias: `${uuidOf(hash)}.${format.name}` };
}

/**
 * A UUID of version 8 (RFC 9562), from a name by a digest of our choice. It is not the digest of the hash, because a
 * public name should not tell where the file is stored.
 */
function uuidOf(hash: string): string {
  return sha256Of(`alias of ${hash}`).replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5');
}

function sha256Of(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}

function hex(value: number, bytes: number): string {
  return value.toString(16).padStart(2 * bytes, '0');
}
