import Type from 'typebox';

/** Lists that are answered at once, part by part. */

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
