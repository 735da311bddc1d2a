import { CutShort } from './cut-short.js';
import { orientationOnly } from './orientation.js';

const SCAN = 0xda;
const END = 0xd9;

/** Application segments that change how the picture looks: its size in print, its colours. */
const KEPT: Record<number, string> = { 224: 'JFIF\0', 226: 'ICC_PROFILE\0', 238: 'Adobe' };

/** Also removes what follows the picture: a video, or a second picture with its own metadata. */
export function stripJpeg(bytes: Buffer, orientation: number): Buffer {
  const kept = [bytes.subarray(0, 2)];
  let isTurned = orientation > 1;
  let isScan = false;
  let at = 2;
  while (at < bytes.length) {
    const marker = nextMarker(bytes, at);
    if (isScan) kept.push(bytes.subarray(at, marker));
    if (marker + 1 >= bytes.length) break;
    const code = bytes.readUInt8(marker + 1);
    if (code === END) {
      kept.push(bytes.subarray(marker, marker + 2));
      break;
    }
    if (marker + 4 > bytes.length) throw new CutShort();
    const end = marker + 2 + bytes.readUInt16BE(marker + 2);
    if (end > bytes.length) throw new CutShort();
    const content = bytes.subarray(marker + 4, end);
    if (isKept(code, content)) {
      kept.push(bytes.subarray(marker, end));
    } else if (isTurned && code === 0xe1 && startsWith(content, EXIF)) {
      kept.push(segment(0xe1, EXIF, orientationOnly(orientation)));
      isTurned = false;
    }
    isScan ||= code === SCAN;
    at = end;
  }
  return Buffer.concat(kept);
}

const EXIF = 'Exif\0\0';

function isKept(code: number, content: Buffer): boolean {
  const isComment = code === 0xfe;
  const isForApplications = code >= 0xe0 && code <= 0xef;
  if (!isForApplications) return !isComment;
  const kept = KEPT[code];
  return kept !== undefined && startsWith(content, kept);
}

function startsWith(content: Buffer, text: string): boolean {
  return content.toString('latin1', 0, text.length) === text;
}

function segment(code: number, name: string, content: Buffer): Buffer {
  const head = Buffer.from([0xff, code, 0, 0]);
  head.writeUInt16BE(2 + name.length + content.length, 2);
  return Buffer.concat([head, Buffer.from(name, 'latin1'), content]);
}

/** Skips pixels, in which ff is followed by 00 or a restart marker, and ff as padding. */
function nextMarker(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const code = bytes[at + 1] ?? 0;
    const isOfPixels = code === 0 || code === 0xff || (code >= 0xd0 && code <= 0xd7);
    if (!isOfPixels) return at;
  }
  return bytes.length;
}
