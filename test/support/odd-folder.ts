import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { animatedPng, truncatedJpeg } from './images.js';
import * as odd from './odd-images.js';

/** A folder of pictures as people have them. A name is bytes where it is not UTF-8. */
export type Files = [name: string | Buffer, bytes: Buffer][];

/** Each image, with its size upright, by which it is found again, and that of its thumbnail. */
export const IMAGES: [name: string | Buffer, bytes: Buffer, upright: string, thumbnail: string][] = [
  ['on its side.jpg', await odd.photo('jpeg', 400, 300, 6), '300x400', '192x256'],
  ['on its side.png', await odd.photo('png', 40, 31, 8), '31x40', '31x40'],
  ['on its side.webp', await odd.photo('webp', 40, 32, 5), '32x40', '32x40'],
  ['upside down.jpg', await odd.photo('jpeg', 40, 33, 3), '40x33', '40x33'],
  ['with a film.jpg', await odd.motionPhoto(40, 34), '40x34', '40x34'],
  ['with text.png', await odd.pngWithText(40, 35), '40x35', '40x35'],
  ['cmyk.jpg', await odd.cmyk(40, 36), '40x36', '40x36'],
  ['16 bit.png', await odd.sixteenBit(40, 37), '40x37', '40x37'],
  ['moving.gif', await odd.moving('gif', 40, 38), '40x38', '40x38'],
  ['moving.webp', await odd.moving('webp', 40, 39), '40x39', '40x39'],
  ['moving.png', await animatedPng(2), '40x30', '40x30'],
  ['transparent.png', await odd.transparent(40, 40), '40x40', '40x40'],
  ['one pixel.png', await odd.plainPng(1, 1), '1x1', '1x1'],
  ['a line.png', await odd.plainPng(2000, 1), '2000x1', '256x1'],
  ['no image by name.txt', await odd.plainPng(41, 1), '41x1', '41x1'],
  ['new\nline.png', await odd.plainPng(41, 2), '41x2', '41x2'],
  ['\x1b[2Jescape.png', await odd.plainPng(41, 3), '41x3', '41x3'],
  ['-rf "quoted" \\ .png', await odd.plainPng(41, 4), '41x4', '41x4'],
  ['\u202egnp.turned.png', await odd.plainPng(41, 5), '41x5', '41x5'],
  [`${'é'.repeat(125)}.png`, await odd.plainPng(41, 6), '41x6', '41x6'],
  [cafe('bild ä.png'), await odd.plainPng(41, 7), '41x7', '41x7'],
];

/** macOS takes no name that is not UTF-8. */
function cafe(within: string): string | Buffer {
  const name = `café/${within}`;
  return process.platform === 'darwin' ? name : latin1(name);
}

const png = await odd.plainPng(5, 5);
const gif = await odd.moving('gif', 50, 50);

const OTHERS: Files = [
  ['notes.txt', Buffer.from('text')],
  ['empty.jpg', Buffer.alloc(0)],
  ['telephone.heic', latin1('\0\0\0\x18ftypheic')],
];

const LEFT_OUT: Files = [
  ['.hidden.jpg', png],
  ['._16 bit.png', png],
  ['.thumbnails/a.png', png],
  ['albums/@eaDir/a.png', png],
  ['lost+found/a.png', png],
  ['store of before/.pict-repo-store', Buffer.alloc(0)],
  ['store of before/a.png', png],
];

const LINKS = { 'albums/round': '..', 'nowhere.png': 'nowhere', 'link.png': 'huge.png' };

const NOT_TAKEN: Files = [
  ['huge.png', await odd.headerOfPng(20_000, 14_000)],
  ['half\x1b.jpg', await truncatedJpeg()],
  ['half.png', (await odd.photo('png', 40, 30)).subarray(0, -80)],
  ['second frame cut.gif', gif.subarray(0, -40)],
  [cafe('no pixels.png'), await odd.headerOfPng(50, 51)],
];

/** What a report says of them, below its table. */
export const REPORT = [
  /^images +21$/,
  /^duplicates +1$/,
  /^other files +3$/,
  // Two files and four folders, three links; in a second run the store, too.
  /^left out +(9|10)$/,
  /^too large +1$/,
  /^ {2}"huge\.png": 280 megapixels$/,
  /^broken +4$/,
  /^ {2}"caf(?:\\xe9|é)\/no pixels\.png": [ -~]+$/,
  /^ {2}"half\.png": [ -~]+$/,
  /^ {2}"half\\u001b\.jpg": [ -~]+$/,
  /^ {2}"second frame cut\.gif": the file ends too early$/,
  /^failed +0$/,
];

export async function makeOddFolder(folder: string): Promise<void> {
  await writeFiles(folder, [...OTHERS, ...LEFT_OUT, ...NOT_TAKEN]);
  for (const [name, bytes] of IMAGES) await writeFiles(folder, [[name, bytes]]);
  await writeFiles(folder, [['albums/the same again.jpg', IMAGES[0]?.[1] ?? png]]);
  for (const [name, target] of Object.entries(LINKS)) await symlink(target, join(folder, name));
}

/** Folders are made as they are needed. */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [name, bytes] of files) {
    const path = latin1(join(Buffer.from(folder).toString('latin1'), Buffer.from(name).toString('latin1')));
    await mkdir(latin1(dirname(path.toString('latin1'))), { recursive: true });
    await writeFile(path, bytes);
  }
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
