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

/** How many members of a list one answer has at most, which is what it has where nothing is said. */
export const MAX_LISTED = 1000;

/** How many members of a list are read at once, so that an answer has some megabytes at most. */
export const ListLimit = Type.Integer({
  minimum: 1,
  maximum: MAX_LISTED,
  description: `Maximum number; ${MAX_LISTED} where nothing is said. Where there are more, the answer has \`next\`.`,
});

/** What such a list tells where there is more of it. */
export const listNext = {
  next: Type.Optional(Type.String({ description: 'Where there are more: `after` of the rest.' })),
};

export const Limit = Type.Integer({
  minimum: 1,
  maximum: 1_000_000_000,
  description: 'Maximum number of rows. Without it all rows are sent.',
  examples: [1000],
});
