/**
 * How parameters become text, and what comes back is read. A statement whose prepared form is gone from the
 * server (a pooler that gave another session, tables that a newer version has just changed) is sent again by the
 * driver, and what had become text then goes through here once more. The driver's own bytea would be hex of hex,
 * and its own true be false (test/driver.test.ts shows it). What a setting can give another form has a parser that
 * knows all forms, or refuses.
 */
export const PARAMETER_TYPES = {
  boolean: {
    to: 16,
    from: [16],
    serialize: (value: unknown): string => (value === true || value === 't' ? 't' : 'f'),
    parse: (text: string): boolean => text === 't',
  },
  bytea: {
    to: 17,
    from: [17],
    serialize: (value: Uint8Array | string): string =>
      typeof value === 'string' ? value : `\\x${Buffer.from(value).toString('hex')}`,
    parse: parseBytes,
  },
  timestamptz: {
    to: 1184,
    from: [1184],
    serialize: (value: string): string => value,
    // DateStyle and TimeZone decide about its form.
    parse: (text: string): never => {
      throw new TypeError(`A time was read in the form that the session is set to: ${text}. Use utcText().`);
    },
  },
  float: {
    to: 701,
    from: [700, 701],
    serialize: String,
    // extra_float_digits decides about how much of it comes.
    parse: (text: string): never => {
      throw new TypeError(`A floating-point number was read: ${text}. Cast it to numeric.`);
    },
  },
  /** Counts, and figures with a fraction; what may exceed a number is cast to text. */
  number: {
    to: 1700,
    from: [20, 1700],
    serialize: String,
    parse: Number,
  },
  'smallint[]': arrayType(1005),
  'integer[]': arrayType(1007),
  'text[]': arrayType(1009),
  'float8[]': arrayType(1022),
  'uuid[]': arrayType(2951, (uuid) => String(uuid)),
};

/** As bytea_output says: hex, or escape, where a backslash begins three octal digits or another backslash. */
function parseBytes(text: string): Buffer {
  if (text.startsWith('\\x')) return Buffer.from(text.slice(2), 'hex');
  const plain = text.replace(/\\(\\|[0-7]{3})/g, (_, code) =>
    code === '\\' ? code : String.fromCharCode(Number.parseInt(code, 8)),
  );
  return Buffer.from(plain, 'latin1');
}

/**
 * The driver would ask the server for its array types, on each connection before the first statement, and nobody
 * awaits that question: it ends as an unhandled rejection where the connection is lost meanwhile. We send these,
 * and read none. (Unasked, its reserve() waits forever on a fresh connection; begin() does not.)
 */
function arrayType(oid: number, textOf = elementText) {
  return {
    to: oid,
    from: [],
    serialize: (value: readonly Element[] | string): string =>
      typeof value === 'string' ? value : `{${value.map(textOf).join()}}`,
    parse: (text: string): string => text,
  };
}

type Element = string | number;

/**
 * See "Array Input and Output Syntax" in PostgreSQL's manual: what is in quotes stands for itself. There is no null:
 * with array_nulls = off it would be read as the text "null".
 */
function elementText(element: Element): string {
  if (element === null)
    throw new TypeError('An array holds null. Send a value that stands for it (column.ts).');
  if (typeof element === 'number') return String(element);
  const isPlain = !element.includes('"') && !element.includes('\\');
  return isPlain ? `"${element}"` : `"${element.replace(/["\\]/g, '\\$&')}"`;
}
