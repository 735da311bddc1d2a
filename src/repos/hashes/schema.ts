import Type from 'typebox';
import { component, pattern } from '../../schema.js';
import { neighbours } from '../cursor.js';
import { FORMATS, UNKNOWN } from '../formats.js';
import { INCLUDED, type Included } from '../hash-record.js';
import { listNext } from '../lists.js';
import { resultsOf } from '../read-several.js';
import {
  Alias,
  Blurhash,
  FileBytes,
  Hash,
  Identifier,
  MotionFile,
  Owner,
  orNull,
  Timestamp,
  Variant,
  VariantFile,
} from '../values.js';

export const IdentifierBody = component(
  'Identifier',
  Type.Object({ identifier: Identifier }, { additionalProperties: false }),
);

export const NewFile = component(
  'NewFile',
  Type.Object({ identifier: Identifier, bytes: Type.Optional(FileBytes) }, { additionalProperties: false }),
);

export const NewVariant = component(
  'NewVariant',
  Type.Object({ identifier: VariantFile, bytes: Type.Optional(FileBytes) }, { additionalProperties: false }),
);

export const MotionBody = component(
  'MotionFile',
  Type.Object({ identifier: MotionFile }, { additionalProperties: false }),
);

/** Left out if the size is unknown. */
const size = { bytes: Type.Optional(FileBytes) };

export const HashRecord = component('Hash', Type.Object({ hash: Hash, identifier: Identifier, ...size }));

/** Members are null if they are unknown. */
const ownMembers = {
  hash: Hash,
  identifier: Identifier,
  motion_identifier: orNull(Identifier),
  blurhash: orNull(Blurhash),
  bytes: orNull(FileBytes),
  created_at: orNull(Timestamp),
};

export const WholeHash = component('WholeHash', Type.Object(ownMembers));

const more = (what: string) =>
  Type.Boolean({ description: `Whether there are, or may be, further ${what} than these.` });

const ofAHash = {
  variants: Type.Array(Type.Object({ variant: Variant, identifier: Identifier, bytes: orNull(FileBytes) }), {
    description: 'The first 100, in the order of their bytes.',
  }),
  variants_more: more('variants'),
};

export const HashPage = component(
  'HashPage',
  Type.Object({
    hashes: Type.Array(
      Type.Object({
        ...ownMembers,
        aliases: Type.Optional(
          Type.Array(Alias, { description: 'The first 100, in the order of their bytes; no expired ones.' }),
        ),
        aliases_more: Type.Optional(more('aliases')),
        details: Type.Optional(
          orNull(
            Type.Object({}, { additionalProperties: true, description: 'Of the original, byte for byte.' }),
          ),
        ),
        variants: Type.Optional(ofAHash.variants),
        variants_more: Type.Optional(ofAHash.variants_more),
      }),
    ),
    ...neighbours,
  }),
);

export const BlurhashBody = component(
  'Blurhash',
  Type.Object({ blurhash: Blurhash }, { additionalProperties: false }),
);

export const IdentifierResults = component(
  'IdentifierResults',
  resultsOf(Type.Object({ hash: Hash, identifier: Identifier })),
);

export const VariantsResults = component(
  'VariantsResults',
  resultsOf(Type.Object({ hash: Hash, ...ofAHash })),
);

export const Include = Type.String({
  pattern: pattern(
    `^(${INCLUDED.join('|')})(,(${INCLUDED.join('|')}))*$`,
    `must be names out of ${INCLUDED.join(', ')}, with commas`,
  ),
  description: `What to include of each hash, with commas: ${INCLUDED.join(', ')}.`,
  examples: [INCLUDED.join()],
});

/** Which contents a page has. */
export const filters = {
  format: Type.Optional(
    Type.Enum([...FORMATS, UNKNOWN], {
      description:
        'Only contents of this format, named as by `usage.usage`. Hashes of pict-rs have the format in their last byte; all others are `unknown`.',
      examples: ['jpeg'],
    }),
  ),
  without_alias: Type.Optional(
    Type.Boolean({
      description:
        'true: only contents without any alias. Expired aliases count too, because they can be made valid again.',
    }),
  ),
  owner: Type.Optional(Owner),
  since: Type.Optional(Timestamp),
};

/** Reads the parameter, which has been validated. */
export function includedIn(include = ''): Included[] {
  const names = include.split(',');
  return INCLUDED.filter((name) => names.includes(name));
}

export const HashLine = component(
  'HashLine',
  Type.Object({ hash: Hash }, { description: 'One line of the stream.' }),
);

export const VariantRecord = component(
  'Variant',
  Type.Object({ hash: Hash, variant: Variant, identifier: VariantFile, ...size }),
);

export const Variants = component(
  'Variants',
  Type.Object({
    variants: Type.Array(Type.Object({ variant: Variant, identifier: VariantFile })),
    ...listNext,
  }),
);

export const Size = component('Size', Type.Object({ size: Type.Integer({ minimum: 0 }) }));

export const RemovedFiles = component(
  'RemovedFiles',
  Type.Object({
    removed: Type.Object({
      identifiers: Type.Array(Identifier, { description: 'The files that may be deleted now.' }),
    }),
  }),
);

export const RemovedHash = component(
  'RemovedHash',
  Type.Object({
    removed: Type.Object({
      aliases: Type.Array(Alias),
      variants: Type.Array(Variant),
      identifiers: Type.Array(Identifier, { description: 'The files that may be deleted now.' }),
    }),
    more: Type.Optional(
      Type.Literal(true, {
        description:
          'The rest is removed in steps, each of which pushes the jobs for the files that it removes.',
      }),
    ),
  }),
);
