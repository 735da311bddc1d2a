import Type, { type TSchema } from 'typebox';
import { components } from '../schema.js';

/**
 * The part of a schema that the reader of a body needs: which values to make, and which only to check.
 *
 * - `object`: an object with known members; others are refused later.
 * - `array`: an array with a maximum number of elements.
 * - `scalar`: a string, a number, true, false or null.
 * - `text`: any JSON value, kept as its text.
 * - `open`: an object with any members, kept as the text of the whole body.
 * - `unknown`: a value that the schema does not describe.
 */
export type Shape = ObjectShape | ArrayShape | { kind: 'scalar' | 'text' | 'open' | 'unknown' };

export interface ObjectShape {
  kind: 'object';
  members: Map<string, Member>;
}

export interface ArrayShape {
  kind: 'array';
  element: Shape;
  maxItems: number;
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
    const { 'x-maxItems': maxItems } = schema as { 'x-maxItems'?: number };
    if (maxItems === undefined) throw new TypeError('An array in a body needs x-maxItems.');
    return { kind: 'array', element: shapeOf(schema.items), maxItems };
  }
  if (Type.IsUnion(schema)) {
    // A union of a scalar and an object. A value that is not an object is read as a scalar.
    return schema.anyOf.map(shapeOf).find(({ kind }) => kind === 'object') ?? { kind: 'scalar' };
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
