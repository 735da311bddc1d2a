import Type from 'typebox';
import { component } from '../../schema.js';
import { Alias, DeleteToken, Hash } from '../values.js';

export const NewAlias = component(
  'NewAlias',
  Type.Object({ hash: Hash, delete_token: DeleteToken }, { additionalProperties: false }),
);

export const AliasRecord = component(
  'Alias',
  Type.Object({ alias: Alias, hash: Hash, delete_token: DeleteToken }),
);

export const Token = component('DeleteToken', Type.Object({ delete_token: DeleteToken }));

export const HashOfAlias = component('HashOfAlias', Type.Object({ hash: Hash }));

export const Aliases = component('Aliases', Type.Object({ aliases: Type.Array(Alias) }));
