import { readFileSync } from 'node:fs';

/** Editors on Windows begin a text in UTF-8 with it. */
const BOM = '\ufeff';

export function withoutBom(text: string): string {
  return text.startsWith(BOM) ? text.slice(BOM.length) : text;
}

/**
 * Reads a file in UTF-8, without its byte order mark.
 *
 * @throws Error that shows nothing of its content
 */
export function readTextFile(file: string): string {
  const bytes = readFileSync(file);
  if ([0xfffe, 0xfeff].includes(bytes.length < 2 ? 0 : bytes.readUInt16BE())) {
    throw new Error(`must be in UTF-8: ${file} is in UTF-16`);
  }
  return withoutBom(bytes.toString());
}
