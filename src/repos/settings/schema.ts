import Type from 'typebox';
import { segment } from '../../schema.js';

export const Key = segment('settings_key_too_long', {
  description: 'The name of a setting.',
  examples: ['last-path'],
});

/** The body of a set. No body means zero bytes. */
export const NewValue = Type.Unsafe<Buffer>(
  Type.String({
    format: 'binary',
    description: 'The bytes. Another content type is accepted too, and not kept.',
    examples: ['2026/11/22/cat'],
    'x-optional': true,
  }),
);

export const Value = Type.Unsafe<Buffer>(Type.String({ format: 'binary', description: 'Any bytes.' }));

/** 64 KiB. */
export const VALUE_BYTES = 64 * 1024;
