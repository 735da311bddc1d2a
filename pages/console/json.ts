/** JSON of clients: jobs, results and details. It is shown as it was stored, as far as that can be. */

declare global {
  interface JSON {
    /** Not in every browser: a value that is printed as this text. */
    rawJSON?: (text: string) => unknown;
  }
}

/** Such as the ids of other systems, which a number of JavaScript does not hold exactly. */
const LONG_INTEGER = /^-?\d{16,}$/;
const HAS_LONG_INTEGER = /\d{16}/;
/** They would change the order or the look of what is shown after them. */
const INVISIBLE = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Reads JSON. An integer that would be rounded is printed again as it was, by `jsonText`. */
export function parseJson<T>(text: string): T {
  if (!JSON.rawJSON || !HAS_LONG_INTEGER.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value, { source = '' }: { source?: string } = {}) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && LONG_INTEGER.test(source)
      ? JSON.rawJSON?.(source)
      : value,
  );
}

/** Prints JSON for people: characters that are not seen are escaped. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    INVISIBLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
