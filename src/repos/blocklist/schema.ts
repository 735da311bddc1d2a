import Type from 'typebox';
import { component, pattern, text } from '../../schema.js';
import { WholeAlias } from '../aliases/schema.js';
import { listNext } from '../lists.js';
import { Hash, Identifier, orNull, Timestamp } from '../values.js';

export const Digest = Type.String({
  pattern: pattern('^[0-9a-fA-F]{64}$', 'must be a sha256: 64 hex digits'),
  description:
    'The SHA-256 of the bytes of a content, in hex: its hash, or the beginning of it. Upper case is accepted, answers are ' +
    'lower case.',
  examples: ['5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9'],
});

const Reason = text('reason_too_long', 1024, {
  description: 'Why it is blocked. An uploader gets it with the refusal.',
  examples: ['Reported by several instances.'],
});

export const BlockBody = component(
  'Block',
  Type.Object(
    { reason: Type.Optional(orNull(Reason)) },
    {
      additionalProperties: false,
      'x-optional': true,
      description: 'Without `reason` an existing reason stays; null removes it.',
    },
  ),
);

export const BlockedHash = component(
  'BlockedHash',
  Type.Object({ digest: Digest, reason: orNull(Reason), blocked_at: Timestamp }),
);

/** How many contents of a digest an answer shows. There is one for each format in which the bytes were uploaded. */
export const MAX_STANDING = 50;
/** How many aliases of each content an answer shows. */
export const MAX_ALIASES = 100;

export const Standing = component(
  'Standing',
  Type.Object({
    contents: Type.Array(
      Type.Object({
        hash: Hash,
        identifier: Identifier,
        created_at: orNull(Timestamp),
        aliases: Type.Array(WholeAlias, {
          description: `The first ${MAX_ALIASES}, in the order of their bytes; including expired ones.`,
        }),
        aliases_more: Type.Boolean({ description: 'Whether there are further aliases than these.' }),
      }),
      { description: 'In the order of their hashes.' },
    ),
    ...listNext,
  }),
);
