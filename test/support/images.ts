import { crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

const WIDTH = 40;
const HEIGHT = 30;

/** A real image of 40 × 30 in one colour, by its container. */
export function still(container: 'jpeg' | 'png' | 'webp' | 'gif', colour: string): Promise<Buffer> {
  return plain(colour).toFormat(container).toBuffer();
}

/** Three frames of 40 × 30. */
export async function animated(container: 'gif' | 'webp'): Promise<Buffer> {
  const frames = await Promise.all(['red', 'lime', 'blue'].map((colour) => plain(colour).png().toBuffer()));
  return sharp(frames, { join: { animated: true } })
    .toFormat(container)
    .toBuffer();
}

/** A PNG that says of itself that it has so many frames; sharp writes none that have. */
export async function animatedPng(frames: number): Promise<Buffer> {
  const png = await still('png', 'purple');
  const chunk = Buffer.alloc(20);
  chunk.writeUInt32BE(8, 0);
  chunk.write('acTL', 4, 'latin1');
  chunk.writeUInt32BE(frames, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 16)), 16);
  const afterHeader = 8 + 25;
  return Buffer.concat([png.subarray(0, afterHeader), chunk, png.subarray(afterHeader)]);
}

/** A photograph whose second half is missing: its header is whole. */
export async function truncatedJpeg(): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  const whole = await sharp({ create: { width: 200, height: 200, channels: 3, background: 'grey', noise } })
    .jpeg()
    .toBuffer();
  return whole.subarray(0, whole.length / 2);
}

function plain(colour: string): Sharp {
  return sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: colour } });
}
