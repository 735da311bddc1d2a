import { stripGif } from './gif.js';
import { stripJpeg } from './jpeg.js';
import { stripPng } from './png.js';
import { stripWebp } from './webp.js';

/**
 * The file without what it tells beside its picture: place, time, camera, author, texts, thumbnails. The pixels
 * stay the bytes that they were, with their colour profile, their frames and how they are to be turned.
 */
export const STRIP: Record<string, (bytes: Buffer, orientation: number) => Buffer> = {
  jpeg: stripJpeg,
  png: stripPng,
  gif: stripGif,
  webp: stripWebp,
};
