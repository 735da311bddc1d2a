// Written by `npm run types` from openapi/openapi.json.

import type * as Schemas from './schemas.js';

export type ProblemCode =
  | 'alias_already_exists'
  | 'alias_not_found'
  | 'alias_too_long'
  | 'batch_too_large'
  | 'beyond_database_limit'
  | 'blocked_hash_not_found'
  | 'blurhash_not_found'
  | 'blurhash_too_long'
  | 'body_too_large'
  | 'claim_lost'
  | 'claimer_too_long'
  | 'contended'
  | 'cross_site'
  | 'database_not_writable'
  | 'database_unavailable'
  | 'delete_token_too_long'
  | 'details_not_found'
  | 'details_too_large'
  | 'enqueue_required'
  | 'error_code_too_long'
  | 'error_too_long'
  | 'expectation_failed'
  | 'figures_not_ready'
  | 'file_not_found'
  | 'file_shared'
  | 'hash_already_exists'
  | 'hash_being_removed'
  | 'hash_blocked'
  | 'hash_in_use'
  | 'hash_not_found'
  | 'headers_too_large'
  | 'idempotency_key_too_long'
  | 'identifier_already_moved'
  | 'identifier_already_used'
  | 'identifier_condemned'
  | 'identifier_too_long'
  | 'insufficient_scope'
  | 'internal_error'
  | 'invalid_delete_token'
  | 'invalid_key'
  | 'invalid_request'
  | 'invalid_text'
  | 'job_id_used'
  | 'job_not_found'
  | 'job_too_large'
  | 'json_too_deep'
  | 'lease_lost'
  | 'malformed_json'
  | 'malformed_request'
  | 'misdirected_request'
  | 'missing_key'
  | 'motion_identifier_not_found'
  | 'name_too_long'
  | 'not_ready'
  | 'number_out_of_range'
  | 'overloaded'
  | 'owner_too_long'
  | 'payload_too_long'
  | 'proxy_already_exists'
  | 'proxy_not_found'
  | 'queue_too_long'
  | 'rate_limited'
  | 'reason_too_long'
  | 'request_timeout'
  | 'result_too_long'
  | 'setting_not_found'
  | 'settings_key_too_long'
  | 'settings_value_too_large'
  | 'shutting_down'
  | 'unique_key_too_long'
  | 'unsupported_content_encoding'
  | 'unsupported_media_type'
  | 'upload_claimed'
  | 'upload_completed'
  | 'upload_not_found'
  | 'upload_pending'
  | 'uri_too_long'
  | 'url_too_long'
  | 'variant_already_exists'
  | 'variant_claimed'
  | 'variant_not_found'
  | 'variant_too_long'
  | 'worker_id_too_long';

/** What a problem of that code has. */
export interface ProblemMembers {
  alias_already_exists: {
    existing: {
      alias: string;
      hash: string;
      owner?: string | undefined;
      expires_at?: string | undefined;
    };
  };
  hash_already_exists: {
    existing: {
      hash: string;
      identifier: string;
    };
  };
  hash_in_use: {
    existing: {
      aliases: string[];
    };
  };
  identifier_already_used: {
    existing: {
      hash: string;
      variant?: string | undefined;
      identifier: string;
    };
  };
  lease_lost: {
    state: 'gone' | 'scheduled' | 'ready' | 'running' | 'dead';
  };
  not_ready: {
    checks: Schemas.Checks;
  };
  proxy_already_exists: {
    existing: {
      alias: string;
    };
  };
  variant_already_exists: {
    existing: {
      hash: string;
      variant: string;
      identifier: string;
    };
  };
}
