import type { TSchema } from 'typebox';
import { components } from '../schema.js';

interface Node {
  $ref?: string;
  examples?: unknown[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: TSchema[];
  type?: string;
  properties?: Record<string, TSchema>;
  items?: TSchema;
  minimum?: number;
}

/** Builds an example of a schema from the examples of its parts. */
export function exampleOf(schema: TSchema): unknown {
  const node: Node = schema;
  if (node.examples) return node.examples[0];
  if (node.const !== undefined) return node.const;
  if (node.enum) return node.enum[0];
  if (node.anyOf?.[0]) return exampleOf(node.anyOf[0]);
  if (node.$ref !== undefined) return exampleOf(components[node.$ref] ?? {});
  if (node.items) return [exampleOf(node.items)];
  if (node.properties) {
    return Object.fromEntries(Object.entries(node.properties).map(([name, one]) => [name, exampleOf(one)]));
  }
  if (node.type === 'integer' || node.type === 'number') return Math.max(node.minimum ?? 1, 1);
  return node.type === 'boolean' ? false : 'text';
}
