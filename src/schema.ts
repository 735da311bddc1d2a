import Type, { type Static, type TSchema, type TSchemaOptions, type TStringOptions } from 'typebox';
import type { ProblemCode } from './problems.js';

/** The named schemas, which the OpenAPI document lists under `components`. */
export const components: Record<string, TSchema> = {};

/** Names a schema, and returns a reference to it. */
export function component<T extends TSchema>(name: string, schema: T) {
  if (components[name]) throw new TypeError(`There are two schemas "${name}".`);
  components[name] = Object.assign(schema, { $id: name });
  return Type.Unsafe<Static<T>>(Type.Ref(name));
}

/**
 * Those of the named schemas that a schema refers to, also by way of others. Only they are given to TypeBox, which
 * searches all that it gets each time that it compiles.
 */
export function referredBy(
  schema: TSchema,
  named: Readonly<Record<string, TSchema>> = components,
  found: Record<string, TSchema> = {},
): Record<string, TSchema> {
  for (const [, name = ''] of JSON.stringify(schema).matchAll(/"\$ref":"([^"]+)"/g)) {
    const one = named[name];
    if (!one || Object.hasOwn(found, name)) continue;
    found[name] = one;
    referredBy(one, named, found);
  }
  return found;
}

/** What a text must be that has to match a pattern, by the pattern. */
export const PATTERNS = new Map<string, string>();

/** A pattern, and what is said of a text that does not match. */
export function pattern(source: string, reason: string): string {
  PATTERNS.set(source, reason);
  return source;
}

type TooLong = Extract<ProblemCode, `${string}_too_long`>;

/**
 * A text of 1 to `bytes` bytes in UTF-8 that PostgreSQL can store. A longer one gets the problem `tooLong`. JSON Schema
 * can only count characters, so bytes are checked by code.
 */
export function text(tooLong: TooLong, bytes: number, options: TStringOptions) {
  const schema = Type.String({
    minLength: 1,
    // Shown as maxLength in the document. The keyword itself would be checked first, and hide the problem `tooLong`.
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

const SEGMENT = pattern(
  '^(?!\\.{1,2}$)[^\\/\\\\\\u0000-\\u001f\\u007f-\\u009f]+$',
  'must not be "." or "..", or have "/", "\\" or control characters',
);

/** A text that can be a segment of a path. URL libraries rewrite `.` and `..`, and proxies rewrite slashes. */
export function segment(tooLong: TooLong, options: TStringOptions) {
  return text(tooLong, 255, {
    pattern: SEGMENT,
    ...options,
    description:
      `${options.description ?? ''} Not \`.\` or \`..\`, without \`/\`, \`\\\` and control characters.`.trim(),
  });
}

/** Any JSON value in a body. The handler gets its text, byte for byte. */
export function jsonText(options: TSchemaOptions) {
  return Type.Unsafe<string>(Type.Unknown(options));
}

/** An array of at most `maxItems` items. A longer one gets the problem `batch_too_large`. */
export function batch<T extends TSchema>(item: T, maxItems: number, description: string) {
  return Type.Refine(
    Type.Array(item, { 'x-maxItems': maxItems, description }),
    (items) => items.length <= maxItems,
    () => 'batch_too_large' satisfies ProblemCode,
  );
}

/** PostgreSQL cannot store NUL, and a lone surrogate has no UTF-8. */
function isStorable(value: string): boolean {
  return !value.includes('\0') && value.isWellFormed();
}
