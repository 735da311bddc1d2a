import Type from 'typebox';
import { component } from '../../schema.js';
import { Alias, CleanupQueue, Hash, Identifier, orNull, Timestamp, Variant } from '../values.js';
import { readCursor, toCursor } from './cursor.js';
import { KINDS, WITH_AGE, WITHOUT_AGE } from './kinds.js';

const Finding = Type.Object({
  kind: Type.Enum(Object.keys(KINDS)),
  description: Type.String(),
  count: Type.Integer({ minimum: 0 }),
  complete: Type.Boolean({
    description: 'false: there was no time to search everything, and there may be more than `count`.',
  }),
  samples: Type.Array(Type.Object({}, { additionalProperties: true }), { description: 'Ten of them.' }),
  clean: Type.Object(
    {
      operation: Type.String(),
      method: Type.String(),
      path: Type.String(),
      body: Type.Optional(Type.Object({}, { additionalProperties: true })),
    },
    { description: 'The request that cleans it. With this body it is a dry run.' },
  ),
});

export const Report = component(
  'Report',
  Type.Object({
    as_of: Timestamp,
    findings: Type.Array(Finding, { description: 'One for each kind, even if nothing was found.' }),
    oldest_access: Type.Object(
      {
        alias: orNull(Type.Object({ alias: Alias, accessed: Timestamp })),
        variant: orNull(Type.Object({ hash: Hash, variant: Variant, accessed: Timestamp })),
      },
      {
        description:
          'What has not been used for the longest time. `media.expireProxied` and `media.expireVariants` remove such things.',
      },
    ),
  }),
);

const shared = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1000,
      description: 'Maximum number of contents, aliases or files; by default 100.',
    }),
  ),
  after: Type.Optional(Type.String({ description: '`next` of the pass before, of the same kind. Opaque.' })),
  enqueue: Type.Optional(CleanupQueue),
  dry_run: Type.Optional(Type.Boolean({ description: 'Tells what would be done, and does nothing.' })),
};

const EXAMPLE = {
  kind: 'hashes_without_alias',
  older_than: '2026-11-22T13:14:56.789012Z',
  limit: 100,
  enqueue: 'cleanup',
  dry_run: true,
};

const needsAge = (kind: string): boolean => WITH_AGE.some((name) => name === kind);

export const CleanBody = component(
  'CleanPass',
  Type.Refine(
    Type.Refine(
      Type.Object(
        {
          kind: Type.Enum([...WITH_AGE, ...WITHOUT_AGE], {
            description: 'What is cleaned, as in the report.',
          }),
          older_than: Type.Optional(Timestamp),
          ...shared,
        },
        { additionalProperties: false, examples: [EXAMPLE] },
      ),
      ({ kind, older_than }) => needsAge(kind) === (older_than !== undefined),
      ({ kind }) =>
        needsAge(kind) ? 'must have older_than' : 'must not have older_than: this kind has no age',
    ),
    ({ kind, after }) => after === undefined || readCursor(kind, after) !== undefined,
    () => 'must have as after a next of this kind',
  ),
);

export const CleanedPass = component(
  'CleanedPass',
  Type.Object({
    removed: Type.Object({
      aliases: Type.Array(Alias),
      hashes: Type.Array(Hash),
      variants: Type.Array(Type.Object({ hash: Hash, variant: Variant })),
      identifiers: Type.Array(Identifier, { description: 'The files that may be deleted now.' }),
    }),
    repaired: Type.Array(Identifier, { description: 'The files whose rows now agree with the contents.' }),
    more: Type.Boolean({ description: 'There may be more: send the request again, with `next` as `after`.' }),
    next: Type.Optional(Type.String({ examples: [toCursor('details_without_owner', ['3a/7d'])] })),
  }),
);
