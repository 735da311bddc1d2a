import Type from 'typebox';
import { component } from '../../schema.js';
import { orNull, Timestamp } from '../values.js';

export const BY = ['format', 'owner', 'kind', 'age'] as const;
export type By = (typeof BY)[number];

/** How many groups an answer shows. */
export const MAX_GROUPS = 1000;

const count = (description: string) => Type.Integer({ minimum: 0, description });

const figures = {
  contents: count('How many contents there are.'),
  files: count('How many originals, motion files and variants they have.'),
  bytes: count('The sizes of these files together, as far as they are known.'),
  unsized: count('How many of the files are of unknown size, as all motion files are.'),
};

export const Usage = component(
  'Usage',
  Type.Object({
    by: Type.Enum([...BY]),
    as_of: Timestamp,
    groups: Type.Array(
      Type.Object({
        name: orNull(
          Type.String({
            description:
              'A format such as `jpeg`, an owner, `original`, `motion` or `variant`, or the month of creation as ' +
              '`2026-11`. `unknown` if the hash tells no format, or the time is not known; null if nobody owns it.',
            examples: ['jpeg'],
          }),
        ),
        ...figures,
      }),
      {
        description: `The ${MAX_GROUPS} largest, by bytes and then by files; months with the newest first.`,
      },
    ),
    others: Type.Optional(
      Type.Object(
        { groups: count('How many groups are not listed.'), ...figures },
        { description: 'The groups that are not listed, together.' },
      ),
    ),
    total: Type.Object(figures, {
      description:
        'Each content counts once here, so these can be less than the sum of the owners, who may share contents.',
    }),
  }),
);
