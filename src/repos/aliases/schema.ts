import Type from 'typebox';
import { component } from '../../schema.js';
import { neighbours } from '../cursor.js';
import { listNext } from '../lists.js';
import { resultsOf } from '../read-several.js';
import { Alias, DeleteToken, Hash, Identifier, Owner, orNull, Timestamp, utcOf } from '../values.js';

/** The table takes no time before 0001-01-02, which is in the year 1 in every time zone (migration 00007). */
const Expiry = Type.Refine(
  Timestamp,
  (value) => utcOf(value) >= '0001-01-02',
  () => 'must not be on the first day of the year 1',
);

export const NewAlias = component(
  'NewAlias',
  Type.Object(
    {
      hash: Hash,
      delete_token: DeleteToken,
      owner: Type.Optional(orNull(Owner)),
      expires_at: Type.Optional(orNull(Expiry)),
    },
    {
      additionalProperties: false,
      examples: [
        {
          hash: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
          delete_token: '0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10',
          owner: 'https://lemmy.example.org/u/alice',
          expires_at: '2099-01-01T00:00:00Z',
        },
      ],
    },
  ),
);

export const AliasRecord = component(
  'Alias',
  Type.Object({
    alias: Alias,
    hash: Hash,
    delete_token: DeleteToken,
    owner: Type.Optional(Owner),
    expires_at: Type.Optional(Timestamp),
  }),
);

/** The members of an alias, without its token. */
const ownMembers = {
  alias: Alias,
  hash: Hash,
  owner: orNull(Owner),
  expires_at: orNull(Timestamp),
  created_at: orNull(Timestamp),
  expired: Type.Optional(
    Type.Literal(true, { description: 'The alias has expired: other reads do not find it.' }),
  ),
};

export const WholeAlias = component('WholeAlias', Type.Object(ownMembers));

export const AliasPage = component(
  'AliasPage',
  Type.Object({ aliases: Type.Array(Type.Object({ ...ownMembers, identifier: Identifier })), ...neighbours }),
);

export const OwnerBody = component(
  'Owner',
  Type.Object({ owner: orNull(Owner) }, { additionalProperties: false }),
);

export const ExpiryBody = component(
  'Expiry',
  Type.Object(
    { expires_at: orNull(Expiry) },
    { additionalProperties: false, examples: [{ expires_at: '2099-01-01T00:00:00Z' }] },
  ),
);

export const AliasesResults = component(
  'AliasesResults',
  resultsOf(
    Type.Object({
      hash: Hash,
      aliases: Type.Array(Alias, {
        description: 'The first 100, in the order of their bytes; no expired ones.',
      }),
      aliases_more: Type.Boolean({ description: 'Whether there are, or may be, further ones than these.' }),
    }),
  ),
);

export const Token = component('DeleteToken', Type.Object({ delete_token: DeleteToken }));

export const HashOfAlias = component('HashOfAlias', Type.Object({ hash: Hash }));

export const Aliases = component('Aliases', Type.Object({ aliases: Type.Array(Alias), ...listNext }));
