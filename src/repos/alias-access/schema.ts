import Type from 'typebox';
import { component } from '../../schema.js';
import { splitAccessKey } from '../access.js';
import { Alias, Timestamp } from '../values.js';

export const AliasAccess = component(
  'AliasAccess',
  Type.Object({ alias: Alias, accessed: Timestamp }, { description: 'One line of the stream.' }),
);

export const After = Type.Refine(
  Type.String({
    description: 'The last key received, to resume after: `<accessed>,<alias>`.',
    examples: ['2026-11-22T13:14:56.789012Z,7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg'],
  }),
  (key) => splitAccessKey(key) !== undefined && !key.includes('\0') && key.isWellFormed(),
  () => 'must be <accessed>,<alias>',
);
