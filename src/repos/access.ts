import Type from 'typebox';
import { Timestamp } from './values.js';

/** What both access repos take. */

export const AccessBody = Type.Object(
  { at: Type.Optional(Timestamp) },
  {
    additionalProperties: false,
    'x-optional': true,
    examples: [{}],
    description: 'Without `at`, or with one in the future: now, by the clock of the database.',
  },
);

export const Limit = Type.Integer({
  minimum: 1,
  maximum: 1_000_000_000,
  description: 'Most rows to send. Without it, all.',
  examples: [1000],
});
