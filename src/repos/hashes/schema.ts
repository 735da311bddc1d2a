import Type from 'typebox';
import { component } from '../../schema.js';
import { Alias, Hash, Identifier, MotionFile, Variant, VariantFile } from '../values.js';

export const IdentifierBody = component(
  'Identifier',
  Type.Object({ identifier: Identifier }, { additionalProperties: false }),
);

export const VariantBody = component(
  'VariantFile',
  Type.Object({ identifier: VariantFile }, { additionalProperties: false }),
);

export const MotionBody = component(
  'MotionFile',
  Type.Object({ identifier: MotionFile }, { additionalProperties: false }),
);

export const HashRecord = component('Hash', Type.Object({ hash: Hash, identifier: Identifier }));

export const HashLine = component(
  'HashLine',
  Type.Object({ hash: Hash }, { description: 'One line of the stream.' }),
);

export const VariantRecord = component(
  'Variant',
  Type.Object({ hash: Hash, variant: Variant, identifier: VariantFile }),
);

export const Variants = component(
  'Variants',
  Type.Object({ variants: Type.Array(Type.Object({ variant: Variant, identifier: VariantFile })) }),
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
        description: 'The rest goes in steps, each of which pushes the jobs for the files that it removes.',
      }),
    ),
  }),
);
