import Type from 'typebox';
import { component } from '../../schema.js';
import { Identifier } from '../values.js';

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

export const Progress = component(
  'StoreMigration',
  Type.Object({
    continuing: Type.Boolean({ description: 'Whether a migration was begun and not cleared.' }),
    migrated: Type.Integer({ minimum: 0, description: 'How many files are marked.' }),
  }),
);

export const Migrated = component('Migrated', Type.Object({ migrated: Type.Boolean() }));
