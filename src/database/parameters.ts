import { fromPostgres } from '../timestamp.js';

/**
 * How parameters become text, and what comes back is read. A statement whose prepared form is gone from the
 * server (a pooler that gave another session, tables that a newer version has just changed) is sent again by the
 * driver, and what had become text then goes through here once more. The driver's own bytea would be hex of hex,
 * and its own true be false (test/driver.test.ts shows it). Its own timestamp is a Date, without microseconds.
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
    parse: (text: string): Buffer => Buffer.from(text.slice(2), 'hex'),
  },
  timestamptz: {
    to: 1184,
    from: [1184],
    serialize: (value: string): string => value,
    parse: fromPostgres,
  },
  'smallint[]': arrayType(1005),
  'integer[]': arrayType(1007),
  'text[]': arrayType(1009),
  'float8[]': arrayType(1022),
  'uuid[]': arrayType(2951, (uuid) => String(uuid)),
};

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

type Element = string | number | null;

/** See "Array Input and Output Syntax" in PostgreSQL's manual: what is in quotes stands for itself. */
function elementText(element: Element): string {
  if (element === null) return 'null';
  if (typeof element === 'number') return String(element);
  const isPlain = !element.includes('"') && !element.includes('\\');
  return isPlain ? `"${element}"` : `"${element.replace(/["\\]/g, '\\$&')}"`;
}
