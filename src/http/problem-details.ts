import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { ClientGone, Problem, type ProblemCode, problems } from '../problems.js';
import { BODY_NOT_TAKEN } from './body.js';
import { problemType } from './problem-schemas.js';
import { isArriving } from './read-body.js';

/** The problems for errors of Fastify. */
const FRAMEWORK: Record<string, ProblemCode> = {
  FST_ERR_BAD_URL: 'malformed_request',
  FST_ERR_MAX_PARAM_LENGTH: 'uri_too_long',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
};

/** Answers with the problem of an error. Any other error is answered with 500 and logged. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (error instanceof ClientGone) {
    reply.hijack();
    return;
  }
  const problem = asProblem(error, request);
  if (problem.status >= 500) logFault(request, problem, error);
  const { errors, existing, unneeded, reason, asOf, state, retryAfterSeconds, challenge } =
    problem.extensions;
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  if (challenge !== undefined) reply.header('www-authenticate', challenge);
  if (isArriving(request.raw)) {
    reply.header('connection', 'close');
    request.server.connections.of(request.raw)?.lingerAfterAnswer();
  }
  reply
    .code(problem.status)
    .header('x-request-id', request.id)
    .header('cache-control', 'no-store')
    .type('application/problem+json; charset=utf-8')
    .send(
      JSON.stringify({
        ...describe(problem, request.url.split('?', 1)[0] ?? '', request.id),
        ...(errors && { errors }),
        ...(existing && { existing }),
        ...(unneeded && { unneeded }),
        ...(reason && { reason }),
        ...(asOf && { as_of: asOf }),
        ...(state && { state }),
      }),
    );
}

/** The members that every problem has. */
export function describe(problem: Problem, instance: string, requestId: string): Record<string, unknown> {
  const { status, title } = problems[problem.code];
  return {
    type: problemType(problem.code),
    title,
    status,
    detail: problem.message,
    instance,
    code: problem.code,
    request_id: requestId,
  };
}

function asProblem(error: unknown, { routeOptions }: FastifyRequest): Problem {
  if (error instanceof Problem) return error;
  const { code = '', statusCode = 500 } = error instanceof Error ? (error as Partial<FastifyError>) : {};
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    if (routeOptions.schema?.body === undefined) return BODY_NOT_TAKEN;
    const tooLarge = routeOptions.config.tooLarge ?? 'body_too_large';
    return new Problem(tooLarge, `${problems[tooLarge].title}.`);
  }
  const known = FRAMEWORK[code];
  if (known && error instanceof Error) return new Problem(known, error.message);
  if (statusCode < 500 && error instanceof Error) return new Problem('malformed_request', error.message);
  return new Problem('internal_error', 'The service failed. The log has the cause under the request id.');
}

/** Logs no values of the statement, which may be secrets. */
function logFault({ id, log }: FastifyRequest, problem: Problem, error: unknown): void {
  const cause = error === problem ? (problem.cause ?? error) : error;
  const { code, message, stack } = cause instanceof Error ? (cause as Partial<FastifyError>) : {};
  const level = problem.code === 'internal_error' ? 'error' : 'warn';
  log[level](
    { request_id: id, problem: problem.code, cause: { code, message, ...(level === 'error' && { stack }) } },
    problem.message,
  );
}
