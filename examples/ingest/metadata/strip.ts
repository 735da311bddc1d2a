import { stripGif } from './gif.js';
import { stripJpeg } from './jpeg.js';
import { stripPng } from './png.js';
import { stripWebp } from './webp.js';

/**
 * Removes metadata from the file: place, time, camera, author, texts, thumbnails. The bytes of the pixels stay as they
 * were, with their colour profile, their frames and their orientation.
 */
export const STRIP: Record<string, (bytes: Buffer, orientation: number) => Buffer> = {
  jpeg: stripJpeg,
  png: stripPng,
  gif: stripGif,
  webp: stripWebp,
};
