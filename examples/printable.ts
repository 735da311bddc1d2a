/**
 * Makes foreign text safe for a report or a log: characters that begin a line, control the terminal or change the
 * direction of writing are shown as escapes.
 */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const hex = (character.codePointAt(0) ?? 0).toString(16);
    return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
  });
}

/** A name in quotation marks. Bytes that are not UTF-8 are shown as such, as in "caf\xe9". */
export function quoted(name: string | Buffer): string {
  const parts = Buffer.from(name).toString('latin1').split('/');
  return `"${parts.map((part) => escapedPart(Buffer.from(part, 'latin1'))).join('/')}"`;
}

function escapedPart(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (Buffer.from(text).equals(bytes)) return printable(withoutQuotes(text));
  return withoutQuotes(bytes.toString('latin1')).replace(
    /[^ -~]/g,
    (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

function withoutQuotes(text: string): string {
  return text.replace(/["\\]/g, '\\$&');
}
