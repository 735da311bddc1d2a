import Type from 'typebox';
import { component } from '../../schema.js';
import { Alias, Url } from '../values.js';

export const ProxyRecord = component(
  'Proxy',
  Type.Object({ url: Url, alias: Alias }, { additionalProperties: false }),
);

export const Related = component('Related', Type.Object({ alias: Alias }));
