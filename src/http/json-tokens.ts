import { Problem } from '../problems.js';

/**
 * The tokens of a JSON text (RFC 8259). Each function takes the position of a token and returns the position after it.
 * The text must be well-formed Unicode.
 */

const MAX_DIGITS = 400;

const TAB = 0x09;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
/** Lower-case letters; `| 0x20` turns an upper-case letter into its lower-case one. */
const E = 0x65;
const F = 0x66;
const T = 0x74;
const U = 0x75;

export function malformed(text: string, at: number): Problem {
  const point = text.codePointAt(at);
  const what =
    point === undefined
      ? 'The JSON ends too early'
      : `Unexpected ${JSON.stringify(String.fromCodePoint(point))}`;
  return new Problem('malformed_json', `${what} at character ${at}.`);
}

/** Up to this many characters, a loop is faster than a pattern. */
const SHORT = 32;
const SPACES = /[ \t\n\r]*/y;
const PLAIN = /[ !#-[\]-\uffff]*/y;

/** The position after what the sticky pattern matches. */
function afterMatch(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  pattern.test(text);
  return pattern.lastIndex;
}

export function afterSpace(text: string, start: number): number {
  for (let at = start; at < start + SHORT; at++) {
    const code = text.charCodeAt(at);
    if (code > SPACE) return at;
    if (code !== SPACE && code !== LINE_FEED && code !== CARRIAGE_RETURN && code !== TAB) return at;
  }
  return afterMatch(SPACES, text, start + SHORT);
}

export function afterName(text: string, at: number): number {
  if (text.charCodeAt(at) !== QUOTE) throw malformed(text, at);
  return afterString(text, at);
}

export function afterColon(text: string, start: number): number {
  const at = afterSpace(text, start);
  if (text.charCodeAt(at) !== COLON) throw malformed(text, at);
  return at + 1;
}

export function afterScalar(text: string, at: number, code: number): number {
  if (code === QUOTE) return afterString(text, at);
  if (code === MINUS || (code >= ZERO && code <= NINE)) return afterNumber(text, at);
  const word = code === T ? 'true' : code === F ? 'false' : 'null';
  if (text.startsWith(word, at)) return at + word.length;
  throw malformed(text, at);
}

function afterString(text: string, start: number): number {
  let at = start + 1;
  for (let plain = 0; ; plain++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) {
      at = afterEscape(text, at);
      plain = 0;
    } else if (!(code >= SPACE)) throw malformed(text, at);
    else if (plain === SHORT) {
      at = afterMatch(PLAIN, text, at);
      plain = 0;
    } else at++;
  }
}

/** The characters that may follow a backslash, besides u. */
const ESCAPED = new Set(['"', '\\', '/', 'b', 'f', 'n', 'r', 't'].map((char) => char.charCodeAt(0)));

function afterEscape(text: string, at: number): number {
  const code = text.charCodeAt(at + 1);
  if (code !== U) {
    if (!ESCAPED.has(code)) throw malformed(text, at + 1);
    return at + 2;
  }
  const unit = codeUnit(text, at + 2);
  if (unit < 0) throw malformed(text, at);
  if (unit !== 0 && (unit < 0xd800 || unit > 0xdfff)) return at + 6;
  // The low surrogate must also be an escape, because the text itself is well-formed Unicode.
  const isHigh = unit >= 0xd800 && unit <= 0xdbff;
  const next = isHigh && text.startsWith('\\u', at + 6) ? codeUnit(text, at + 8) : 0;
  if (next >= 0xdc00 && next <= 0xdfff) return at + 12;
  throw new Problem('invalid_text', `A NUL character or a lone surrogate is at character ${at}.`);
}

/** The value of four hexadecimal digits; negative if they are not digits. */
function codeUnit(text: string, at: number): number {
  let unit = 0;
  for (let end = at; end < at + 4; end++) unit = unit * 16 + hexDigit(text.charCodeAt(end));
  return unit;
}

function hexDigit(code: number): number {
  if (code >= ZERO && code <= NINE) return code - ZERO;
  // To lower case.
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : Number.NEGATIVE_INFINITY;
}

function afterNumber(text: string, start: number): number {
  const whole = text.charCodeAt(start) === MINUS ? start + 1 : start;
  let at = afterDigits(text, whole);
  // A leading zero is not allowed.
  if (at - whole > 1 && text.charCodeAt(whole) === ZERO) throw malformed(text, whole + 1);
  const wholeDigits = at - whole;
  const next = text.charCodeAt(at);
  // Most numbers are short integers.
  if (next !== DOT && (next | 0x20) !== E && wholeDigits <= MAX_DIGITS) return at;
  let fractionDigits = 0;
  if (next === DOT) {
    const fraction = at + 1;
    at = afterDigits(text, fraction);
    fractionDigits = at - fraction;
  }
  let exponent = 0;
  if ((text.charCodeAt(at) | 0x20) === E) {
    const sign = text.charCodeAt(at + 1);
    const digits = sign === PLUS || sign === MINUS ? at + 2 : at + 1;
    const end = afterDigits(text, digits);
    exponent = Number(text.slice(at + 1, end));
    at = end;
  }
  const needed = Math.max(wholeDigits + exponent, 1) + Math.max(fractionDigits - exponent, 0);
  if (needed <= MAX_DIGITS) return at;
  throw new Problem('number_out_of_range', `The number at character ${start} needs ${needed} digits.`);
}

/** The position after one or more digits. */
function afterDigits(text: string, start: number): number {
  let at = start;
  for (let code = text.charCodeAt(at); code >= ZERO && code <= NINE; ) code = text.charCodeAt(++at);
  if (at === start) throw malformed(text, at);
  return at;
}
