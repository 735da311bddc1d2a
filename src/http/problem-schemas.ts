import Type, { type TProperties, type TSchema } from 'typebox';
import { type ProblemCode, problems } from '../problems.js';
import { component } from '../schema.js';
import { exampleOf } from './example.js';

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
    { description: 'The state of the process, one check each.' },
  ),
);

const State = Type.Enum(['gone', 'scheduled', 'ready', 'running', 'dead'], {
  description: 'The state of the job whose lease was lost.',
});

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
          description: 'The files of a refused upload that may be deleted now.',
        }),
      ),
      reason: Type.Optional(Type.String({ description: 'Why the content is blocked.' })),
      as_of: Type.Optional(
        Type.String({ format: 'date-time', description: 'The time of the last figures, which are too old.' }),
      ),
      state: Type.Optional(State),
      checks: Type.Optional(Checks),
    },
    { description: 'RFC 9457 problem details.' },
  ),
);

const NAMES = { hash: 'b5bb9d80', variant: 'webp/1024', identifier: '3a/7d/kept.webp', alias: 'cat.webp' };

const named = (name: keyof typeof NAMES) => Type.String({ examples: [NAMES[name]] });

/** What a problem of these codes always has beside the members of every problem. */
const MORE: Partial<Record<ProblemCode, TProperties>> = {
  hash_already_exists: { existing: existing({ hash: named('hash'), identifier: named('identifier') }) },
  variant_already_exists: {
    existing: existing({ hash: named('hash'), variant: named('variant'), identifier: named('identifier') }),
  },
  alias_already_exists: {
    existing: existing({
      alias: named('alias'),
      hash: named('hash'),
      owner: Type.Optional(Type.String({ examples: ['user-7'] })),
      expires_at: Type.Optional(
        Type.String({ format: 'date-time', examples: ['2027-01-01T00:00:00.000000Z'] }),
      ),
    }),
  },
  proxy_already_exists: { existing: existing({ alias: named('alias') }) },
  identifier_already_used: {
    existing: existing({
      hash: named('hash'),
      variant: Type.Optional(named('variant')),
      identifier: named('identifier'),
    }),
  },
  hash_in_use: { existing: existing({ aliases: Type.Array(named('alias')) }) },
  lease_lost: { state: State },
  not_ready: { checks: Checks },
};

const SPECIAL = new Map(
  (Object.entries(MORE) as [ProblemCode, TProperties][]).map(([code, more]) => [
    code,
    component(pascalCase(code), ofCodes([code], more)),
  ]),
);

/** The schema of a problem with one of these codes. */
export function problemSchema(codes: readonly ProblemCode[]): TSchema {
  const plain = codes.filter((code) => !SPECIAL.has(code));
  const schemas = [
    ...(plain.length > 0 ? [ofCodes(plain)] : []),
    ...codes.flatMap((code) => SPECIAL.get(code) ?? []),
  ];
  const [only] = schemas;
  return schemas.length === 1 && only ? only : Type.Union(schemas);
}

/** An example of a problem. */
export function problemExample(code: ProblemCode): object {
  const { status, title } = problems[code];
  return {
    type: problemType(code),
    title,
    status,
    detail: `${title}.`,
    instance: '/v1',
    code,
    request_id: '0b8f3c5e-6a0d-4f0e-9a57-3d2f5f1f8f11',
    ...Object.fromEntries(
      Object.entries(MORE[code] ?? {}).map(([name, schema]) => [name, exampleOf(schema)]),
    ),
  };
}

export function problemType(code: ProblemCode): string {
  return `urn:pict-repo:problem:${code}`;
}

function ofCodes(codes: ProblemCode[], more: TProperties = {}): TSchema {
  return Type.Intersect([ProblemDetails, Type.Object({ code: Type.Enum(codes), ...more })]);
}

function existing(members: TProperties): TSchema {
  return Type.Object(members, { description: 'The existing record.' });
}

function pascalCase(code: string): string {
  return code.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
