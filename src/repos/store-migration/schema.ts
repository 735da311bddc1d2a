import Type from 'typebox';
import { component } from '../../schema.js';
import { Identifier, orNull, queueName, Timestamp } from '../values.js';

export const Mark = component(
  'MigratedIdentifier',
  Type.Object(
    { identifier: Identifier, new_identifier: Type.Optional(Identifier) },
    {
      additionalProperties: false,
      examples: [{ identifier: '3a/7d/cat.webp', new_identifier: 'bucket/3a/7d/cat.webp' }],
    },
  ),
);

export const Move = component(
  'Move',
  Type.Refine(
    Type.Object(
      {
        identifier: Identifier,
        new_identifier: Identifier,
        enqueue: Type.Optional(queueName('The queue that is told of each file that may be deleted.')),
      },
      {
        additionalProperties: false,
        examples: [
          {
            identifier: '3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp',
            new_identifier: 'bucket/3a/7d/cat.webp',
          },
        ],
      },
    ),
    ({ identifier, new_identifier }) => identifier !== new_identifier,
    () => 'must have another new_identifier than identifier (a file that keeps its name is only marked)',
  ),
);

export const Moved = component(
  'Moved',
  Type.Object(
    {
      moved: Type.Boolean({ description: 'Whether the content has the new file.' }),
      removed: Type.Object({
        identifiers: Type.Array(Identifier, { description: 'The old file, where it may be deleted now.' }),
      }),
      unneeded: Type.Array(Identifier, { description: 'The new file, where it was copied in vain.' }),
    },
    {
      examples: [
        {
          moved: true,
          removed: { identifiers: ['3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp'] },
          unneeded: [],
        },
      ],
    },
  ),
);

export const Progress = component(
  'StoreMigration',
  Type.Object({
    continuing: Type.Boolean({ description: 'Whether a migration was begun and not cleared.' }),
    as_of: orNull(Timestamp),
    migrated: orNull(Type.Integer({ minimum: 0, description: 'How many files are marked.' })),
    total: orNull(
      Type.Integer({
        minimum: 0,
        description: 'How many files contents have: originals, motion files and variants.',
      }),
    ),
    done: orNull(
      Type.Integer({
        minimum: 0,
        description:
          'How many of these are marked. `migrated` also counts those whose content went afterwards.',
      }),
    ),
    rate: Type.Number({ minimum: 0, description: 'Marks a second, over the last minute.' }),
  }),
);

export const Migrated = component('Migrated', Type.Object({ migrated: Type.Boolean() }));
