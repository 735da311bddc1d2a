import { CutShort } from './cut-short.js';

const EXTENSION = 0x21;
const IMAGE = 0x2c;
const TRAILER = 0x3b;

/** Extensions that are kept: the number of repetitions, and the colours. */
const KEPT_APPLICATIONS = ['NETSCAPE2.0', 'ANIMEXTS1.0', 'ICCRGBG1012'];

export function stripGif(bytes: Buffer): Buffer {
  const first = 13 + colours(bytes, 10);
  const kept = [bytes.subarray(0, first)];
  for (let at = first; at < bytes.length; ) {
    const kind = bytes[at];
    if (kind === TRAILER) {
      kept.push(bytes.subarray(at, at + 1));
      break;
    }
    const end = endOf(bytes, at);
    if (kind === IMAGE || (kind === EXTENSION && isKept(bytes, at))) kept.push(bytes.subarray(at, end));
    at = end;
  }
  return Buffer.concat(kept);
}

/** Bytes that are not a block are skipped one by one, as decoders do. */
function endOf(bytes: Buffer, at: number): number {
  if (bytes[at] === EXTENSION) return endOfData(bytes, at + 2);
  if (bytes[at] === IMAGE) return endOfData(bytes, at + 11 + colours(bytes, at + 9));
  return at + 1;
}

/** Sub-blocks, each after its length, up to a length of zero. */
function endOfData(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; ) {
    const length = bytes.readUInt8(at);
    at += 1 + length;
    if (length === 0) return at;
  }
  throw new CutShort();
}

/** The size of the color table that these flags announce, in bytes. */
function colours(bytes: Buffer, at: number): number {
  const flags = bytes[at] ?? 0;
  return flags & 0x80 ? 3 << ((flags & 7) + 1) : 0;
}

function isKept(bytes: Buffer, at: number): boolean {
  const label = bytes[at + 1];
  if (label === 0xff) return KEPT_APPLICATIONS.includes(bytes.toString('latin1', at + 3, at + 14));
  return label === 0xf9;
}
