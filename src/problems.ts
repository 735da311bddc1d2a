/**
 * All errors that clients can get, with status and title. Their codes are part of the API and do not change.
 * http/problem-details.ts turns them into answers.
 */
export const problems = {
  // Faults of the request.
  invalid_request: { status: 400, title: 'The request is not valid' },
  malformed_json: { status: 400, title: 'The body is not JSON in UTF-8' },
  json_too_deep: { status: 400, title: 'The JSON is nested more than 256 levels deep' },
  number_out_of_range: { status: 400, title: 'A number needs more than 400 digits written out' },
  invalid_text: { status: 400, title: 'A text holds a NUL character or a lone surrogate' },
  malformed_request: { status: 400, title: 'The request is not well-formed HTTP' },
  alias_too_long: { status: 400, title: 'An alias has at most 255 bytes' },
  owner_too_long: { status: 400, title: 'An owner has at most 255 bytes' },
  blurhash_too_long: { status: 400, title: 'A blurhash has at most 255 bytes' },
  delete_token_too_long: { status: 400, title: 'A delete token has at most 255 bytes' },
  queue_too_long: { status: 400, title: 'The name of a queue has at most 255 bytes' },
  name_too_long: { status: 400, title: 'A name to look for has at most 8192 bytes' },
  reason_too_long: { status: 400, title: 'The reason of a block has at most 1024 bytes' },
  error_too_long: { status: 400, title: 'The text of an error has at most 16384 bytes' },
  payload_too_long: { status: 400, title: 'A part of a payload to search for has at most 2048 bytes' },
  result_too_long: { status: 400, title: 'The result of a job has at most 4096 bytes' },
  error_code_too_long: { status: 400, title: 'The code of an error has at most 255 bytes' },
  claimer_too_long: { status: 400, title: 'A claimer has at most 255 bytes' },
  worker_id_too_long: { status: 400, title: 'A worker id has at most 255 bytes' },
  unique_key_too_long: { status: 400, title: 'A unique key has at most 255 bytes' },
  idempotency_key_too_long: { status: 400, title: 'An idempotency key has at most 255 bytes' },
  settings_key_too_long: { status: 400, title: 'A settings key has at most 255 bytes' },
  identifier_too_long: { status: 400, title: 'An identifier has at most 2048 bytes' },
  variant_too_long: { status: 400, title: 'A variant has at most 2048 bytes' },
  url_too_long: { status: 400, title: 'A URL has at most 8192 bytes' },
  missing_key: { status: 401, title: 'The request needs a key' },
  invalid_key: { status: 401, title: 'The key is not valid' },
  insufficient_scope: { status: 403, title: 'The key does not have the needed scope' },
  invalid_delete_token: { status: 403, title: 'The delete token does not match the alias' },
  hash_blocked: { status: 403, title: 'The content is blocked' },
  cross_site: { status: 403, title: 'The request comes from a page of another origin' },
  route_not_found: { status: 404, title: 'No such route' },
  method_not_allowed: { status: 405, title: 'The route has no such method' },
  request_timeout: { status: 408, title: 'The request took too long to arrive' },
  body_too_large: { status: 413, title: 'The body is too large' },
  settings_value_too_large: { status: 413, title: 'A settings value has at most 64 KiB' },
  details_too_large: { status: 413, title: 'Details have at most 1 MiB' },
  job_too_large: { status: 413, title: 'A job has at most 256 KiB' },
  batch_too_large: { status: 413, title: 'A batch has at most 1000 items and 8 MiB' },
  beyond_database_limit: {
    status: 413,
    title: 'A value is too large for a table or an index of the database',
  },
  uri_too_long: { status: 414, title: 'The URL of the request is too long' },
  unsupported_media_type: { status: 415, title: 'The route does not take this content type' },
  unsupported_content_encoding: { status: 415, title: 'The service supports no content encoding' },
  expectation_failed: { status: 417, title: 'The service cannot meet the expectation' },
  misdirected_request: { status: 421, title: 'The service does not answer for this host' },
  rate_limited: { status: 429, title: 'There are too many requests' },
  headers_too_large: { status: 431, title: 'The header fields are too large' },

  // Conflicts with the content of the database.
  hash_not_found: { status: 404, title: 'No such hash' },
  variant_not_found: { status: 404, title: 'The hash has no such variant' },
  motion_identifier_not_found: { status: 404, title: 'The hash has no motion identifier' },
  blurhash_not_found: { status: 404, title: 'The hash has no blurhash' },
  alias_not_found: { status: 404, title: 'No such alias' },
  file_not_found: { status: 404, title: 'The file has no owner' },
  upload_not_found: { status: 404, title: 'No such upload' },
  job_not_found: { status: 404, title: 'No such job' },
  blocked_hash_not_found: { status: 404, title: 'The content is not blocked' },
  setting_not_found: { status: 404, title: 'No such setting' },
  details_not_found: { status: 404, title: 'The identifier has no details' },
  proxy_not_found: { status: 404, title: 'The URL is not related to an alias' },
  hash_already_exists: { status: 409, title: 'The hash already exists with another identifier' },
  identifier_already_used: { status: 409, title: 'The identifier already belongs to a content' },
  identifier_condemned: { status: 409, title: 'The identifier belongs to a condemned file' },
  identifier_already_moved: { status: 409, title: 'The file was moved to another identifier' },
  file_shared: { status: 409, title: 'Several contents use the file' },
  variant_already_exists: { status: 409, title: 'The variant already exists with another identifier' },
  alias_already_exists: { status: 409, title: 'The alias already exists with other values' },
  proxy_already_exists: { status: 409, title: 'The URL is related to another alias' },
  enqueue_required: { status: 409, title: 'The hash has too much to be removed without a queue' },
  hash_in_use: { status: 409, title: 'The hash still has aliases' },
  upload_pending: { status: 409, title: 'The upload has no result yet' },
  upload_completed: { status: 409, title: 'The upload has another result already' },
  upload_claimed: { status: 409, title: 'Somebody else has claimed the upload' },
  variant_claimed: { status: 409, title: 'Another worker makes the variant' },
  claim_lost: { status: 409, title: 'The claim is no longer held' },
  job_id_used: { status: 409, title: 'The id was given to another job' },
  lease_lost: { status: 409, title: 'The lease is no longer held' },

  // Faults of the service.
  internal_error: { status: 500, title: 'The service failed' },
  database_unavailable: { status: 503, title: 'The database cannot be reached' },
  database_not_writable: { status: 503, title: 'The database can be read, but not written' },
  overloaded: { status: 503, title: 'The service has too much work' },
  figures_not_ready: { status: 503, title: 'The figures are still being computed' },
  hash_being_removed: { status: 503, title: 'The content is being removed' },
  contended: { status: 503, title: 'Other requests kept changing the same rows' },
  not_ready: { status: 503, title: 'The process should not be sent requests now' },
  shutting_down: { status: 503, title: 'The service is shutting down' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof problems;

/** A fault of a request: an RFC 6901 pointer below `/body`, `/query` or `/params`, and the reason. */
export interface InputFault {
  path: string;
  reason: string;
}

/** Optional members of a problem. */
interface Extensions {
  /** The existing record that conflicts with a create; without secrets. */
  existing?: Record<string, unknown>;
  errors?: InputFault[];
  /** Files of a refused request, which may be deleted now. */
  unneeded?: string[];
  /** Why a content is blocked. */
  reason?: string;
  /** The time of the last figures, which are too old to be answered. */
  asOf?: string;
  /** The current state of the job whose lease was lost. */
  state?: string;
  retryAfterSeconds?: number;
  /** The value of WWW-Authenticate. */
  challenge?: string;
  cause?: unknown;
}

/** An error that is part of the HTTP contract. Any other error is a fault of the service, answered with 500. */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly extensions: Extensions;

  constructor(code: ProblemCode, detail: string, extensions: Extensions = {}) {
    super(detail, { cause: extensions.cause });
    this.code = code;
    this.extensions = extensions;
  }

  get status(): number {
    return problems[this.code].status;
  }
}

/** Thrown when the client has gone before there was an answer, so that nobody gets one. */
export class ClientGone extends Error {}

type NotFound = Extract<ProblemCode, `${string}_not_found`>;

export function notFound(what: NotFound, detail: string, more: Pick<Extensions, 'unneeded'> = {}): Problem {
  return new Problem(what, detail, more);
}

/** 409 with the existing record. */
export function conflict(
  code: ProblemCode,
  detail: string,
  existing: Record<string, unknown>,
  more: Pick<Extensions, 'unneeded'> = {},
): Problem {
  return new Problem(code, detail, { existing, ...more });
}

/** 503: the client may repeat the request, which may succeed soon. */
export function unavailable(
  code: 'database_unavailable' | 'database_not_writable' | 'overloaded' | 'contended' | 'shutting_down',
  detail: string,
  cause?: unknown,
): Problem {
  return new Problem(code, detail, { retryAfterSeconds: 1, cause });
}
