import Type, { type TSchema } from 'typebox';
import { components } from '../schema.js';

/**
 * What the reader of a body needs to know of its schema: which values to make, and which to pass over.
 *
 * - `object`: its known members; the others are refused later.
 * - `array`: its elements, of which there are at most so many.
 * - `scalar`: a string, a number, true, false or null.
 * - `text`: any JSON value, which is kept as its text.
 * - `open`: an object of any members, which is kept as the text of the whole body.
 * - `unknown`: what no schema says anything of.
 */
export type Shape = ObjectShape | ArrayShape | { kind: 'scalar' | 'text' | 'open' | 'unknown' };

export interface ObjectShape {
  kind: 'object';
  members: Map<string, Member>;
}

export interface ArrayShape {
  kind: 'array';
  element: Shape;
  most: number;
}

interface Member {
  name: string;
  shape: Shape;
}

export function shapeOf(schema: TSchema): Shape {
  if (Type.IsRef(schema)) {
    const named = components[schema.$ref];
    if (!named) throw new TypeError(`There is no schema "${schema.$ref}".`);
    return shapeOf(named);
  }
  if (Type.IsUnknown(schema)) return { kind: 'text' };
  if (Type.IsArray(schema)) {
    const { 'x-maxItems': most } = schema as { 'x-maxItems'?: number };
    if (most === undefined) throw new TypeError('An array in a body needs a most of items.');
    return { kind: 'array', element: shapeOf(schema.items), most };
  }
  if (!Type.IsObject(schema)) return { kind: 'scalar' };
  if ('additionalProperties' in schema && schema.additionalProperties === false) {
    const members = Object.entries(schema.properties).map(([name, member]): [string, Member] => [
      name,
      { name, shape: shapeOf(member) },
    ]);
    return { kind: 'object', members: new Map(members) };
  }
  return { kind: 'open' };
}
