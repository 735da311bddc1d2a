import Type, { type TSchema } from 'typebox';
import { type ProblemCode, problems } from '../problems.js';
import { component } from '../schema.js';
import { exampleOf } from './example.js';

/** A successful answer: JSON by default; 204 has no schema. */
export interface AnswerSchema {
  description: string;
  schema?: TSchema;
  type?: string;
  example?: unknown;
}

export const Checks = component(
  'Checks',
  Type.Object(
    {
      process: Type.Enum(['serving', 'draining'], { description: 'draining: it is shutting down.' }),
      database: Type.Enum(['reachable', 'unreachable', 'refused', 'silent', 'read_only'], {
        description:
          'refused: it refuses the login, for example because of a wrong password. silent: no answer in time. ' +
          'read_only: it is a standby, or is set to read-only.',
      }),
      writes: Type.Enum(['accepted', 'failed_lately'], {
        description:
          'failed_lately: the database refused a write within the last minute, for example because its disk is full. ' +
          'The process stays ready, because it can still read.',
      }),
      schema: Type.Enum(['fits', 'older', 'newer', 'unknown'], {
        description:
          'older: migrations are missing. newer: a newer version has migrated the database. unknown: the database ' +
          'could not be asked.',
      }),
      settings: Type.Array(Type.String(), {
        description:
          'The settings of database sessions that differ from those that the service requests, for example behind a ' +
          'pooler that drops them. Only client_encoding makes the process unready.',
        examples: [['jit', 'statement_timeout']],
      }),
      listener: Type.Enum(['listening', 'lost'], {
        description: 'listening: notifications of jobs that other processes push arrive here.',
      }),
    },
    { description: 'The state of the process, check by check.' },
  ),
);

/** RFC 9457, with the extensions of this service. */
const ProblemDetails = component(
  'Problem',
  Type.Object(
    {
      type: Type.String({
        format: 'uri-reference',
        description: 'Names the kind of problem, as `code` does.',
      }),
      title: Type.String({ description: 'What this kind of problem is.' }),
      status: Type.Integer({ description: 'The status of the answer.' }),
      detail: Type.String({ description: 'What happened this time.' }),
      instance: Type.String({ description: 'The path of the request.' }),
      code: Type.String({ description: 'Stable and machine-readable.' }),
      request_id: Type.String({ description: 'As in the header X-Request-Id and in the log.' }),
      errors: Type.Optional(
        Type.Array(
          Type.Object({
            path: Type.String({ description: 'A JSON pointer below /body, /query or /params.' }),
            reason: Type.String(),
          }),
          { description: 'The faults of the request.' },
        ),
      ),
      existing: Type.Optional(
        Type.Record(Type.String(), Type.Unknown(), {
          description: 'The existing record that conflicts with a create.',
        }),
      ),
      unneeded: Type.Optional(
        Type.Array(Type.String(), {
          description: 'The files of a refused request that may be deleted now.',
        }),
      ),
      reason: Type.Optional(Type.String({ description: 'Why the content is blocked.' })),
      state: Type.Optional(
        Type.Enum(['gone', 'scheduled', 'ready', 'running', 'dead'], {
          description: 'The state of the job whose lease was lost.',
        }),
      ),
      checks: Type.Optional(Checks),
    },
    { description: 'RFC 9457 problem details.' },
  ),
);

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

/** Further problems of every route with a JSON body. */
const WITH_BODY: readonly ProblemCode[] = [
  'malformed_json',
  'json_too_deep',
  'number_out_of_range',
  'invalid_text',
  'beyond_database_limit',
];

/** Builds the `response` of a route's schema: successful answers, and problems grouped by status. */
export function responses(
  answers: Record<number, AnswerSchema>,
  codes: readonly (ProblemCode | 'body')[],
  anywhere = ANYWHERE,
): Record<number, object> {
  const all = codes.flatMap((code) => (code === 'body' ? WITH_BODY : [code]));
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set([...all, ...anywhere])) {
    const { status } = problems[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return {
    ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, success(answer)])),
    ...Object.fromEntries([...byStatus].map(([status, some]) => [status, refusal(some)])),
  };
}

function success({ description, schema, type = 'application/json', example }: AnswerSchema): object {
  if (!schema) return { description, type: 'null' };
  if (type === 'application/octet-stream') return { description, content: { [type]: { schema } } };
  return { description, content: { [type]: { schema, example: example ?? exampleOf(schema) } } };
}

function refusal(codes: ProblemCode[]): object {
  const schema = Type.Intersect([ProblemDetails, Type.Object({ code: Type.Enum(codes) })]);
  const [first] = codes;
  return {
    description: codes.map((code) => `\`${code}\`: ${problems[code].title}.`).join(' '),
    content: { 'application/problem+json': { schema, ...(first && { example: problemExample(first) }) } },
  };
}

function problemExample(code: ProblemCode): object {
  const { status, title } = problems[code];
  return {
    type: problemType(code),
    title,
    status,
    detail: `${title}.`,
    instance: '/v1',
    code,
    request_id: '0b8f3c5e-6a0d-4f0e-9a57-3d2f5f1f8f11',
  };
}

export function problemType(code: ProblemCode): string {
  return `urn:pict-repo:problem:${code}`;
}
