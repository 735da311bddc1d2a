import Type from 'typebox';
import { component } from '../../schema.js';
import { splitVariantKey } from '../access.js';
import { Hash, Timestamp, Variant } from '../values.js';

export const VariantAccess = component(
  'VariantAccess',
  Type.Object(
    { hash: Hash, variant: Variant, accessed: Timestamp },
    { description: 'One line of the stream.' },
  ),
);

export const Contains = component(
  'ContainsVariant',
  Type.Object({
    contains: Type.Boolean({ description: 'Whether an access of the variant is stored.' }),
    accessed: Type.Optional(Timestamp),
  }),
);

export const After = Type.Refine(
  Type.String({
    description: 'The last key received, to resume after: `<accessed>,<hash>,<variant>`.',
    examples: ['2026-11-22T13:14:56.789012Z,b5bb9d80,thumbnail/256/webp'],
  }),
  (key) => splitVariantKey(key) !== undefined && !key.includes('\0') && key.isWellFormed(),
  () => 'must be <accessed>,<hash>,<variant>',
);
