/** What an option may be. Each check throws at once, with the name of the option and what it may be. */
export type Check = (name: string, value: unknown) => void;

interface Range {
  minimum: number;
  maximum: number;
  /** What it is a number of. */
  unit: string;
}

/** Times of more than a year are mistakes: milliseconds, mostly. */
export const YEAR_SECONDS = 31_536_000;

export function wholeNumber(range: Range): Check {
  return number({ ...range, isWhole: true });
}

export function number({ minimum, maximum, unit, isWhole = false }: Range & { isWhole?: boolean }): Check {
  const kind = `a ${isWhole ? 'whole ' : ''}number of ${unit} from ${minimum} to ${maximum}`;
  return (name, value) => {
    if (typeof value !== 'number') throw new TypeError(fault(name, kind, value));
    const isWithin = value >= minimum && value <= maximum && (!isWhole || Number.isInteger(value));
    if (!isWithin) throw new RangeError(fault(name, kind, value));
  };
}

export const isFunction = kindOf('a function', (value) => typeof value === 'function');

export const isBoolean = kindOf('true or false', (value) => typeof value === 'boolean');

export const isSignal = kindOf(
  'an AbortSignal',
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    'aborted' in value &&
    'addEventListener' in value &&
    typeof value.addEventListener === 'function',
);

/** A name as the service takes it: it stands in paths. */
export const isName = kindOf(
  'a text of 1 to 255 bytes, not "." or "..", without "/", "\\" and control characters',
  (value) =>
    typeof value === 'string' &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those that the service refuses
    /^(?!\.{1,2}$)[^/\\\u0000-\u001f\u007f-\u009f]+$/.test(value) &&
    value.isWellFormed() &&
    new TextEncoder().encode(value).length <= 255,
);

/**
 * Checks the options by a table with all of their names. One that is undefined is not given. A name that is not in the
 * table is a mistake: it would be passed over in silence.
 */
export function checkOptions(of: string, options: unknown, table: { readonly [name: string]: Check }): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(fault(`the options of ${of}`, 'an object', options));
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const check = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!check) {
      throw new TypeError(`${of} has no option ${name}; it has ${Object.keys(table).join(', ')}.`);
    }
    check(name, value);
  }
}

export function kindOf(kind: string, isOfKind: (value: unknown) => boolean, isSecret = false): Check {
  return (name, value) => {
    if (!isOfKind(value)) throw new TypeError(fault(name, kind, isSecret ? undefined : value));
  };
}

/** A value of undefined is not shown. */
function fault(name: string, kind: string, value: unknown): string {
  return `${name} must be ${kind}${value === undefined ? '' : `; it is ${shown(value)}`}.`;
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100));
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return typeof value === 'function' ? 'a function' : String(value);
}
