import { createHash } from 'node:crypto';
import Type, { type TSchema, type TSchemaOptions } from 'typebox';
import { pattern, segment, text } from '../schema.js';
import { toUtc } from '../timestamp.js';

/** Types of values that several repos use. */

export const Hash = Type.String({
  pattern: pattern('^([0-9a-fA-F]{2}){1,64}$', 'must be 1 to 64 bytes in hex'),
  description:
    'The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.',
  examples: ['b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c'],
});

export const Identifier = text('identifier_too_long', 2048, {
  description: 'Where a file is stored: a path or an object key.',
  examples: ['3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp'],
});

export const VariantFile = text('identifier_too_long', 2048, {
  description: 'Where the file of a variant is stored.',
  examples: ['b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp'],
});

export const MotionFile = text('identifier_too_long', 2048, {
  description: 'Where the moving file of a still content is stored.',
  examples: ['51/e2/0d/6b/98/f4/23/c7/8a/5d/9b3e6f1c2d70.mp4'],
});

export const Variant = text('variant_too_long', 2048, {
  description: 'The name of a processed version of a content.',
  examples: ['thumbnail/256/webp'],
});

export function aliasText(options: TSchemaOptions = {}) {
  return segment('alias_too_long', {
    description: 'The public name of an image.',
    examples: ['7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg'],
    ...options,
  });
}

export const Alias = aliasText();

export const DeleteToken = text('delete_token_too_long', 255, {
  description: 'The secret that lets its holder delete an alias.',
  examples: ['0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10'],
});

export const Owner = text('owner_too_long', 255, {
  description: 'The owner of an alias: any name that the application uses.',
  examples: ['https://lemmy.example.org/u/alice'],
});

export const Blurhash = text('blurhash_too_long', 255, {
  description: 'A short text from which a blurred preview can be drawn.',
  examples: ['LEHV6nWB2yk8pyo0adR*.7kCMdnj'],
});

export const FileBytes = Type.Integer({
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'The size of the file in bytes.',
  examples: [48_213],
});

export const Url = text('url_too_long', 8192, {
  description: 'The URL of a proxied image, as it was requested.',
  examples: ['https://images.example.org/a.png?size=large'],
});

/** A variant of a content. */
export interface VariantKey {
  hash: string;
  variant: string;
}

export function queueName(description: string) {
  return segment('queue_too_long', { description, examples: ['process'] });
}

export const Queue = queueName('The name of a queue.');

export const WorkerId = segment('worker_id_too_long', {
  description: 'The name of a worker. No other running worker may have it.',
  examples: ['pict-1'],
});

export const ErrorText = text('error_too_long', 16_384, {
  description: 'What went wrong, for people to read.',
  examples: ['no such file'],
});

export const Claimer = text('claimer_too_long', 255, {
  description:
    'Who claims: a secret that only the claimer knows, such as a random UUID. The same one can ask again after a lost answer.',
  examples: ['9f2b7c1e-48d0-4c35-a6e1-3b5d7f902c84'],
});

/** Random identifiers that the service makes and nobody can guess. */
export const RANDOM_128 = pattern('^[0-9a-f]{32}$', 'must have 32 hex digits in lower case');

export const Timestamp = Type.Refine(
  Type.String({
    format: 'date-time',
    description: 'RFC 3339. Answers are in UTC with microseconds.',
    examples: ['2026-11-22T13:14:56.789012Z'],
  }),
  (value) => toUtc(value) !== undefined,
  () => 'must be a time of the calendar between the years 1 and 9999',
);

/** A member that is null if its value is unknown. */
export function orNull<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

/** Converts hex to what the driver sends as bytea. */
export function bytes(hex: string): Buffer {
  return Buffer.from(hex, 'hex');
}

/** The digest of a text, such as a secret that a statement compares. */
export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Converts a validated Timestamp to UTC. */
export function utcOf(timestamp: string): string {
  const utc = toUtc(timestamp);
  if (utc === undefined) throw new TypeError(`not a timestamp: ${timestamp}`);
  return utc;
}
