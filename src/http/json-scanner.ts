import { Problem } from '../problems.js';
import { afterColon, afterName, afterScalar, afterSpace, malformed } from './json-tokens.js';

const DEEPEST = 256;
/** In characters as written; nobody knows a longer name, so that its beginning will do. */
const LONGEST_NAME = 256;
const COMMA = 0x2c;
export const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * Reads a JSON text (RFC 8259) from left to right without making values of it. It refuses what is malformed, and
 * what could be stored, but would break a later cast to jsonb or swell on the way out: deep nesting, numbers like
 * 1e131071, and what PostgreSQL's text cannot hold. The text must be well-formed Unicode.
 *
 * Every method throws Problem 400 `malformed_json`, `json_too_deep`, `number_out_of_range` or `invalid_text`.
 */
export class JsonScanner {
  readonly text: string;
  #at = 0;
  /** The containers around the position, as the characters that close them. */
  readonly #closers: number[] = [];
  /** How many containers there were around the value that skip() is in the midst of; -1 between values. */
  #base = -1;

  constructor(text: string) {
    this.text = text;
  }

  /** The position in the text. */
  get at(): number {
    return this.#at;
  }

  /** The next character that is no space, which is not taken; NaN at the end. */
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

  /** Takes the name of a member, with its colon. A very long one is cut. */
  name(): string {
    const start = afterSpace(this.text, this.#at);
    const end = afterName(this.text, start);
    this.#at = afterColon(this.text, end);
    if (end - start <= LONGEST_NAME) return stringOf(this.text, start, end);
    return `${this.text.slice(start + 1, start + LONGEST_NAME).toWellFormed()}…`;
  }

  /**
   * Takes one value, whatever is in it. Long texts can be taken in pieces: where it reaches the position `until` in
   * the midst of the value, it returns false, and is to be called again.
   */
  skip(until: number): boolean {
    const text = this.text;
    const closers = this.#closers;
    const base = this.#base === -1 ? closers.length : this.#base;
    let at = this.#at;
    // One round for each value. At its beginning a value is expected at the position.
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

      // Behind a value: what ends here, and whether another value follows.
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

  /** Refuses a text that goes on. */
  end(): void {
    if (!Number.isNaN(this.peek())) throw malformed(this.text, this.#at);
  }
}

/** What the string between these positions of a JSON text stands for. Most have no escape, and need not be parsed. */
export function stringOf(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1);
  return inner.includes('\\') ? JSON.parse(text.slice(start, end)) : inner;
}

function open(text: string, at: number, closers: number[]): number {
  if (closers.length === DEEPEST) {
    throw new Problem('json_too_deep', `The nesting exceeds ${DEEPEST} levels at character ${at}.`);
  }
  closers.push(text.charCodeAt(at) === OPEN_BRACE ? CLOSE_BRACE : CLOSE_BRACKET);
  return at + 1;
}
