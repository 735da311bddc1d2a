import { Problem } from '../problems.js';

const DEEPEST = 256;
const MOST_DIGITS = 400;
const NUMBER = /-?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?/y;

/**
 * Refuses a JSON text that could be stored, but would break a later cast to jsonb or swell on the way out:
 * deep nesting, numbers like 1e131071, and what PostgreSQL's text cannot hold. It looks at the raw text,
 * because parsed numbers and keys no longer show what was sent. Malformed JSON is left for the parser.
 *
 * @throws Problem 400 `json_too_deep`, `number_out_of_range` or `invalid_text`
 */
export function checkJsonText(json: string): void {
  const strings = new Strings(json);
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const char = json[at];
    if (char === '"') at = strings.end(at);
    else if (char === '[' || char === '{') {
      if (++depth > DEEPEST) {
        throw new Problem('json_too_deep', `The nesting exceeds ${DEEPEST} levels at character ${at}.`);
      }
    } else if (char === ']' || char === '}') depth--;
    else if (isDigit(char)) at = endOfNumber(json, at);
  }
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}

/** Where the strings in a JSON text end. One without an escape, as most are, is passed over in one step. */
class Strings {
  readonly #json: string;
  /** The next backslash. */
  #escape: number;

  constructor(json: string) {
    this.#json = json;
    this.#escape = next('\\', json, 0);
  }

  /** The position of the closing quote; call it from left to right. */
  end(start: number): number {
    const quote = next('"', this.#json, start + 1);
    if (quote < this.#escape) return quote;
    const end = endOfEscaped(this.#json, start);
    this.#escape = next('\\', this.#json, end);
    return end;
  }
}

/** The position of the next such character, or the end. */
function next(char: string, json: string, from: number): number {
  const at = json.indexOf(char, from);
  return at === -1 ? json.length : at;
}

/** The position of the closing quote of a string with escapes. */
function endOfEscaped(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    if (json[at] === '"') return at;
    if (json[at] !== '\\') continue;
    at++;
    if (json[at] !== 'u') continue;
    const unit = codeUnit(json, at + 1);
    at += 4;
    const isHigh = unit >= 0xd800 && unit <= 0xdbff;
    const isLow = unit >= 0xdc00 && unit <= 0xdfff;
    // The low half must follow as an escape too: the text itself is well formed.
    const next = isHigh && json.startsWith('\\u', at + 1) ? codeUnit(json, at + 3) : 0;
    const paired = next >= 0xdc00 && next <= 0xdfff;
    if (unit === 0 || isLow || (isHigh && !paired)) {
      throw new Problem('invalid_text', `A NUL character or a lone surrogate stands at character ${at - 5}.`);
    }
    if (isHigh) at += 6;
  }
  return json.length;
}

function codeUnit(json: string, at: number): number {
  return Number.parseInt(json.slice(at, at + 4), 16);
}

/** The position of the number's last character. */
function endOfNumber(json: string, start: number): number {
  let end = start + 1;
  while (isDigit(json[end])) end++;
  const isInteger = json[end] !== '.' && json[end] !== 'e' && json[end] !== 'E';
  return isInteger && end - start <= MOST_DIGITS ? end - 1 : endOfOtherNumber(json, start);
}

function endOfOtherNumber(json: string, start: number): number {
  NUMBER.lastIndex = start;
  const [all = '', whole = '', fraction = '', exponentText = '0'] = NUMBER.exec(json) ?? [];
  const exponent = Number(exponentText);
  const digits = Math.max(whole.length + exponent, 1) + Math.max(fraction.length - exponent, 0);
  if (digits > MOST_DIGITS) {
    throw new Problem('number_out_of_range', `The number at character ${start} needs ${digits} digits.`);
  }
  return start + Math.max(all.length, 1) - 1;
}

/**
 * Where the value of a member stands in the text of a JSON object, which must be valid. Of duplicates the
 * last counts, as for the parser. Undefined where there is no such member.
 */
export function memberText(json: string, name: string): string | undefined {
  let found: string | undefined;
  forEachMember(json, (start, end, keyStart, keyEnd) => {
    if (keyEnd > keyStart && keyOf(json.slice(keyStart, keyEnd).trim()) === name) {
      found = json.slice(start, end).trim();
    }
  });
  return found;
}

/** The texts of the elements of a JSON array, which must be valid. */
export function elementTexts(json: string): string[] {
  const texts: string[] = [];
  forEachMember(json, (start, end) => {
    const text = json.slice(start, end).trim();
    // Nothing stands in an empty array.
    if (text !== '') texts.push(text);
  });
  return texts;
}

/**
 * Says of each member of an object, or element of an array, one level deep, where its value stands, and its key; with
 * the spaces around them. Of an empty one it says where nothing stands.
 */
function forEachMember(
  json: string,
  each: (start: number, end: number, keyStart: number, keyEnd: number) => void,
): void {
  const strings = new Strings(json);
  let [start, keyStart, keyEnd, depth] = [0, 0, 0, 0];
  for (let at = 0; at < json.length; at++) {
    const char = json[at];
    if (char === '"') at = strings.end(at);
    else if (char === '[' || char === '{') {
      if (++depth === 1) start = at + 1;
    } else if (char === ':' && depth === 1) {
      [keyStart, keyEnd, start] = [start, at, at + 1];
    } else if ((char === ',' && depth === 1) || ((char === ']' || char === '}') && --depth === 0)) {
      each(start, at, keyStart, keyEnd);
      start = at + 1;
    }
  }
}

/** What a string in a JSON text stands for. Most have no escape, and need not be parsed. */
function keyOf(text: string): string {
  return text.includes('\\') ? JSON.parse(text) : text.slice(1, -1);
}
