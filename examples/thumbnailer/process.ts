import sharp, { type Sharp } from 'sharp';
import { type Generate, hopeless } from './generate.js';

export interface Variant {
  bytes: Buffer;
  extension: string;
  /** As pict-rs has them. */
  details: Record<string, unknown>;
}

type Target = 'avif' | 'jpeg' | 'png' | 'webp';

const TARGETS: Record<string, Target> = { avif: 'avif', jpeg: 'jpeg', jpg: 'jpeg', png: 'png', webp: 'webp' };

type Size = { width: number; height: number };
type Step = (image: Sharp, value: string, size: Size) => Sharp;

/** The processors of pict-rs, by the names that `process_args` has for them. Nothing is made larger. */
const STEPS: Record<string, Step> = {
  identity: (image) => image,
  thumbnail: inside,
  resize: inside,
  // To an aspect ratio, as in 16x9, around the middle.
  crop: (image, value, { width, height }) => {
    const [across = Number.NaN, down = Number.NaN] = value.split('x').map((part) => numberOf(part));
    const scale = Math.min(width / across, height / down);
    return image.resize({ width: pixels(across * scale), height: pixels(down * scale), fit: 'cover' });
  },
  blur: (image, value) => image.blur(numberOf(value)),
};

/** Turns the first frame of the original upright, applies the steps, and converts it to the requested format. */
export async function processImage(
  original: Buffer,
  generate: Generate,
  maxMegapixels: number,
): Promise<Variant> {
  const target = TARGETS[generate.target_format];
  if (!target) throw hopeless(`This worker writes no ${generate.target_format}.`);
  try {
    await checkSize(original, maxMegapixels);
    let bytes: Buffer = await sharp(original, { failOn: 'truncated', limitInputPixels: false })
      .autoOrient()
      .png({ compressionLevel: 0 })
      .toBuffer();
    for (const argument of generate.process_args) bytes = await step(bytes, argument);
    const image = sharp(bytes, { limitInputPixels: false });
    // JPEG has no transparency: transparent pixels would become black.
    if (target === 'jpeg') image.flatten({ background: 'white' });
    const { data, info } = await image.toFormat(target).toBuffer({ resolveWithObject: true });
    const details = {
      width: info.width,
      height: info.height,
      frames: null,
      content_type: `image/${target}`,
      created_at: new Date().toISOString(),
      format: { Image: target },
    };
    return { bytes: data, extension: target, details };
  } catch (error) {
    // If it cannot be decoded or made now, it cannot be made by a retry.
    throw hopeless(error instanceof Error ? error.message : String(error), error);
  }
}

async function checkSize(original: Buffer, maxMegapixels: number): Promise<void> {
  const { width, height } = await sharp(original, { limitInputPixels: false }).metadata();
  const megapixels = (width * height) / 1_000_000;
  if (megapixels <= maxMegapixels) return;
  throw new Error(`It has ${Math.ceil(megapixels)} megapixels, above --max-megapixels ${maxMegapixels}.`);
}

async function step(bytes: Buffer, argument: string): Promise<Buffer> {
  const [name = '', value = ''] = argument.split('=');
  const take = STEPS[name];
  if (!take) throw new Error(`This worker does not know how to ${argument}.`);
  const image = sharp(bytes, { limitInputPixels: false });
  const { width, height } = await image.metadata();
  return await take(image, value, { width, height }).png({ compressionLevel: 0 }).toBuffer();
}

function inside(image: Sharp, value: string): Sharp {
  const size = pixels(numberOf(value));
  return image.resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true });
}

/** At least one pixel. */
function pixels(length: number): number {
  return Math.max(1, Math.round(length));
}

function numberOf(value: string): number {
  const number = Number(value);
  if (value === '' || !(number > 0 && number < 20_000)) throw new Error(`${value} is no size.`);
  return number;
}
