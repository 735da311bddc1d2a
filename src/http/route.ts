import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import Type, { type Static, type TObject, type TProperties, type TSchema } from 'typebox';
import type { Scope } from '../keys.js';
import type { ProblemCode } from '../problems.js';
import { runFor } from '../requester.js';
import { type Answer, payloadOf } from './answer.js';
import { NO_BODY_BYTES } from './body.js';
import { type Shape, shapeOf } from './json-shape.js';
import { securityOf } from './openapi.js';
import { type AnswerSchema, responses } from './responses.js';
import { enterStream } from './streams.js';

/** The validated request, as a handler gets it. */
interface Input<Params extends TProperties, Query extends TProperties, Body extends TSchema> {
  params: Static<TObject<Params>>;
  query: Static<TObject<Query>>;
  body: Static<Body>;
  /** The text of the body, for JSON that is stored byte for byte. */
  bodyText: string;
  headers: FastifyRequest['headers'];
  isHead: boolean;
  /**
   * Refuses with 403 a key without this scope, where the request asks for more than its route does by itself. A GET that
   * changes something is also refused to pages of other origins, as other methods are (guard.ts).
   */
  demand: (scope: Scope) => void;
  /** Calls back once if the client goes away before its answer is sent. */
  onClientGone: (listener: () => void) => void;
  /** Returns a signal that is aborted when the client goes away, for what may wait long. */
  clientGone: () => AbortSignal;
}

interface Definition<Repo, Params extends TProperties, Query extends TProperties, Body extends TSchema> {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** The scope that a key needs; by default read for GET and write for other methods. */
  scope?: Scope;
  /** Below /v1, with {parameters} as in OpenAPI. */
  url: string;
  summary: string;
  description: string;
  params?: Params;
  query?: Query;
  body?: Body;
  /** json (default): JSON is required. optional: JSON, and no body means {}. bytes: a Buffer of any content type. */
  bodyKind?: 'json' | 'optional' | 'bytes';
  /** The maximum size in bytes, and the problem for a longer body. */
  bodyLimit?: [number, ProblemCode];
  /** The successful answers, by status. */
  answers: Record<number, AnswerSchema>;
  /** Problems of this route, besides those of every route. */
  problems: readonly ProblemCode[];
  /** The answer is a stream. The number of open streams is limited, and HEAD does not read the table. */
  stream?: boolean;
  handle: (repo: Repo, input: Input<Params, Query, Body>) => Promise<Answer>;
}

/** A route without the types of its schemas. */
export interface Route<Repo> {
  register: (app: FastifyInstance, repo: Repo, operation: { id: string; tag: string }) => void;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    tooLarge?: ProblemCode;
    operationId?: string;
    /** The body is bytes of any content type. */
    bytes?: boolean;
    /** How a JSON body is read; undefined if the route takes none. */
    bodyShape?: Shape;
  }
  interface FastifyRequest {
    bodyText: string;
  }
}

/** Returns the function that makes routes of one repo: `const route = routesOf<ProxiesRepo>()`. */
export function routesOf<Repo>() {
  return <
    Params extends TProperties = Record<never, never>,
    Query extends TProperties = Record<never, never>,
    Body extends TSchema = TSchema,
  >(
    definition: Definition<Repo, Params, Query, Body>,
  ): Route<Repo> => {
    const inputs = inputSchemas(definition);
    return { register: (app, repo, operation) => register(app, repo, operation, definition, inputs) };
  };
}

/** Made once for each route, because validators are cached by schema (validation.ts). */
function inputSchemas<Params extends TProperties, Query extends TProperties, Body extends TSchema>({
  params,
  query,
  body,
}: Pick<Definition<never, Params, Query, Body>, 'params' | 'query' | 'body'>) {
  return {
    ...(params && { params: closed(params) }),
    querystring: closed(query ?? {}),
    ...(body && { body }),
  };
}

function register<Repo, Params extends TProperties, Query extends TProperties, Body extends TSchema>(
  app: FastifyInstance,
  repo: Repo,
  operation: { id: string; tag: string },
  route: Definition<Repo, Params, Query, Body>,
  inputs: ReturnType<typeof inputSchemas<Params, Query, Body>>,
): void {
  const { method, bodyKind = 'json', scope = method === 'GET' ? 'read' : 'write' } = route;
  const url = `/v1${route.url.replace(/\{(\w+)\}/g, ':$1')}`;
  const [bodyLimit, tooLarge] = route.body
    ? (route.bodyLimit ?? [64 * 1024, 'body_too_large'])
    : [NO_BODY_BYTES, undefined];
  const schema = {
    operationId: operation.id,
    tags: [operation.tag],
    summary: route.summary,
    description: `${route.description}\n\nScope: \`${scope}\`.`,
    security: securityOf(scope),
    ...inputs,
    ...(bodyKind === 'bytes' && { consumes: ['application/octet-stream'] }),
    response: responses(
      route.answers,
      // A route with a limit of its own also has a problem of its own. `body_too_large` is in the shared answer.
      [...route.problems, ...(tooLarge && tooLarge !== 'body_too_large' ? [tooLarge] : [])],
      Boolean(route.body),
    ),
  };
  const options = {
    schema,
    bodyLimit,
    config: {
      scope,
      ...(tooLarge && { tooLarge }),
      operationId: operation.id,
      ...(bodyKind === 'bytes' ? { bytes: true } : route.body && { bodyShape: shapeOf(route.body) }),
    },
    preValidation: WITHOUT_BODY[bodyKind],
  };

  app.route({
    ...options,
    method,
    url,
    exposeHeadRoute: !route.stream,
    ...(route.stream && { preHandler: enterStream }),
    // Not async: an async function would keep the input in memory for as long as the request waits.
    handler: (request, reply) => answer(request, reply).then((answered) => payloadOf(answered, reply)),
  });
  if (route.stream) {
    app.route({
      ...options,
      schema: { ...schema, hide: true },
      method: 'HEAD',
      url,
      handler: async (_request, reply) => reply.type('application/x-ndjson').send(),
    });
  }

  function answer(request: FastifyRequest, reply: FastifyReply): Promise<Answer> {
    const input = inputOf(request, reply);
    return runFor({ operation: operation.id, requestId: request.id }, () => route.handle(repo, input));
  }

  function inputOf(request: FastifyRequest, reply: FastifyReply): Input<Params, Query, Body> {
    // The validator has checked that these have the types of the schemas.
    const [params, query, body] = [request.params, request.query, request.body] as [never, never, never];
    return {
      params,
      query,
      body,
      bodyText: request.bodyText,
      headers: request.headers,
      isHead: request.method === 'HEAD',
      demand: (scope) => {
        const problem =
          request.server.scopeRefusal(request, scope) ?? request.server.crossSiteRefusal(request);
        if (problem) throw problem;
      },
      // request.signal and onRequestAbort do not notice a client that goes away during a POST (fastify 6725, 7033).
      onClientGone: (listener) => {
        const { socket } = request.raw;
        const connection = request.server.connections.of(request.raw);
        if (connection) connection.isWatched = true;
        // writableFinished can be true for an answer that was cut; the socket then has an error.
        const onClose = (): void => {
          if (!reply.raw.writableFinished || socket.errored) listener();
        };
        if (reply.raw.closed) onClose();
        else reply.raw.on('close', onClose);
      },
      clientGone: () => {
        const gone = new AbortController();
        if (reply.raw.closed) gone.abort();
        else reply.raw.once('close', () => gone.abort());
        return gone.signal;
      },
    };
  }
}

/** The value of a missing body. A required one is refused by the validation. */
const WITHOUT_BODY = {
  json: [],
  optional: async (request: FastifyRequest): Promise<void> => {
    if (request.bodyText === '') request.body ??= {};
  },
  bytes: async (request: FastifyRequest): Promise<void> => {
    request.body ??= Buffer.alloc(0);
  },
};

function closed<Properties extends TProperties>(properties: Properties): TObject<Properties> {
  return Type.Object(properties, { additionalProperties: false });
}
