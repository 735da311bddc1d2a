import { PATTERNS } from '../schema.js';

/** A fault as the validator reports it. */
export interface ValidationFault {
  keyword: string;
  /** An RFC 6901 pointer. */
  instancePath: string;
  message: string;
  params: object;
}

type Params = Record<string, unknown>;

const TYPES: Record<string, string> = {
  string: 'a text',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  object: 'an object',
  array: 'an array',
  null: 'null',
};

const FORMATS: Record<string, string> = { 'date-time': 'a time in RFC 3339' };

/** The reason of a fault, by the keyword of the schema. */
const REASONS: Record<string, (params: Params) => string> = {
  // Reported for each property that the schema does not know.
  boolean: () => 'is not known',
  type: ({ type }) => `must be ${[type].flat().map(typeName).join(' or ')}`,
  enum: ({ allowedValues }) => `must be one of ${[allowedValues].flat().join(', ')}`,
  pattern: ({ pattern }) => PATTERNS.get(String(pattern)) ?? 'must have the form that the document gives',
  format: ({ format }) => `must be ${FORMATS[String(format)] ?? `in the format ${format}`}`,
  minimum: ({ limit }) => `must be at least ${limit}`,
  maximum: ({ limit }) => `must be at most ${limit}`,
  minLength: ({ limit }) => (limit === 1 ? 'must not be empty' : `must have at least ${limit} characters`),
  minItems: ({ limit }) => (limit === 1 ? 'must not be empty' : `must have at least ${limit} items`),
};

/** What a fault says, each with a pointer below the place of the fault. */
export function reasonsOf({
  keyword,
  message,
  params,
}: ValidationFault): [pointer: string, reason: string][] {
  const given: Params = { ...params };
  // Each unknown property has a report of its own.
  if (keyword === 'additionalProperties') return [];
  if (keyword === 'required') {
    return [given['requiredProperties']].flat().map((name) => [`/${name}`, 'is missing']);
  }
  return [['', REASONS[keyword]?.(given) ?? message]];
}

function typeName(type: unknown): string {
  return TYPES[String(type)] ?? String(type);
}
