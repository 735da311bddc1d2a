import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/schema';
import { brief } from '../brief.js';
import { type InputFault, Problem, type ProblemCode, problems } from '../problems.js';
import { referredBy } from '../schema.js';
import { faultsOfForms, reasonsOf, type ValidationFault } from './fault-reasons.js';

/** How many faults are named. The validator itself ends at about as many. */
const MAX_ERRORS = 8;

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
  const read = httpPart === 'querystring' ? queryReader(schema) : undefined;
  return (input: unknown) => {
    const value = read ? read(input as Record<string, unknown>) : input;
    const validator = compiled(schema);
    if (validator.Check(value)) return { value };
    const [, faults] = validator.Errors(value);
    return { error: refusal(PART[httpPart] ?? httpPart, faults) };
  };
};

const validators = new WeakMap<TSchema, Validator>();

/**
 * Compiling takes a few milliseconds, so a schema is compiled at its first request, which keeps the start short. HEAD
 * shares it with GET, and a process may hold several services.
 */
function compiled(schema: TSchema): Validator {
  const known = validators.get(schema);
  if (known) return known;
  const validator = Compile(referredBy(schema), schema);
  validators.set(schema, validator);
  return validator;
}

/** Converts the integers and booleans of a query string; undefined if the schema has none. */
function queryReader(
  schema: TSchema,
): ((query: Record<string, unknown>) => Record<string, unknown>) | undefined {
  const properties = 'properties' in schema ? (schema.properties as Record<string, { type?: string }>) : {};
  const converted = Object.entries(properties).filter(
    ([, { type }]) => type === 'integer' || type === 'boolean',
  );
  if (converted.length === 0) return undefined;
  return (query) => {
    let result = query;
    for (const [name, { type }] of converted) {
      const value = query[name];
      // Most requests have none of them, and are not copied.
      if (value === undefined) continue;
      if (result === query) result = { ...query };
      result[name] = readAs(type, value);
    }
    return result;
  };
}

function readAs(type: string | undefined, value: unknown): unknown {
  if (type === 'integer' && typeof value === 'string' && /^\d{1,15}$/.test(value)) return Number(value);
  if (type === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return value;
}

/** A value that is too long has a code of its own; all other faults are `invalid_request`. */
function refusal(part: string, faults: ValidationFault[]): Problem {
  let code: ProblemCode = 'invalid_request';
  let detail: string | undefined;
  const errors: InputFault[] = [];
  for (const fault of faultsOfForms(faults)) {
    const path = `/${part}${fault.instancePath}`;
    if (fault.keyword === '~refine' && Object.hasOwn(problems, fault.message)) {
      code = fault.message as ProblemCode;
      const { title } = problems[code];
      errors.push({ path: brief(path), reason: title });
      detail ??= `${brief(path)}: ${title}.`;
    } else {
      const reasons = reasonsOf(fault).map(([at, reason]) => ({
        path: brief(path + at),
        reason: brief(reason),
      }));
      errors.push(...reasons);
      const [first] = reasons;
      if (first) detail ??= `${first.path} ${first.reason}.`;
    }
  }
  detail ??= 'The request is not as the document says.';
  return new Problem(code, detail, { errors: errors.slice(0, MAX_ERRORS) });
}
