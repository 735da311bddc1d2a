import Type from 'typebox';
import { toUtc } from '../timestamp.js';
import { Timestamp } from './values.js';

/** What both access repos share: the body of a record, and the keys of their streams. */

export const AccessBody = Type.Object(
  { at: Type.Optional(Timestamp) },
  {
    additionalProperties: false,
    'x-optional': true,
    examples: [{}],
    description: 'Without `at`, or with a future `at`, the time is now, by the clock of the database.',
  },
);

/** Splits `<accessed>,<rest>` at the first comma; undefined if the key has another form. */
export function splitAccessKey(key: string): { accessed: string; rest: string } | undefined {
  const comma = key.indexOf(',');
  const accessed = toUtc(key.slice(0, Math.max(comma, 0)));
  const rest = key.slice(comma + 1);
  return accessed === undefined || rest === '' ? undefined : { accessed, rest };
}

/** Splits `<accessed>,<hash>,<variant>` at the first two commas; undefined if the key has another form. */
export function splitVariantKey(
  key: string,
): { accessed: string; hash: string; variant: string } | undefined {
  const { accessed, rest } = splitAccessKey(key) ?? {};
  const [, hash, variant] = /^((?:[0-9a-f]{2}){1,64}),(.+)$/is.exec(rest ?? '') ?? [];
  return accessed === undefined || hash === undefined || variant === undefined
    ? undefined
    : { accessed, hash, variant };
}
