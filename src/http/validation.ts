import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/schema';
import { type InputFault, Problem, type ProblemCode, problems } from '../problems.js';
import { components } from '../schema.js';

const PART: Record<string, string> = {
  body: 'body',
  querystring: 'query',
  params: 'params',
  headers: 'headers',
};

/**
 * Validates without coercion, removal or defaults, unlike the validator of Fastify. Only integers and booleans in a
 * query string, which is text, are converted.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = ({ schema, httpPart = '' }) => {
  if ('format' in schema && schema.format === 'binary') return () => true;
  const validator = compiled(schema);
  const read = httpPart === 'querystring' ? queryReader(schema) : undefined;
  return (input: unknown) => {
    const value = read ? read(input as Record<string, unknown>) : input;
    if (validator.Check(value)) return { value };
    const [, faults] = validator.Errors(value);
    return { error: refusal(PART[httpPart] ?? httpPart, faults) };
  };
};

const validators = new WeakMap<TSchema, Validator>();

/** Compiling takes a few milliseconds: HEAD shares it with GET, and a process may hold several services. */
function compiled(schema: TSchema): Validator {
  const known = validators.get(schema);
  if (known) return known;
  const validator = Compile(components, schema);
  validators.set(schema, validator);
  return validator;
}

/** Converts the integers and booleans of a query string; undefined if the schema has none. */
function queryReader(
  schema: TSchema,
): ((query: Record<string, unknown>) => Record<string, unknown>) | undefined {
  const properties = 'properties' in schema ? (schema.properties as Record<string, { type?: string }>) : {};
  const types = new Map(Object.entries(properties).map(([name, { type }]) => [name, type]));
  if (![...types.values()].some((type) => type === 'integer' || type === 'boolean')) return undefined;
  return (query) =>
    Object.fromEntries(Object.entries(query).map(([name, value]) => [name, readAs(types.get(name), value)]));
}

function readAs(type: string | undefined, value: unknown): unknown {
  if (type === 'integer' && typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value);
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

interface ValidationFault {
  keyword: string;
  instancePath: string;
  message: string;
  params: object;
}

/** A value that is too long has a code of its own; all other faults are `invalid_request`. */
function refusal(part: string, faults: ValidationFault[]): Problem {
  let code: ProblemCode = 'invalid_request';
  const errors: InputFault[] = [];
  for (const { keyword, instancePath, message, params } of faults) {
    // An unknown property is reported twice; the other report names it.
    if (keyword === 'boolean') continue;
    const path = `/${part}${instancePath}`;
    if (keyword === '~refine' && Object.hasOwn(problems, message)) {
      code = message as ProblemCode;
      errors.push({ path, reason: problems[code].title });
    } else if ('additionalProperties' in params && Array.isArray(params.additionalProperties)) {
      errors.push(
        ...params.additionalProperties.map((name) => ({
          path: `${path}/${pointerToken(name)}`,
          reason: 'is not known',
        })),
      );
    } else errors.push({ path, reason: message });
    if (errors.length >= 20) break;
  }
  const [first] = errors;
  return new Problem(code, `${first?.path} ${first?.reason}.`, { errors });
}

/** RFC 6901. */
function pointerToken(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
