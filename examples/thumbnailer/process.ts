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
  // To a shape, as in 16x9, from the middle.
  crop: (image, value, { width, height }) => {
    const [across = Number.NaN, down = Number.NaN] = value.split('x').map((part) => numberOf(part));
    const scale = Math.min(width / across, height / down);
    const size = { width: Math.floor(across * scale), height: Math.floor(down * scale) };
    return image.resize({ ...size, fit: 'cover' });
  },
  blur: (image, value) => image.blur(numberOf(value)),
};

/** The first frame of the original, turned upright, through the steps and into the format that is asked for. */
export async function processImage(original: Buffer, generate: Generate): Promise<Variant> {
  const target = TARGETS[generate.target_format];
  if (!target) throw hopeless(`This worker writes no ${generate.target_format}.`);
  try {
    let bytes: Buffer = await sharp(original, { failOn: 'truncated' })
      .autoOrient()
      .png({ compressionLevel: 0 })
      .toBuffer();
    for (const argument of generate.process_args) bytes = await step(bytes, argument);
    const { data, info } = await sharp(bytes).toFormat(target).toBuffer({ resolveWithObject: true });
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
    // What cannot be decoded or made once, cannot be the next time.
    throw hopeless(error instanceof Error ? error.message : String(error), error);
  }
}

async function step(bytes: Buffer, argument: string): Promise<Buffer> {
  const [name = '', value = ''] = argument.split('=');
  const take = STEPS[name];
  if (!take) throw new Error(`This worker does not know how to ${argument}.`);
  const { width, height } = await sharp(bytes).metadata();
  return await take(sharp(bytes), value, { width, height }).png({ compressionLevel: 0 }).toBuffer();
}

function inside(image: Sharp, value: string): Sharp {
  const size = Math.round(numberOf(value));
  return image.resize({ width: size, height: size, fit: 'inside', withoutEnlargement: true });
}

function numberOf(value: string): number {
  const number = Number(value);
  if (value === '' || !(number > 0 && number < 20_000)) throw new Error(`${value} is no size.`);
  return number;
}
