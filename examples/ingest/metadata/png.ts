import { crc32 } from 'node:zlib';
import { CutShort } from './cut-short.js';
import { orientationOnly } from './orientation.js';

/** Chunks that change how the picture looks, or how it moves. */
const KEPT = new Set(
  ('IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP mDCV cLLI sBIT bKGD pHYs ' + 'acTL fcTL fdAT').split(
    ' ',
  ),
);

export function stripPng(bytes: Buffer, orientation: number): Buffer {
  const kept = [bytes.subarray(0, 8)];
  let isTurned = orientation > 1;
  for (let at = 8; at < bytes.length; ) {
    if (at + 12 > bytes.length) throw new CutShort();
    const end = at + 12 + bytes.readUInt32BE(at);
    if (end > bytes.length) throw new CutShort();
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (KEPT.has(type)) {
      kept.push(bytes.subarray(at, end));
    } else if (isTurned && type === 'eXIf') {
      kept.push(chunk(type, orientationOnly(orientation)));
      isTurned = false;
    }
    if (type === 'IEND') break;
    at = end;
  }
  return Buffer.concat(kept);
}

function chunk(type: string, content: Buffer): Buffer {
  const whole = Buffer.concat([Buffer.alloc(4), Buffer.from(type, 'latin1'), content, Buffer.alloc(4)]);
  whole.writeUInt32BE(content.length, 0);
  whole.writeUInt32BE(crc32(whole.subarray(4, -4)), whole.length - 4);
  return whole;
}
