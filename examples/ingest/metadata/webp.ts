import { CutShort } from './cut-short.js';
import { orientationOnly } from './orientation.js';

const KEPT = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP']);
const HAS_EXIF = 0x08;
const HAS_XMP = 0x04;

export function stripWebp(bytes: Buffer, orientation: number): Buffer {
  const total = 8 + bytes.readUInt32LE(4);
  if (total > bytes.length) throw new CutShort();
  const kept: Buffer[] = [];
  let isTurned = false;
  for (let at = 12; at + 8 <= total; ) {
    const size = bytes.readUInt32LE(at + 4);
    // A chunk of odd length is followed by a padding byte.
    const end = at + 8 + size + (size % 2);
    if (end > total) throw new CutShort();
    const type = bytes.toString('latin1', at, at + 4);
    if (KEPT.has(type)) {
      kept.push(Buffer.from(bytes.subarray(at, end)));
    } else if (type === 'EXIF' && orientation > 1 && !isTurned) {
      kept.push(chunk(type, orientationOnly(orientation)));
      isTurned = true;
    }
    at = end;
  }
  // The first chunk of an extended file has a flag for each kind of other chunk.
  const [first] = kept;
  if (first?.toString('latin1', 0, 4) === 'VP8X') {
    const flags = first.readUInt8(8) & ~(HAS_EXIF | HAS_XMP);
    first.writeUInt8(isTurned ? flags | HAS_EXIF : flags, 8);
  }
  const content = Buffer.concat([Buffer.from('WEBP'), ...kept]);
  return chunk('RIFF', content);
}

/** For contents of even length. */
function chunk(type: string, content: Buffer): Buffer {
  const head = Buffer.from(`${type}\0\0\0\0`, 'latin1');
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content]);
}
