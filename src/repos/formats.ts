/** The formats of contents, in the order of pict-rs: the last of the 39 bytes of its hashes counts them. */
export const FORMATS = [
  'apng',
  'animated avif',
  'gif',
  'animated webp',
  'avif',
  'jpeg',
  'jxl',
  'png',
  'webp',
  'mp4',
  'webm',
] as const;

/** The format of a content whose hash tells none. */
export const UNKNOWN = 'unknown';

export type Format = (typeof FORMATS)[number] | typeof UNKNOWN;
