/** How pict-rs names a format: in details, in file names, and with the last byte of a hash. */
export interface Format {
  kind: 'Image' | 'Animation';
  name: string;
  byte: number;
}

const STILL: Record<string, Format> = {
  jpeg: { kind: 'Image', name: 'jpeg', byte: 5 },
  png: { kind: 'Image', name: 'png', byte: 7 },
  webp: { kind: 'Image', name: 'webp', byte: 8 },
  // For pict-rs a GIF is an animation even with a single frame.
  gif: { kind: 'Animation', name: 'gif', byte: 2 },
};

const ANIMATED: Record<string, Format> = {
  png: { kind: 'Animation', name: 'apng', byte: 0 },
  gif: { kind: 'Animation', name: 'gif', byte: 2 },
  webp: { kind: 'Animation', name: 'webp', byte: 3 },
};

export function formatOf(container: string, animated: boolean): Format | undefined {
  return (animated ? ANIMATED : STILL)[container];
}

/** The number of first bytes that `looksLikeImage` needs. */
export const HEAD_BYTES = 12;

/** Recognised by the first bytes of a file, because names are often wrong. */
export function looksLikeImage(head: Buffer): boolean {
  const text = head.toString('latin1');
  return (
    ['\xff\xd8\xff', '\x89PNG\r\n', 'GIF87a', 'GIF89a'].some((signature) => text.startsWith(signature)) ||
    (text.startsWith('RIFF') && text.endsWith('WEBP'))
  );
}

/** sharp takes an animated PNG for a still one. It is recognised by its `acTL` chunk, before the pixels. */
export function framesOfPng(png: Buffer): number {
  for (let at = 8; at + 12 <= png.length; at += 12 + png.readUInt32BE(at)) {
    const chunk = png.toString('latin1', at + 4, at + 8);
    if (chunk === 'acTL') return png.readUInt32BE(at + 8);
    if (chunk === 'IDAT') break;
  }
  return 1;
}
