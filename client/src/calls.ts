import { operations as table } from './generated/operations.js';
import type { components, operations } from './generated/schema.js';
import type { Params, Route } from './request.js';

export interface CallOptions {
  signal?: AbortSignal;
  /** How often the call is tried again where it got no answer of the service, or 408, 429, 502, 503 or 504. */
  retries?: number;
  /** How long one try may take; what it asks the service to wait (`wait_seconds`, `wait`) comes on top. Of a stream, how long it may be silent. */
  timeoutSeconds?: number;
}

export type OperationId = keyof typeof table;

/** One method for each operation: `repo.hashes.create({ hash }, { identifier }, { signal })`. */
export type Calls = {
  readonly [R in RepoName]: {
    readonly [O in OperationId as MethodName<O, R>]: (...args: CallArguments<O>) => CallResult<O>;
  };
};

type RepoName = OperationId extends `${infer R}.${string}` ? R : never;
type MethodName<O, R extends string> = O extends `${R}.${infer M}` ? M : never;

/** What the path and the query take, then the body, each only where the operation has it. */
export type CallArguments<O extends OperationId> = [
  ...ParamsArgument<PathOf<operations[O]['parameters']> & QueryOf<operations[O]['parameters']>>,
  ...BodyArgument<O>,
  options?: CallOptions,
];

type ParamsArgument<P> = unknown extends P ? [] : Record<never, never> extends P ? [params?: P] : [params: P];
type PathOf<P> = P extends { path: infer T } ? T : unknown;
type QueryOf<P> = P extends { query?: infer T }
  ? [NonNullable<T>] extends [never]
    ? unknown
    : NonNullable<T>
  : unknown;

type BodyArgument<O extends OperationId> = (typeof table)[O] extends { body: 'bytes' }
  ? [body: string | Uint8Array<ArrayBuffer>]
  : operations[O] extends { requestBody: { content: infer C } }
    ? [body: C[keyof C]]
    : (typeof table)[O] extends { body: 'json' }
      ? [body?: ContentOf<NonNullable<operations[O]['requestBody']>> | undefined]
      : [];

/** The body of the answer. Where several statuses are a success, it stands beside the body's members. */
export type CallResult<O extends OperationId> = {
  json: Promise<ContentOf<Responses<O>[keyof Responses<O>]>>;
  jsonWithStatus: Promise<WithStatus<Responses<O>>>;
  nothing: Promise<undefined>;
  bytes: Promise<Uint8Array<ArrayBuffer>>;
  stream: AsyncGenerator<RowOf<ContentOf<Responses<O>[keyof Responses<O>]>>, void, undefined>;
}[(typeof table)[O]['answer']];

type Responses<O extends OperationId> = operations[O]['responses'];
type ContentOf<R> = R extends { content: infer C } ? C[keyof C] : unknown;
type WithStatus<R> = { [S in keyof R]: { status: S } & ContentOf<R[S]> }[keyof R];
type RowOf<L> = Exclude<L, components['schemas']['StreamEnd']>;

export interface Call {
  operationId: string;
  route: Route;
  params: Params;
  body: unknown;
  options: CallOptions;
}

/**
 * The methods, made from the table. The compiler cannot follow the table's names into the types, so the first
 * signature is a claim; both come from one document, and the tests call every operation.
 */
export function callsOf(send: (call: Call) => unknown): Calls;
export function callsOf(send: (call: Call) => unknown): object {
  const repos: Record<string, Record<string, unknown>> = {};
  for (const [operationId, route] of Object.entries<Route>(table)) {
    const [repo = '', method = ''] = operationId.split('.');
    const methods = repos[repo] ?? {};
    repos[repo] = methods;
    methods[method] = (...args: (object | undefined)[]) => {
      const params = { ...(route.takesParams && args.shift()) };
      const body = route.body && args.shift();
      const [options = {}] = args;
      return send({ operationId, route, params, body, options });
    };
  }
  return repos;
}
