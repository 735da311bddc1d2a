import { Problem, problems } from '../problems.js';
import { JsonScanner, OPEN_BRACE, OPEN_BRACKET, stringOf } from './json-scanner.js';
import type { ArrayShape, ObjectShape, Shape } from './json-shape.js';

/** How many characters are read in one turn of the event loop, which takes a few milliseconds at most. */
export const PIECE = 128 * 1024;
/** Unknown members that are named to the client. */
const MAX_UNKNOWN = 20;

/** An object or array that is being read. */
type Frame =
  | { kind: 'object'; shape: ObjectShape; value: Record<string, unknown>; name: string }
  | { kind: 'array'; shape: ArrayShape; value: unknown[] };

const UNKNOWN: Shape = { kind: 'unknown' };

/**
 * Reads a JSON text into the values that a shape describes. The rest is checked but not turned into values, so work and
 * memory are bounded by the length of the text. A long text is read in pieces, so that it blocks nobody.
 */
export class JsonReader {
  readonly #text: string;
  readonly #scanner: JsonScanner;
  readonly #frames: Frame[] = [];
  /** The shape of the next value, or of the value within which the last piece ended. */
  #shape: Shape;
  /** The position where that value begins; -1 until it is known. */
  #start = -1;
  /** Whether another value follows in the innermost frame. */
  #goesOn = false;
  #unknown = 0;
  #value: unknown;

  constructor(text: string, shape: Shape) {
    this.#text = text;
    this.#scanner = new JsonScanner(text);
    this.#shape = shape;
  }

  /** The result, once the text is read to its end. */
  get value(): unknown {
    return this.#value;
  }

  /**
   * Reads a piece.
   *
   * @returns whether the text is read to its end
   * @throws Problem 400 as JsonScanner, 413 `batch_too_large` at the first element too many
   */
  read(): boolean {
    const until = this.#scanner.at + PIECE;
    while (this.#takeValue(until)) {
      if (this.#findNext()) continue;
      this.#scanner.end();
      return true;
    }
    return false;
  }

  /** Reads the next value, or enters it if it needs a frame. Returns false at the end of the piece. */
  #takeValue(until: number): boolean {
    const scanner = this.#scanner;
    if (scanner.at >= until) return false;
    const shape = this.#shape;
    if (this.#start === -1) {
      const code = scanner.peek();
      if (code === OPEN_BRACE && shape.kind === 'object') {
        this.#enter({ kind: 'object', shape, value: {}, name: '' });
        return true;
      }
      if (code === OPEN_BRACKET && shape.kind === 'array') {
        this.#enter({ kind: 'array', shape, value: [] });
        return true;
      }
      this.#start = scanner.at;
    }
    if (!scanner.skip(until)) return false;
    this.#put(convert(shape, this.#text.slice(this.#start, scanner.at)));
    this.#start = -1;
    this.#goesOn = this.#frames.length > 0 && scanner.another();
    return true;
  }

  #enter(frame: Frame): void {
    this.#put(frame.value);
    this.#frames.push(frame);
    this.#goesOn = this.#scanner.enter();
  }

  /** Leaves the frames that end here and finds the shape of the next value. Returns false at the end of the text. */
  #findNext(): boolean {
    while (!this.#goesOn) {
      this.#frames.pop();
      if (this.#frames.length === 0) return false;
      this.#goesOn = this.#scanner.another();
    }
    const frame = this.#frames[this.#frames.length - 1];
    if (frame?.kind === 'object') {
      const name = this.#scanner.name();
      const member = frame.shape.members.get(name);
      frame.name = member?.name ?? name;
      this.#shape = member?.shape ?? UNKNOWN;
    } else if (frame) {
      const { element, maxItems } = frame.shape;
      if (frame.value.length === maxItems) {
        throw new Problem('batch_too_large', `${problems.batch_too_large.title}.`);
      }
      this.#shape = element;
    }
    return true;
  }

  #put(value: unknown): void {
    const frame = this.#frames[this.#frames.length - 1];
    if (frame === undefined) this.#value = value;
    else if (frame.kind === 'array') frame.value.push(value);
    else if (this.#shape !== UNKNOWN) frame.value[frame.name] = value;
    else if (++this.#unknown <= MAX_UNKNOWN) {
      // Kept for the validator, which refuses it. An assignment to __proto__ would not make a member.
      Object.defineProperty(frame.value, frame.name, { value, enumerable: true, configurable: true });
    }
  }
}

/** Converts a value without a frame. */
function convert({ kind }: Shape, text: string): unknown {
  if (kind === 'text') return text;
  switch (text[0]) {
    case '"':
      return stringOf(text, 0, text.length);
    // Containers stay empty: either the text of the body is used instead, or the validator refuses them here.
    case '{':
      return {};
    case '[':
      return [];
    case 't':
      return true;
    case 'f':
      return false;
    case 'n':
      return null;
    default:
      return Number(text);
  }
}
