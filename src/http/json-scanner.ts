import { Problem } from '../problems.js';
import { afterColon, afterName, afterScalar, afterSpace, malformed } from './json-tokens.js';

const MAX_DEPTH = 256;
/** In characters as written. No known member has a longer name, so a prefix is enough. */
const MAX_NAME_LENGTH = 256;
const COMMA = 0x2c;
export const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Scans a JSON text (RFC 8259) from left to right without making values. It refuses malformed text, and also what a
 * later cast to jsonb would refuse or expand: deep nesting, numbers like 1e131071, and characters that PostgreSQL's text
 * cannot hold. The text must be well-formed Unicode.
 *
 * Every method throws Problem 400 `malformed_json`, `json_too_deep`, `number_out_of_range` or `invalid_text`.
 */
export class JsonScanner {
  readonly text: string;
  #at = 0;
  /** The closing characters of the containers around the position. */
  readonly #closers: number[] = [];
  /** The number of containers around the value that skip() has begun; -1 between values. */
  #base = -1;

  constructor(text: string) {
    this.text = text;
  }

  /** The position in the text. */
  get at(): number {
    return this.#at;
  }

  /** Returns the next character that is not a space, without taking it; NaN at the end. */
  peek(): number {
    this.#at = afterSpace(this.text, this.#at);
    return this.text.charCodeAt(this.#at);
  }

  /** Takes the `[` or `{` at the position. @returns whether there is an element or a member */
  enter(): boolean {
    this.#at = open(this.text, this.#at, this.#closers);
    return !this.#takeCloser();
  }

  /** Takes the comma or the end after an element or a member. @returns whether there is another */
  another(): boolean {
    if (this.#takeCloser()) return false;
    if (this.peek() !== COMMA) throw malformed(this.text, this.#at);
    this.#at++;
    return true;
  }

  #takeCloser(): boolean {
    if (this.peek() !== this.#closers[this.#closers.length - 1]) return false;
    this.#closers.pop();
    this.#at++;
    return true;
  }

  /** Takes the name of a member with its colon. A very long name is shortened. */
  name(): string {
    const start = afterSpace(this.text, this.#at);
    const end = afterName(this.text, start);
    this.#at = afterColon(this.text, end);
    if (end - start <= MAX_NAME_LENGTH) return stringOf(this.text, start, end);
    return `${this.text.slice(start + 1, start + MAX_NAME_LENGTH).toWellFormed()}…`;
  }

  /**
   * Takes one value of any kind. If it reaches the position `until` within the value it returns false, and must be
   * called again: long values can be taken in pieces.
   */
  skip(until: number): boolean {
    const text = this.text;
    const closers = this.#closers;
    const base = this.#base === -1 ? closers.length : this.#base;
    let at = this.#at;
    // One round for each value. A round begins where a value is expected.
    while (at < until) {
      at = afterSpace(text, at);
      const code = text.charCodeAt(at);
      let isInside = code === OPEN_BRACKET || code === OPEN_BRACE;
      if (isInside) {
        at = afterSpace(text, open(text, at, closers));
        const closer = closers[closers.length - 1];
        if (text.charCodeAt(at) === closer) isInside = false;
        else if (closer === CLOSE_BRACE) at = afterColon(text, afterName(text, at));
      } else at = afterScalar(text, at, code);
      if (isInside) continue;

      // After a value: leave the containers that end here, and find out whether another value follows.
      while (closers.length > base) {
        at = afterSpace(text, at);
        const closer = closers[closers.length - 1];
        const next = text.charCodeAt(at);
        if (next === closer) {
          closers.pop();
          at++;
        } else if (next === COMMA) {
          at = afterSpace(text, at + 1);
          if (closer === CLOSE_BRACE) at = afterColon(text, afterName(text, at));
          break;
        } else throw malformed(text, at);
      }
      if (closers.length === base) {
        this.#at = at;
        this.#base = -1;
        return true;
      }
    }
    this.#at = at;
    this.#base = base;
    return false;
  }

  /** Refuses further text. */
  end(): void {
    if (!Number.isNaN(this.peek())) throw malformed(this.text, this.#at);
  }
}

/** The value of the string between two positions. Most strings have no escape and need not be parsed. */
export function stringOf(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes('\\') ? JSON.parse(text.slice(start, end)) : inner;
}

function open(text: string, at: number, closers: number[]): number {
  if (closers.length === MAX_DEPTH) {
    throw new Problem('json_too_deep', `The nesting exceeds ${MAX_DEPTH} levels at character ${at}.`);
  }
  closers.push(text.charCodeAt(at) === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET);
  return at + 1;
}
