import Type from 'typebox';
import { Timestamp } from './values.js';

/** The parameters and lists that both access repos share. */

export const AccessBody = Type.Object(
  { at: Type.Optional(Timestamp) },
  {
    additionalProperties: false,
    'x-optional': true,
    examples: [{}],
    description: 'Without `at`, or with a future `at`, the time is now, by the clock of the database.',
  },
);

/** The limit of a list, and its default. */
export const MAX_LISTED = 1000;

/** The parameter for the limit of a list. It keeps an answer to a few megabytes. */
export const ListLimit = Type.Integer({
  minimum: 1,
  maximum: MAX_LISTED,
  description: `Maximum number; by default ${MAX_LISTED}. If there are more, the answer has \`next\`.`,
});

/** The member of a list that says where the next part begins. */
export const listNext = {
  next: Type.Optional(Type.String({ description: 'If there are more: the value of `after` for the rest.' })),
};

export const Limit = Type.Integer({
  minimum: 1,
  maximum: 1_000_000_000,
  description: 'Maximum number of rows. Without it all rows are sent.',
  examples: [1000],
});
