import Type from 'typebox';
import { batch, component } from '../../schema.js';
import { Hash, Identifier, orNull, Timestamp, Variant } from '../values.js';

const MAX_FILES = 1000;
/** The limit of a body that names files: 1,000 of the longest identifiers. */
export const FILES_BYTES = 8 * 1024 * 1024;

const identifiers = batch(Identifier, MAX_FILES, 'At most 1000 files.');

export const FileNames = component(
  'FileNames',
  Type.Object({ identifiers }, { additionalProperties: false }),
);

export const Condemnation = component(
  'Condemnation',
  Type.Object({ identifiers, older_than: Timestamp }, { additionalProperties: false }),
);

export const FileRecord = component(
  'FileOwner',
  Type.Object({
    identifier: Identifier,
    kind: Type.Enum(['original', 'motion', 'variant']),
    hash: Hash,
    variant: Type.Optional(Variant),
    has_details: Type.Boolean(),
  }),
);

export const FileRecords = component(
  'Files',
  Type.Object({
    files: Type.Array(orNull(FileRecord), {
      description: 'In the order of the request; null if nobody owns the file.',
    }),
  }),
);

export const FileLine = component(
  'FileLine',
  Type.Object({ identifier: Identifier }, { description: 'One line of the stream.' }),
);

export const Condemned = component(
  'Condemned',
  Type.Object({
    condemned: Type.Array(Identifier, { description: 'The files that may be deleted. Delete no others.' }),
  }),
);

export const Freed = component(
  'Freed',
  Type.Object({
    freed_at: Type.Union([Timestamp, Type.Null()], {
      description:
        'All these names can be used again at most two seconds after this; null if they already can.',
    }),
  }),
);
