/**
 * How parameters are written as text, and how results are read. If a prepared statement is gone from the server (behind
 * a pooler, or after a migration), the driver sends it again, and serializes its parameters a second time, although
 * they are text by then. The driver's own types would turn bytea into hex of hex, and true into false. These types
 * accept their own text and leave it as it is. They can go when "driver: sends a statement again whose prepared form is
 * gone …" fails (test/database/driver.test.ts).
 *
 * A type whose text depends on a setting of the session has a parser that reads all forms, or refuses.
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
    // Its text depends on DateStyle and TimeZone.
    parse: (text: string): never => {
      throw new TypeError(`A time was read in the form that the session is set to: ${text}. Use utcText().`);
    },
  },
  float: {
    to: 701,
    from: [700, 701],
    serialize: String,
    // Its digits depend on extra_float_digits.
    parse: (text: string): never => {
      throw new TypeError(`A floating-point number was read: ${text}. Cast it to numeric.`);
    },
  },
  /** Counts and fractions. Statements cast to text what may be too large for a number. */
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

/** Reads both forms of bytea_output: hex, and escape, which writes bytes as \nnn (octal) and a backslash as \\. */
function parseBytes(text: string): Buffer {
  if (text.startsWith('\\x')) return Buffer.from(text.slice(2), 'hex');
  const plain = text.replace(/\\(\\|[0-7]{3})/g, (_, code) =>
    code === '\\' ? code : String.fromCharCode(Number.parseInt(code, 8)),
  );
  return Buffer.from(plain, 'latin1');
}

/**
 * An array type that is sent, and not read. With `fetch_types` the driver would ask the server for all of them on each
 * connection, and not await the answer: if the connection is lost meanwhile, that is an unhandled rejection. These can
 * go when "driver: asks for types at each connection …" fails (test/database/driver.test.ts). Without `fetch_types` do
 * not use the driver's reserve(), which then waits forever on a new connection; begin() does not.
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
 * Writes text in quotes, see "Array Input and Output Syntax" in PostgreSQL's manual. Null is refused, because a server
 * with array_nulls = off reads it as the text "null".
 */
function elementText(element: Element): string {
  if (element === null)
    throw new TypeError('An array holds null. Send a value that stands for it (column.ts).');
  if (typeof element === 'number') return String(element);
  const isPlain = !element.includes('"') && !element.includes('\\');
  return isPlain ? `"${element}"` : `"${element.replace(/["\\]/g, '\\$&')}"`;
}
