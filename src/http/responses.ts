import type { TSchema } from 'typebox';
import { type ProblemCode, problems } from '../problems.js';
import { exampleOf } from './example.js';
import { problemExample, problemSchema } from './problem-schemas.js';

/** A successful answer: JSON by default; 204 has no schema. */
export interface AnswerSchema {
  description: string;
  schema?: TSchema;
  type?: string;
  example?: unknown;
}

/** Problems of every route. */
const ANYWHERE: readonly ProblemCode[] = [
  'invalid_request',
  'malformed_request',
  'missing_key',
  'invalid_key',
  'request_timeout',
  'uri_too_long',
  'unsupported_media_type',
  'unsupported_content_encoding',
  'expectation_failed',
  'misdirected_request',
  'rate_limited',
  'headers_too_large',
  'internal_error',
  'database_unavailable',
  'database_not_writable',
  'overloaded',
  'contended',
  'shutting_down',
];

/** Further problems of every route with a body. */
const WITH_BODY: readonly ProblemCode[] = [
  'malformed_json',
  'json_too_deep',
  'number_out_of_range',
  'invalid_text',
  'body_too_large',
  'beyond_database_limit',
];

/** Further problems of routes that change something, or that a key for reading does not open. */
const WITH_SCOPE: readonly ProblemCode[] = ['insufficient_scope', 'cross_site'];

/**
 * Builds the `response` of a route's schema: the successful answers, and the problems that the route has of its own. The
 * document lists a status with all of its codes. What is not listed is the same everywhere: SHARED_PROBLEM.
 */
export function responses(
  answers: Record<number, AnswerSchema>,
  own: readonly ProblemCode[],
  hasBody = false,
): Record<number, object> {
  const common = [...WITH_SCOPE, ...(hasBody ? WITH_BODY : []), ...ANYWHERE];
  const listed = [...new Set(own.map((code) => problems[code].status))];
  const codesOf = (status: number) =>
    [...new Set([...own, ...common])].filter((code) => problems[code].status === status);
  return {
    ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, success(answer)])),
    ...Object.fromEntries(listed.map((status) => [status, refusal(codesOf(status), own)])),
  };
}

/** The answer `default` of every operation. */
export const SHARED_PROBLEM = {
  ...refusal([...ANYWHERE, ...WITH_SCOPE, ...WITH_BODY]),
  description: 'A problem that every operation can have; `code` names it.',
};

const LINES =
  'Newline-delimited JSON: each line is an object, and the last one is the end line. Read it line by line, because the ' +
  'whole is no JSON document.';

function success({ description, schema, type = 'application/json', example }: AnswerSchema): object {
  if (!schema) return { description, type: 'null' };
  if (type === 'application/octet-stream') return { description, content: { [type]: { schema } } };
  if (type === 'application/x-ndjson') {
    const [row, end] = variantsOf(schema).map(exampleOf);
    const text = [row, end].map((line) => JSON.stringify(line)).join('\n');
    const examples = {
      row: { summary: 'Every line but the last', value: row },
      end: { summary: 'The last line', value: end },
    };
    return {
      description: `${description} ${LINES}\n\n\`\`\`\n${text}\n\`\`\``,
      content: { [type]: { schema, examples } },
    };
  }
  return { description, content: { [type]: { schema, example: example ?? exampleOf(schema) } } };
}

function variantsOf(schema: TSchema): TSchema[] {
  return 'anyOf' in schema && Array.isArray(schema.anyOf) ? schema.anyOf : [schema];
}

/** @param told the codes that are described in words; the other codes are only named */
function refusal(codes: readonly ProblemCode[], told = codes): object {
  const [first] = codes;
  const words = codes
    .filter((code) => told.includes(code))
    .map((code) => `\`${code}\`: ${problems[code].title}.`);
  const names = codes.filter((code) => !told.includes(code)).map((code) => `\`${code}\``);
  return {
    description: [...words, ...(names.length > 0 ? [`As everywhere: ${names.join(', ')}.`] : [])].join(' '),
    content: {
      'application/problem+json': {
        schema: problemSchema(codes),
        ...(first && { example: problemExample(first) }),
      },
    },
  };
}
