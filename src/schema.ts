import Type, { type Static, type TSchema, type TSchemaOptions, type TStringOptions } from 'typebox';
import type { ProblemCode } from './problems.js';

/** The named schemas: what appears once under `components` in the OpenAPI document and is referred to. */
export const components: Record<string, TSchema> = {};

/** Names a schema, and returns the reference to use in its place. */
export function component<T extends TSchema>(name: string, schema: T) {
  components[name] = Object.assign(schema, { $id: name });
  return Type.Unsafe<Static<T>>(Type.Ref(name));
}

type TooLong = Extract<ProblemCode, `${string}_too_long`>;

/**
 * A text that PostgreSQL can store, of 1 to `bytes` bytes in UTF-8. A longer one is answered with the code
 * `tooLong`. JSON Schema can count characters only, so the bound in bytes is checked beside it.
 */
export function text(tooLong: TooLong, bytes: number, options: TStringOptions) {
  const schema = Type.String({
    minLength: 1,
    // maxLength in the document. As a keyword it would be checked first, and hide the code of its own.
    'x-maxLength': bytes,
    ...options,
    description: `${options.description ?? ''} 1 to ${bytes} bytes in UTF-8.`.trim(),
  });
  const bounded = Type.Refine(
    schema,
    (value) => Buffer.byteLength(value) <= bytes,
    () => tooLong,
  );
  return Type.Refine(bounded, isStorable, () => 'must not hold NUL characters or lone surrogates');
}

/** A text that is one segment of a path. URL libraries rewrite `.` and `..`, proxies rewrite slashes. */
export function segment(tooLong: TooLong, options: TStringOptions) {
  return text(tooLong, 255, {
    pattern: '^(?!\\.{1,2}$)[^\\/\\\\\\u0000-\\u001f\\u007f-\\u009f]+$',
    ...options,
    description:
      `${options.description ?? ''} Not "." or "..", without "/", "\\" and control characters.`.trim(),
  });
}

/** Any JSON value in a body, kept byte for byte: a handler gets its text. */
export function jsonText(options: TSchemaOptions) {
  return Type.Unsafe<string>(Type.Unknown(options));
}

/** An array of at most `most` items; a longer one is answered with the code `batch_too_large`. */
export function batch<T extends TSchema>(item: T, most: number, description: string) {
  return Type.Refine(
    Type.Array(item, { 'x-maxItems': most, description }),
    (items) => items.length <= most,
    () => 'batch_too_large' satisfies ProblemCode,
  );
}

/** NUL ends a text in PostgreSQL; a lone surrogate has no UTF-8. */
function isStorable(value: string): boolean {
  return !value.includes('\0') && value.isWellFormed();
}
