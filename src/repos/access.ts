import Type from 'typebox';
import { Timestamp } from './values.js';

/** The parameters of both access repos. */

export const AccessBody = Type.Object(
  { at: Type.Optional(Timestamp) },
  {
    additionalProperties: false,
    'x-optional': true,
    examples: [{}],
    description: 'Without `at`, or with a future `at`, the time is now, by the clock of the database.',
  },
);

export const Limit = Type.Integer({
  minimum: 1,
  maximum: 1_000_000_000,
  description: 'Maximum number of rows. Without it all rows are sent.',
  examples: [1000],
});
