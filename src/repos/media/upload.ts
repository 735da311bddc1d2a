/** An upload that is to be committed, as the statements take it. */
export interface Upload {
  alias: string;
  hash: string;
  identifier: string;
  delete_token: string;
  /** JSON text. */
  details?: string | undefined;
  bytes?: number | undefined;
  motion_identifier?: string | undefined;
  blurhash?: string | undefined;
  owner?: string | null | undefined;
  /** RFC 3339 in UTC. */
  expires_at?: string | null | undefined;
  proxy_url?: string | undefined;
}

/** The answer to an upload. `standing`: the content existed before. */
export interface Committed {
  created: boolean;
  record: {
    alias: string;
    hash: string;
    identifier: string;
    content: 'created' | 'standing';
    unneeded: string[];
  };
}

/** Another transaction has just created, or condemned, a part of the upload. The next run sees it. */
export const UPLOAD_CONFLICTS = [
  'hashes_pkey',
  'hashes_identifier_key',
  'hashes_motion_identifier_key',
  'files_pkey',
  'aliases_pkey',
  'aliases_hash_fkey',
  'proxies_pkey',
  'proxies_alias_fkey',
  'alias_accesses_pkey',
  'alias_accesses_alias_fkey',
];
