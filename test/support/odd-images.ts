import { crc32 } from 'node:zlib';
import sharp from 'sharp';

/** What no stored file may tell. */
export const SECRET = 'taken at home';

type Container = 'jpeg' | 'png' | 'webp';

/** Half red, half blue, with the place in its EXIF and XMP, to be turned as EXIF says. */
export async function photo(container: Container, width: number, height: number, orientation = 1) {
  const left = { create: { width: Math.ceil(width / 2), height, channels: 3, background: 'red' } } as const;
  return await sharp({ create: { ...left.create, width, background: 'blue' } })
    .composite([{ input: left, gravity: 'west' }])
    .withExif({ IFD0: { ImageDescription: SECRET }, IFD3: { GPSLatitude: '52/1 30/1 0/1' } })
    .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/">${SECRET}</x:xmpmeta>`)
    .withMetadata({ orientation })
    .toFormat(container)
    .toBuffer();
}

/** With a film behind it, as telephones make them. */
export async function motionPhoto(width: number, height: number): Promise<Buffer> {
  return Buffer.concat([await photo('jpeg', width, height), Buffer.from(`film ${SECRET}`)]);
}

/** Nothing but transparency. */
export function transparent(width: number, height: number): Promise<Buffer> {
  const background = { r: 0, g: 0, b: 0, alpha: 0 };
  return sharp({ create: { width, height, channels: 4, background } })
    .png()
    .toBuffer();
}

export function cmyk(width: number, height: number): Promise<Buffer> {
  return plain(width, height).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
}

export function sixteenBit(width: number, height: number): Promise<Buffer> {
  return plain(width, height).toColourspace('rgb16').png().toBuffer();
}

export function plainPng(width: number, height: number): Promise<Buffer> {
  return plain(width, height).png().toBuffer();
}

/** Two frames, with a place in what the format has for comments. */
export async function moving(container: 'gif' | 'webp', width: number, height: number): Promise<Buffer> {
  const frames = await Promise.all(
    [plain(width, height, 'red'), plain(width, height)].map((frame) => frame.png().toBuffer()),
  );
  const image = sharp(frames, { join: { animated: true } }).withXmp(`<x>${SECRET}</x>`);
  const bytes = await image.toFormat(container).toBuffer();
  if (container === 'webp') return bytes;
  const comment = Buffer.from(`\x21\xfe${String.fromCharCode(SECRET.length)}${SECRET}\0`, 'latin1');
  return Buffer.concat([bytes.subarray(0, -1), comment, bytes.subarray(-1)]);
}

export async function pngWithText(width: number, height: number): Promise<Buffer> {
  const png = await photo('png', width, height);
  const text = chunk('tEXt', Buffer.from(`Comment\0${SECRET}`, 'latin1'));
  // Behind the header, which always has this length.
  return Buffer.concat([png.subarray(0, 33), text, png.subarray(33)]);
}

/** Says of itself that it is so large, and has no pixels. */
export async function headerOfPng(width: number, height: number): Promise<Buffer> {
  const png = await plainPng(8, 8);
  const header = Buffer.from(png.subarray(16, 29));
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return Buffer.concat([png.subarray(0, 8), chunk('IHDR', header), png.subarray(33)]);
}

function chunk(type: string, content: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const whole = Buffer.concat([Buffer.alloc(4), typed, Buffer.alloc(4)]);
  whole.writeUInt32BE(content.length, 0);
  whole.writeUInt32BE(crc32(typed), whole.length - 4);
  return whole;
}

function plain(width: number, height: number, background = 'lime') {
  return sharp({ create: { width, height, channels: 3, background } });
}
