// Written by `npm run types` from openapi/openapi.json.

export interface Alias {
  /**
   * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  alias: string;
  /**
   * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
   */
  hash: string;
  /** The secret that lets its holder delete an alias. 1 to 255 bytes in UTF-8. */
  delete_token: string;
  /** The owner of an alias: any name that the application uses. 1 to 255 bytes in UTF-8. */
  owner?: string | undefined;
  /** RFC 3339. Answers are in UTC with microseconds. */
  expires_at?: string | undefined;
}

/** One line of the stream. */
export interface AliasAccess {
  /**
   * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  alias: string;
  /** RFC 3339. Answers are in UTC with microseconds. */
  accessed: string;
}

export type AliasAlreadyExists = Problem & {
  code: 'alias_already_exists';
  /** The existing record. */
  existing: {
    alias: string;
    hash: string;
    owner?: string | undefined;
    expires_at?: string | undefined;
  };
};

export interface AliasPage {
  aliases: Array<{
    /**
     * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
     */
    alias: string;
    /**
     * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
     */
    hash: string;
    owner: string | null;
    expires_at: string | null;
    created_at: string | null;
    /** The alias has expired: other reads do not find it. */
    expired?: true | undefined;
    /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
    identifier: string;
  }>;
  /** If there are older ones: the value of `cursor` for them. */
  next?: string | undefined;
  /** On a page that was requested with a cursor: the value of `cursor` for the newer ones. */
  previous?: string | undefined;
}

export interface Aliases {
  aliases: string[];
  /** If there are more: the value of `after` for the rest. */
  next?: string | undefined;
}

export interface AliasesResults {
  /** One for each hash, in their order; null if there is no such hash. */
  results: Array<{
    /**
     * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
     */
    hash: string;
    /** The first 100, in the order of their bytes; no expired ones. */
    aliases: string[];
    /** Whether there are, or may be, further ones than these. */
    aliases_more: boolean;
  } | null>;
  /** There are fewer results than hashes, because all would exceed 8 MiB: ask again for the rest. */
  more?: true | undefined;
}

/** Without `reason` an existing reason stays; null removes it. */
export interface Block {
  reason?: string | null | undefined;
}

export interface BlockedHash {
  /**
   * The SHA-256 of the bytes of a content, in hex: its hash, or the beginning of it. Upper case is accepted, answers are lower case.
   */
  digest: string;
  reason: string | null;
  /** RFC 3339. Answers are in UTC with microseconds. */
  blocked_at: string;
}

export interface Blurhash {
  /** A short text from which a blurred preview can be drawn. 1 to 255 bytes in UTF-8. */
  blurhash: string;
}

/** The state of the process, one check each. */
export interface Checks {
  /** draining: it is shutting down. */
  process: 'serving' | 'draining';
  /**
   * refused: it refuses the login, for example because of a wrong password. silent: no answer in time. read_only: it is a standby, or is set to read-only.
   */
  database: 'reachable' | 'unreachable' | 'refused' | 'silent' | 'read_only';
  /**
   * failed_lately: the database refused a write within the last minute, for example because its disk is full. The process stays ready, because it can still read.
   */
  writes: 'accepted' | 'failed_lately';
  /**
   * older: migrations are missing. newer: a newer version has migrated the database. unknown: the database could not be asked.
   */
  schema: 'fits' | 'older' | 'newer' | 'unknown';
  /**
   * The settings of database sessions that differ from those that the service requests, for example behind a pooler that drops them. Only client_encoding makes the process unready.
   */
  settings: string[];
  /** listening: notifications of jobs that other processes push arrive here. */
  listener: 'listening' | 'lost';
}

export interface Chosen {
  /** Jobs that were found. */
  matched: number;
  /** Jobs that were changed. */
  changed: number;
  /** Jobs that were found and not changed. */
  skipped: number;
  /** With `match`: there may be more jobs. Send the request again with `next`. */
  more: boolean;
  /** The value of `after` for the jobs that are left. */
  next?: string | undefined;
  /** With `ids`: one for each of them, in their order. */
  results?: Array<{
    /** A UUID, in lower case. */
    id: string;
    /** matched: a dry run has found the job, and changed nothing. */
    outcome: 'retried' | 'ready' | 'removed' | 'cancel_requested' | 'matched' | 'skipped' | 'not_found';
    /**
     * Why it was skipped: its state; another job has its unique key; another transaction holds its row or its key, so send it again; or the database refused the change of this job.
     */
    reason?: 'scheduled' | 'ready' | 'running' | 'dead' | 'unique_key_used' | 'locked' | 'failed' | undefined;
  }> | undefined;
}

export interface ClaimedUpload {
  /** Names an upload: 128 random bits in hex, so that nobody finds the upload of somebody else. */
  id: string;
  state: 'completed' | 'failed';
  /**
   * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  alias?: string | undefined;
  /** The secret that lets its holder delete an alias. 1 to 255 bytes in UTF-8. */
  token?: string | undefined;
  /** What went wrong, for people to read. 1 to 16384 bytes in UTF-8. */
  message?: string | undefined;
  /** What kind of failure it was, for programs. 1 to 255 bytes in UTF-8. */
  code?: string | undefined;
}

export interface ClaimedVariant {
  /** claimed: make it, with this token. done: it exists, with this identifier. */
  state: 'claimed' | 'done';
  /** Proves that a request comes from the worker that has the claim now. Only the claimer gets it. */
  token?: string | undefined;
  /**
   * How long the claim is kept without a heartbeat; then another worker may take it over. By default 60, or for a heartbeat as long as before.
   */
  lease_seconds?: number | undefined;
  /** RFC 3339. Answers are in UTC with microseconds. */
  lease_expires_at?: string | undefined;
  /** Where the file of a variant is stored. 1 to 2048 bytes in UTF-8. */
  identifier?: string | undefined;
}

export interface CleanPass {
  /** What is cleaned, as in the report. */
  kind: 'hashes_without_alias' | 'details_without_owner' | 'proxies_of_expired_aliases' | 'files_without_owner' | 'owners_without_file' | 'blocked_contents';
  /** RFC 3339. Answers are in UTC with microseconds. */
  older_than?: string | undefined;
  /** Maximum number of contents, aliases or files; by default 100. */
  limit?: number | undefined;
  /** `next` of the pass before, of the same kind. Opaque. */
  after?: string | undefined;
  /**
   * Pushes a job `{"Identifier":{"identifier":…}}` for each removed file to this queue, in the same transaction, so that no file is forgotten when the answer is lost. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  enqueue?: string | undefined;
  /** Tells what would be done, and does nothing. */
  dry_run?: boolean | undefined;
}

export interface CleanedPass {
  removed: {
    aliases: string[];
    hashes: string[];
    variants: Array<{
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
      /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
      variant: string;
    }>;
    /** The files that may be deleted now. */
    identifiers: string[];
  };
  /** The files whose rows now agree with the contents. */
  repaired: string[];
  /** There may be more: send the request again, with `next` as `after`. */
  more: boolean;
  next?: string | undefined;
}

export interface CommittedUpload {
  /**
   * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  alias: string;
  /**
   * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
   */
  hash: string;
  /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
  identifier: string;
  /**
   * created: its file is the uploaded one. standing: it existed already, with another file, `identifier`.
   */
  content: 'created' | 'standing';
  /** The uploaded files that are not needed. They may be deleted now. */
  unneeded: string[];
}

export interface Completions {
  results: Array<{
    /** Opaque. Proves that a request comes from the worker that has the job now. */
    lease: string;
    /**
     * gone: the job does not exist any more. lost: the worker no longer holds the lease, and the job was not completed. contended: another transaction has locked the job, so it is not completed yet; send the lease again.
     */
    outcome: 'completed' | 'gone' | 'lost' | 'contended';
  }>;
}

export interface Condemnation {
  /** At most 1000 files. */
  identifiers: string[];
  /** RFC 3339. Answers are in UTC with microseconds. */
  older_than: string;
}

export interface Condemned {
  /** The files that may be deleted. Delete no others. */
  condemned: string[];
}

export interface ContainsVariant {
  /** Whether an access of the variant is stored. */
  contains: boolean;
  /** RFC 3339. Answers are in UTC with microseconds. */
  accessed?: string | undefined;
}

export interface Content {
  /**
   * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
   */
  hash: string;
  /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
  identifier: string;
  motion_identifier: string | null;
  blurhash: string | null;
  bytes: number | null;
  created_at: string | null;
  details: { [name: string]: unknown } | null;
  /** The first 100, in the order of their names, including expired ones. */
  aliases: Array<{
    /**
     * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
     */
    alias: string;
    owner: string | null;
    expires_at: string | null;
    /** Whether the alias has expired. */
    expired: boolean;
    created_at: string | null;
    accessed_at: string | null;
    /** The URLs that are related to it, at most three of them. */
    urls: string[];
    /** Whether there are further URLs than these. */
    urls_more: boolean;
  }>;
  /** Whether there are further aliases than these. */
  aliases_more: boolean;
  /** The first 100, in the order of their names. */
  variants: Array<{
    /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
    variant: string;
    /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
    identifier: string;
    bytes: number | null;
    accessed_at: string | null;
  }>;
  /** Whether there are further variants than these. */
  variants_more: boolean;
}

export interface DeadErrors {
  /** How many of the newest dead jobs were read, 1,000 at most. */
  looked_at: number;
  /** Whether the queue has older dead jobs. */
  more: boolean;
  /** How many different errors the jobs that were read have. */
  different: number;
  /** The newest first, 20 at most. */
  errors: Array<{
    error: string | null;
    /** How many of these jobs have this error. */
    jobs: number;
    newest: {
      /** A UUID, in lower case. */
      id: string;
      /** When it died. */
      died_at: string;
    };
  }>;
}

export interface DeleteToken {
  /** The secret that lets its holder delete an alias. 1 to 255 bytes in UTF-8. */
  delete_token: string;
}

export interface DetailsResults {
  /** One for each hash, in their order; null if there is no such hash. */
  results: Array<{
    /**
     * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
     */
    hash: string;
    /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
    identifier: string;
    details: { [name: string]: unknown } | null;
  } | null>;
  /** There are fewer results than hashes, because all would exceed 8 MiB: ask again for the rest. */
  more?: true | undefined;
}

export interface Done {
  /**
   * What the worker made of the job: any JSON value of at most 4096 bytes. It is kept byte for byte with the completed job where QUEUE_COMPLETED_RETENTION_MINUTES is set, and else dropped.
   */
  result?: unknown | undefined;
}

export interface Expiry {
  expires_at: string | null;
}

export interface ExpiryPass {
  /** RFC 3339. Answers are in UTC with microseconds. */
  older_than: string;
  /** Maximum number of aliases, or of variants; by default 100. */
  limit?: number | undefined;
  /**
   * Pushes a job `{"Identifier":{"identifier":…}}` for each removed file to this queue, in the same transaction, so that no file is forgotten when the answer is lost. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  enqueue?: string | undefined;
  /** Tells what would be removed, and removes nothing. */
  dry_run?: boolean | undefined;
  /**
   * The jobs of `enqueue` are ready after so many seconds, because somebody may still be reading a file.
   */
  delay_seconds?: number | undefined;
}

export interface ExtendedVariantClaim {
  /** RFC 3339. Answers are in UTC with microseconds. */
  lease_expires_at: string;
}

export interface Extension {
  /** RFC 3339. Answers are in UTC with microseconds. */
  lease_expires_at: string;
  /** If true, the worker should stop, and fail or release the job, which is then deleted. */
  cancel_requested: boolean;
}

export interface Extensions {
  results: Array<{
    /** Opaque. Proves that a request comes from the worker that has the job now. */
    lease: string;
    /**
     * gone: the job does not exist any more. lost: the worker no longer holds the lease. contended: another transaction has locked the job, so the lease is not extended; send it again.
     */
    outcome: 'extended' | 'gone' | 'lost' | 'contended';
    /** RFC 3339. Answers are in UTC with microseconds. */
    lease_expires_at?: string | undefined;
    cancel_requested?: boolean | undefined;
  }>;
}

export interface Failed {
  /** gone: a cancel had been requested, so the job was deleted. */
  state: 'ready' | 'scheduled' | 'dead' | 'gone';
  /** Failed runs so far. */
  attempts?: number | undefined;
  /** RFC 3339. Answers are in UTC with microseconds. */
  run_at?: string | undefined;
}

export interface Failure {
  /** What went wrong, for people to read. 1 to 16384 bytes in UTF-8. */
  error?: string | undefined;
  /** false: the job is dead at once. */
  retry?: boolean | undefined;
  /**
   * The delay before the next run; by default 2^attempts seconds with full jitter. Not together with `retry: false`.
   */
  delay_seconds?: number | undefined;
}

/** One line of the stream. */
export interface FileLine {
  /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
  identifier: string;
}

export interface FileNames {
  /** At most 1000 files. */
  identifiers: string[];
}

export interface FileOwner {
  /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
  identifier: string;
  kind: 'original' | 'motion' | 'variant';
  /**
   * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
   */
  hash: string;
  /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
  variant?: string | undefined;
  has_details: boolean;
}

export interface Files {
  /** In the order of the request; null if nobody owns the file. */
  files: Array<FileOwner | null>;
}

export interface FinishedVariant {
  state: 'done' | 'failed';
  /** Where the file of a variant is stored. 1 to 2048 bytes in UTF-8. */
  identifier?: string | undefined;
  /** Your file, if another one was related without a claim. It may be deleted now. */
  unneeded?: string[] | undefined;
}

export interface Freed {
  /** All these names can be used again at most two seconds after this; null if they already can. */
  freed_at: string | null;
}

export interface Hash {
  /**
   * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
   */
  hash: string;
  /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
  identifier: string;
  /** The size of the file in bytes. */
  bytes?: number | undefined;
}

export type HashAlreadyExists = Problem & {
  code: 'hash_already_exists';
  /** The existing record. */
  existing: {
    hash: string;
    identifier: string;
  };
};

export type HashInUse = Problem & {
  code: 'hash_in_use';
  /** The existing record. */
  existing: {
    aliases: string[];
  };
};

/** One line of the stream. */
export interface HashLine {
  /**
   * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
   */
  hash: string;
}

export interface HashOfAlias {
  /**
   * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
   */
  hash: string;
}

export interface HashPage {
  hashes: Array<{
    /**
     * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
     */
    hash: string;
    /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
    identifier: string;
    motion_identifier: string | null;
    blurhash: string | null;
    bytes: number | null;
    created_at: string | null;
    /** The first 100, in the order of their bytes; no expired ones. */
    aliases?: string[] | undefined;
    /** Whether there are, or may be, further aliases than these. */
    aliases_more?: boolean | undefined;
    details?: { [name: string]: unknown } | null | undefined;
    /** The first 100, in the order of their bytes. */
    variants?: Array<{
      /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
      variant: string;
      /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
      identifier: string;
      bytes: number | null;
    }> | undefined;
    /** Whether there are, or may be, further variants than these. */
    variants_more?: boolean | undefined;
  }>;
  /** If there are older ones: the value of `cursor` for them. */
  next?: string | undefined;
  /** On a page that was requested with a cursor: the value of `cursor` for the newer ones. */
  previous?: string | undefined;
}

export interface Hashes {
  /** Each gets its own result. */
  hashes: string[];
}

export interface Heartbeat {
  /**
   * How long a worker may keep the job without a heartbeat; then another worker gets it. By default the value of the push, and if that has none, QUEUE_LEASE_SECONDS.
   */
  lease_seconds?: number | undefined;
}

export interface Heartbeats {
  /** Each has a result of its own. */
  leases: string[];
  /**
   * How long a worker may keep the job without a heartbeat; then another worker gets it. By default the value of the push, and if that has none, QUEUE_LEASE_SECONDS.
   */
  lease_seconds?: number | undefined;
}

export interface Identifier {
  /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
  identifier: string;
}

export type IdentifierAlreadyUsed = Problem & {
  code: 'identifier_already_used';
  /** The existing record. */
  existing: {
    hash: string;
    variant?: string | undefined;
    identifier: string;
  };
};

export interface IdentifierResults {
  /** One for each hash, in their order; null if there is no such hash. */
  results: Array<{
    /**
     * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
     */
    hash: string;
    /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
    identifier: string;
  } | null>;
  /** There are fewer results than hashes, because all would exceed 8 MiB: ask again for the rest. */
  more?: true | undefined;
}

/** Unknown values are null. Details are byte for byte as they were stored. */
export interface Image {
  /**
   * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  alias: string;
  /**
   * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
   */
  hash: string;
  /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
  identifier: string;
  motion_identifier: string | null;
  blurhash: string | null;
  details: { [name: string]: unknown } | null;
  owner: string | null;
  expires_at: string | null;
  variant: {
    /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
    variant: string;
    /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
    identifier: string;
    details: { [name: string]: unknown } | null;
  } | null;
}

export interface ImageResults {
  /** One for each image, in their order; null if there is no such image. */
  results: Array<Image | null>;
  /** There are fewer results than images, because all would exceed 8 MiB: ask again for the rest. */
  more?: true | undefined;
}

export interface Images {
  /** Each gets its own result. */
  items: Array<{
    /**
     * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
     */
    alias?: string | undefined;
    /** The URL of a proxied image, as it was requested. 1 to 8192 bytes in UTF-8. */
    url?: string | undefined;
    /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
    variant?: string | undefined;
  }>;
}

export interface Job {
  /** A UUID, in lower case. */
  id: string;
  /** Opaque. Proves that a request comes from the worker that has the job now. */
  lease: string;
  /** As it was pushed, byte for byte. */
  job: unknown;
  /** The number of this run: 1 more than the failed runs so far. */
  attempt: number;
  max_attempts: number;
  /** RFC 3339. Answers are in UTC with microseconds. */
  queued_at: string;
  /** RFC 3339. Answers are in UTC with microseconds. */
  lease_expires_at: string;
  /**
   * The length of the lease, as set by the pop, the push or QUEUE_LEASE_SECONDS. A heartbeat without `lease_seconds` extends the lease by the same. The lease ends earlier if `max_run_seconds` is shorter.
   */
  lease_seconds: number;
  /**
   * The longest time that a run may take, from the claim on. No heartbeat extends the lease beyond it. A run that takes longer has failed: the job is retried, or dead. By default there is no limit.
   */
  max_run_seconds?: number | undefined;
}

export interface JobRecord {
  /** A UUID, in lower case. */
  id: string;
  /**
   * The name of a queue. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  queue: string;
  /** completed: while completed jobs are kept (QUEUE_COMPLETED_RETENTION_MINUTES). */
  state: 'scheduled' | 'ready' | 'running' | 'dead' | 'completed';
  /** As it was pushed, byte for byte. */
  job: unknown;
  priority: number;
  unique_key?: string | undefined;
  /** Failed runs so far. */
  attempts: number;
  max_attempts: number;
  /** RFC 3339. Answers are in UTC with microseconds. */
  queued_at: string;
  /**
   * When a ready job became ready: with its push, when its delay or backoff was over, or when it was given back.
   */
  ready_since?: string | undefined;
  /** RFC 3339. Answers are in UTC with microseconds. */
  run_at?: string | undefined;
  /**
   * The name of a worker. No other running worker may have it. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  worker_id?: string | undefined;
  /** When the worker got the job. */
  running_since?: string | undefined;
  /** The last heartbeat of the run, or when the worker got the job if there was none. */
  last_heartbeat_at?: string | undefined;
  /** RFC 3339. Answers are in UTC with microseconds. */
  lease_expires_at?: string | undefined;
  /** When the run is over at the latest, by `max_run_seconds`. */
  run_ends_at?: string | undefined;
  cancel_requested?: boolean | undefined;
  last_error?: string | undefined;
  /** RFC 3339. Answers are in UTC with microseconds. */
  died_at?: string | undefined;
  /** RFC 3339. Answers are in UTC with microseconds. */
  completed_at?: string | undefined;
  /** Of a completed job: how long its last run took. */
  ran_seconds?: number | undefined;
  /** What the worker gave as the result of the completed job, byte for byte. */
  result?: unknown | undefined;
}

export interface Jobs {
  jobs: JobRecord[];
  /** The value of `after` for the next page. Missing if there are no more jobs. */
  next?: string | undefined;
}

export interface Key {
  /** As in the list of keys; null for a service without keys. */
  name: string | null;
  /** Each scope includes those before it. */
  scope: 'read' | 'write' | 'admin';
  /** null for a key that does not expire. */
  expires_at: string | null;
}

export type LeaseLost = Problem & {
  code: 'lease_lost';
  /** The state of the job whose lease was lost. */
  state: 'gone' | 'scheduled' | 'ready' | 'running' | 'dead';
};

export interface Leases {
  /** Each alone, or with the result of its job. */
  leases: Array<string | {
    /** Opaque. Proves that a request comes from the worker that has the job now. */
    lease: string;
    /**
     * What the worker made of the job: any JSON value of at most 4096 bytes. It is kept byte for byte with the completed job where QUEUE_COMPLETED_RETENTION_MINUTES is set, and else dropped.
     */
    result?: unknown | undefined;
  }>;
}

export interface Liveness {
  status: 'alive';
}

export interface MediaFindings {
  /** Up to 10 of a kind. An owner has no hash. */
  found: Array<{
    /** What the name refers to. original, motion and variant: it is the identifier of such a file. */
    kind: 'alias' | 'hash' | 'url' | 'original' | 'motion' | 'variant' | 'owner';
    /** The name. For a URL it is the alias, and for the beginning of a hash the whole hash. */
    name: string;
    hash: string | null;
  }>;
}

export interface Migrated {
  migrated: boolean;
}

export interface MigratedIdentifier {
  /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
  identifier: string;
  /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
  new_identifier?: string | undefined;
}

export interface MotionFile {
  /** Where the moving file of a still content is stored. 1 to 2048 bytes in UTF-8. */
  identifier: string;
}

export interface Move {
  /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
  identifier: string;
  /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
  new_identifier: string;
  /**
   * The queue that gets a job for each file that may be deleted. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  enqueue?: string | undefined;
}

export interface Moved {
  /** Whether the content has the new file. */
  moved: boolean;
  removed: {
    /** The old file, if it may be deleted now. */
    identifiers: string[];
  };
  /** The new file, if it is not needed. */
  unneeded: string[];
}

export interface NewAlias {
  /**
   * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
   */
  hash: string;
  /** The secret that lets its holder delete an alias. 1 to 255 bytes in UTF-8. */
  delete_token: string;
  owner?: string | null | undefined;
  expires_at?: string | null | undefined;
}

export interface NewFile {
  /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
  identifier: string;
  /** The size of the file in bytes. */
  bytes?: number | undefined;
}

export interface NewJob {
  /** Any JSON value of at most 256 KiB, kept byte for byte. */
  job: unknown;
  /** A UUID, in lower case. */
  id?: string | undefined;
  /**
   * The queue has at most one ready, scheduled or running job with this key; a running job whose cancel was requested does not count. 1 to 255 bytes in UTF-8.
   */
  unique_key?: string | undefined;
  /** Lower numbers run first; by default 0. */
  priority?: number | undefined;
  /** The job is not ready before so many seconds have passed. Not together with `run_at`. */
  delay_seconds?: number | undefined;
  /** RFC 3339. Answers are in UTC with microseconds. */
  run_at?: string | undefined;
  /** Failed runs after which the job is dead. */
  max_attempts?: number | undefined;
  /**
   * How long a worker may keep the job without a heartbeat; then another worker gets it. By default the value of the push, and if that has none, QUEUE_LEASE_SECONDS.
   */
  lease_seconds?: number | undefined;
  /**
   * The longest time that a run may take, from the claim on. No heartbeat extends the lease beyond it. A run that takes longer has failed: the job is retried, or dead. By default there is no limit.
   */
  max_run_seconds?: number | undefined;
}

export interface NewJobs {
  /** All of them are pushed, or none. */
  jobs: NewJob[];
}

export interface NewUpload {
  /**
   * If the alias is released because nobody claims the upload, a job `{"Identifier":{"identifier":…}}` for each removed file is pushed to this queue. Without it no jobs are pushed. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  enqueue?: string | undefined;
}

export interface NewVariant {
  /** Where the file of a variant is stored. 1 to 2048 bytes in UTF-8. */
  identifier: string;
  /** The size of the file in bytes. */
  bytes?: number | undefined;
}

export type NotReady = Problem & {
  code: 'not_ready';
  checks: Checks;
};

export interface Owner {
  owner: string | null;
}

export interface OwnerRelease {
  /** The owner of an alias: any name that the application uses. 1 to 255 bytes in UTF-8. */
  owner: string;
  /** Maximum number of aliases, or of variants; by default 100. */
  limit?: number | undefined;
  /**
   * Pushes a job `{"Identifier":{"identifier":…}}` for each removed file to this queue, in the same transaction, so that no file is forgotten when the answer is lost. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  enqueue?: string | undefined;
  /** Tells what would be removed, and removes nothing. */
  dry_run?: boolean | undefined;
}

export interface Pass {
  removed: {
    aliases: string[];
    /** Contents that lost their last alias. */
    hashes: string[];
    variants: Array<{
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
      /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
      variant: string;
    }>;
    /** The files that may be deleted now. */
    identifiers: string[];
  };
  /**
   * There may be more to remove: send the request again. This can also be true of a pass that removed nothing.
   */
  more: boolean;
}

export interface Pop {
  /**
   * The name of a worker. No other running worker may have it. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  worker_id: string;
  /** Maximum number of jobs; by default 1. */
  max?: number | undefined;
  /** How long to wait for a job; by default QUEUE_WAIT_SECONDS (20). */
  wait_seconds?: number | undefined;
  /**
   * How long a worker may keep the job without a heartbeat; then another worker gets it. By default the value of the push, and if that has none, QUEUE_LEASE_SECONDS.
   */
  lease_seconds?: number | undefined;
  /**
   * Leases of finished jobs, each alone or with the result of its job. They are completed before new jobs are claimed.
   */
  completed?: Array<string | {
    /** Opaque. Proves that a request comes from the worker that has the job now. */
    lease: string;
    /**
     * What the worker made of the job: any JSON value of at most 4096 bytes. It is kept byte for byte with the completed job where QUEUE_COMPLETED_RETENTION_MINUTES is set, and else dropped.
     */
    result?: unknown | undefined;
  }> | undefined;
  /**
   * For a pop whose answer was lost: the same worker gets the same jobs again with the same key, while they run. 1 to 255 bytes in UTF-8.
   */
  idempotency_key?: string | undefined;
}

export interface PoppedJobs {
  jobs: Job[];
  completed?: Array<{
    /** Opaque. Proves that a request comes from the worker that has the job now. */
    lease: string;
    /**
     * gone: the job does not exist any more. lost: the worker no longer holds the lease, and the job was not completed. contended: another transaction has locked the job, so it is not completed yet; send the lease again.
     */
    outcome: 'completed' | 'gone' | 'lost' | 'contended';
  }> | undefined;
  /** Set if the completions are committed, but no jobs could be claimed. Pop again after this time. */
  retry_after_seconds?: number | undefined;
}

/** RFC 9457 problem details. */
export interface Problem {
  /** Names the kind of problem, as `code` does. */
  type: string;
  /** What this kind of problem is. */
  title: string;
  /** The status of the answer. */
  status: number;
  /** What happened this time. */
  detail: string;
  /** The path of the request. */
  instance: string;
  /** Stable and machine-readable. */
  code: string;
  /** As in the header X-Request-Id and in the log. */
  request_id: string;
  /** The faults of the request. */
  errors?: Array<{
    /** A JSON pointer below /body, /query or /params. */
    path: string;
    reason: string;
  }> | undefined;
  /** The existing record that conflicts with a create. */
  existing?: { [name: string]: unknown } | undefined;
  /** The files of a refused upload that may be deleted now. */
  unneeded?: string[] | undefined;
  /** Why the content is blocked. */
  reason?: string | undefined;
  /** The time of the last figures, which are too old. */
  as_of?: string | undefined;
  /** The state of the job whose lease was lost. */
  state?: 'gone' | 'scheduled' | 'ready' | 'running' | 'dead' | undefined;
  checks?: Checks | undefined;
}

export interface Proxy {
  /** The URL of a proxied image, as it was requested. 1 to 8192 bytes in UTF-8. */
  url: string;
  /**
   * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  alias: string;
}

export type ProxyAlreadyExists = Problem & {
  code: 'proxy_already_exists';
  /** The existing record. */
  existing: {
    alias: string;
  };
};

export interface Purged {
  purged: number;
}

export interface PushedJob {
  /** A UUID, in lower case. */
  id: string;
  /** Whether nothing was pushed, because a job with this unique key or this id existed already. */
  duplicate: boolean;
}

export interface PushedJobs {
  jobs: PushedJob[];
}

export interface QueueFigures {
  /**
   * The name of a queue. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  queue: string;
  /** Jobs that wait for a worker. */
  ready: number;
  /** Jobs that wait for their time. */
  scheduled: number;
  /** Jobs with a lease. */
  running: number;
  /** Jobs that are not retried any more. */
  dead: number;
  /**
   * The age of the job that has been ready for longest, counted from when it became ready: with its push, when its delay or backoff was over, or when it was given back. null if no job is ready.
   */
  oldest_ready_seconds: number | null;
  /** Pops that wait for jobs of this queue, on the process that answers. */
  parked: number;
  paused: boolean;
  /**
   * Why the queue needs attention. paused: it is paused; dead: it has dead jobs; stalled: jobs have been ready for more than 10 seconds, no job is running, and no pop waits on the process that answers; old: a job has been ready for more than 15 minutes. A paused queue is neither stalled nor old.
   */
  trouble: Array<'paused' | 'dead' | 'stalled' | 'old'>;
  trend?: QueueTrend | undefined;
}

export interface QueueHistory {
  /**
   * The name of a queue. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  queue: string;
  /** When the process that answers began to count. */
  since: string;
  /**
   * true: a process keeps the history of 1,000 queues, and this queue is not among them. The minutes are those of all other queues together.
   */
  shared: boolean;
  /** The oldest first, 61 at most; the last minute still runs. */
  minutes: Array<{
    /** When the minute began. */
    at: string;
    /** Jobs that were pushed. */
    pushed: number;
    /** Jobs that were completed. */
    completed: number;
    /** Runs that failed, or whose lease expired, or whose worker started again. */
    failed: number;
    /** Jobs that died. */
    died: number;
    wait_p50: number | null;
    wait_p99: number | null;
    run_p50: number | null;
    run_p99: number | null;
    ready: number | null;
    running: number | null;
  }>;
}

export interface QueueStats {
  /**
   * The name of a queue. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  queue: string;
  /** Jobs that wait for a worker. */
  ready: number;
  /** Jobs that wait for their time. */
  scheduled: number;
  /** Jobs with a lease. */
  running: number;
  /** Jobs that are not retried any more. */
  dead: number;
  /**
   * The age of the job that has been ready for longest, counted from when it became ready: with its push, when its delay or backoff was over, or when it was given back. null if no job is ready.
   */
  oldest_ready_seconds: number | null;
  /** Pops that wait for jobs of this queue, on the process that answers. */
  parked: number;
  paused: boolean;
  /**
   * Why the queue needs attention. paused: it is paused; dead: it has dead jobs; stalled: jobs have been ready for more than 10 seconds, no job is running, and no pop waits on the process that answers; old: a job has been ready for more than 15 minutes. A paused queue is neither stalled nor old.
   */
  trouble: Array<'paused' | 'dead' | 'stalled' | 'old'>;
  /** When the jobs were counted: at most five seconds ago, by the clock of the database. */
  as_of: string;
}

/**
 * A number for each whole minute, the oldest first, 60 at most: what happened through the process that answers.
 */
export interface QueueTrend {
  /** Jobs that were pushed. */
  pushed: number[];
  /** Jobs that were completed. */
  completed: number[];
  /** Runs that failed, or whose lease expired. */
  failed: number[];
  /** Ready jobs; null if no request had the jobs counted in that minute. */
  ready: Array<number | null>;
}

export interface Queues {
  /** When the jobs were counted: at most five seconds ago, by the clock of the database. */
  as_of: string;
  queues: QueueFigures[];
  /** Queues that the search finds, on all pages. */
  matched: number;
  /** All queues. */
  total: number;
  /** Of all queues, whether the search finds them or not. */
  totals: {
    /** Jobs that wait for a worker. */
    ready: number;
    /** Jobs that wait for their time. */
    scheduled: number;
    /** Jobs with a lease. */
    running: number;
    /** Jobs that are not retried any more. */
    dead: number;
    /** Pops that wait on the process that answers. */
    parked: number;
    /** Paused queues. */
    paused: number;
    /** Queues with a `trouble`. */
    troubled: number;
  };
  /** The value of `after` for the next page. Missing at the end. */
  next?: string | undefined;
  history?: {
    /** When the process that answers began to count. */
    since: string;
    /** The minute of the first numbers of the trends. */
    from: string;
  } | undefined;
}

export interface Readiness {
  status: 'ready';
  checks: Checks;
}

export interface Redriven {
  /** Jobs that are ready again. */
  redriven: number;
  /** Jobs that stay dead, because another job has their unique key now. */
  skipped: number;
}

export interface Related {
  /**
   * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  alias: string;
}

export interface Release {
  /** The secret that lets its holder delete an alias. 1 to 255 bytes in UTF-8. */
  delete_token?: string | undefined;
  /** In place of the token. Needs the scope `admin`. */
  force?: true | undefined;
  /**
   * Pushes a job `{"Identifier":{"identifier":…}}` for each removed file to this queue, in the same transaction, so that no file is forgotten when the answer is lost. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  enqueue?: string | undefined;
}

export interface Released {
  /**
   * dead: the job was handed out ten times for each of its attempts, and never completed. gone: a cancel had been requested, so the job was deleted.
   */
  state: 'ready' | 'dead' | 'gone';
}

export interface ReleasedMedia {
  removed: {
    aliases: string[];
    /** Contents that lost their last alias. */
    hashes: string[];
    variants: Array<{
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
      /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
      variant: string;
    }>;
    /** The files that may be deleted now. */
    identifiers: string[];
  };
  /**
   * The content has so many variants that it is removed in steps afterwards. The queue gets a job for each of its files.
   */
  more?: true | undefined;
}

export interface RemoveChoice {
  /** The jobs. Each has a result of its own. */
  ids?: string[] | undefined;
  /** All jobs with these properties; at least one of them beside `state`. */
  match?: {
    /**
     * The name of a queue. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
     */
    queue?: string | undefined;
    state: 'scheduled' | 'ready' | 'running' | 'dead';
    /**
     * The name of a worker. No other running worker may have it. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
     */
    worker?: string | undefined;
    /** The unique key of the job. 1 to 255 bytes in UTF-8. */
    unique_key?: string | undefined;
    /** A part of the last error. The case of ASCII letters does not matter. 1 to 1024 bytes in UTF-8. */
    error?: string | undefined;
    /**
     * A part of the job as it was pushed, byte for byte: what is escaped there is escaped here. The case of ASCII letters does not matter. 1 to 2048 bytes in UTF-8.
     */
    payload?: string | undefined;
  } | undefined;
  /** With `match`: the maximum number of jobs of this request; by default 1000. */
  limit?: number | undefined;
  /** `next` of the answer before. Opaque. */
  after?: string | undefined;
  /** true: nothing is changed, and `matched` counts the jobs that would be tried. */
  dry_run?: boolean | undefined;
}

export interface RemovedFiles {
  removed: {
    /** The files that may be deleted now. */
    identifiers: string[];
  };
}

export interface RemovedHash {
  removed: {
    aliases: string[];
    variants: string[];
    /** The files that may be deleted now. */
    identifiers: string[];
  };
  /** The rest is removed in steps, each of which pushes the jobs for the files that it removes. */
  more?: true | undefined;
}

export interface Report {
  /** RFC 3339. Answers are in UTC with microseconds. */
  as_of: string;
  /** One for each kind, even if nothing was found. */
  findings: Array<{
    kind: 'hashes_without_alias' | 'details_without_owner' | 'proxies_of_expired_aliases' | 'files_without_owner' | 'owners_without_file' | 'files_to_delete' | 'blocked_contents' | 'stale_uploads' | 'claims_that_ran_out' | 'dead_jobs';
    description: string;
    count: number;
    /** false: there was no time to search everything, and there may be more than `count`. */
    complete: boolean;
    /** Ten of them. */
    samples: Array<{ [name: string]: unknown }>;
    /** The request that cleans it. With this body it is a dry run. */
    clean: {
      operation: string;
      method: string;
      path: string;
      body?: { [name: string]: unknown } | undefined;
    };
  }>;
  /**
   * What has not been used for the longest time. `media.expireProxied` and `media.expireVariants` remove such things.
   */
  oldest_access: {
    alias: {
      /**
       * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      alias: string;
      /** RFC 3339. Answers are in UTC with microseconds. */
      accessed: string;
    } | null;
    variant: {
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
      /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
      variant: string;
      /** RFC 3339. Answers are in UTC with microseconds. */
      accessed: string;
    } | null;
  };
}

export interface Requeued {
  /** Jobs that are ready again. */
  requeued: number;
  /** Jobs whose attempts are used up. */
  dead: number;
  /** Jobs that were deleted, because a cancel had been requested. */
  gone: number;
}

export interface RetryChoice {
  /** The jobs. Each has a result of its own. */
  ids?: string[] | undefined;
  /** All jobs with these properties; at least one of them beside `state`. */
  match?: {
    /**
     * The name of a queue. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
     */
    queue?: string | undefined;
    state?: 'dead' | undefined;
    /**
     * The name of a worker. No other running worker may have it. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
     */
    worker?: string | undefined;
    /** The unique key of the job. 1 to 255 bytes in UTF-8. */
    unique_key?: string | undefined;
    /** A part of the last error. The case of ASCII letters does not matter. 1 to 1024 bytes in UTF-8. */
    error?: string | undefined;
    /**
     * A part of the job as it was pushed, byte for byte: what is escaped there is escaped here. The case of ASCII letters does not matter. 1 to 2048 bytes in UTF-8.
     */
    payload?: string | undefined;
  } | undefined;
  /** With `match`: the maximum number of jobs of this request; by default 1000. */
  limit?: number | undefined;
  /** `next` of the answer before. Opaque. */
  after?: string | undefined;
  /** true: nothing is changed, and `matched` counts the jobs that would be tried. */
  dry_run?: boolean | undefined;
}

export interface RunNowChoice {
  /** The jobs. Each has a result of its own. */
  ids?: string[] | undefined;
  /** All jobs with these properties; at least one of them beside `state`. */
  match?: {
    /**
     * The name of a queue. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
     */
    queue?: string | undefined;
    state?: 'scheduled' | undefined;
    /**
     * The name of a worker. No other running worker may have it. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
     */
    worker?: string | undefined;
    /** The unique key of the job. 1 to 255 bytes in UTF-8. */
    unique_key?: string | undefined;
    /** A part of the last error. The case of ASCII letters does not matter. 1 to 1024 bytes in UTF-8. */
    error?: string | undefined;
    /**
     * A part of the job as it was pushed, byte for byte: what is escaped there is escaped here. The case of ASCII letters does not matter. 1 to 2048 bytes in UTF-8.
     */
    payload?: string | undefined;
  } | undefined;
  /** With `match`: the maximum number of jobs of this request; by default 1000. */
  limit?: number | undefined;
  /** `next` of the answer before. Opaque. */
  after?: string | undefined;
  /** true: nothing is changed, and `matched` counts the jobs that would be tried. */
  dry_run?: boolean | undefined;
}

export interface Size {
  size: number;
}

export interface Standing {
  /** In the order of their hashes. */
  contents: Array<{
    /**
     * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
     */
    hash: string;
    /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
    identifier: string;
    created_at: string | null;
    /** The first 100, in the order of their bytes; including expired ones. */
    aliases: WholeAlias[];
    /** Whether there are further aliases than these. */
    aliases_more: boolean;
  }>;
  /** If there are more: the value of `after` for the rest. */
  next?: string | undefined;
}

export interface StoreMigration {
  /** Whether a migration was begun and not cleared. */
  continuing: boolean;
  as_of: string | null;
  migrated: number | null;
  total: number | null;
  done: number | null;
  /** Marks a second, over the last minute. */
  rate: number;
}

/** The last line of a stream that was not cut. */
export interface StreamEnd {
  end: true;
  /** How many rows were sent. */
  count: number;
  /** The key to resume after, if `limit` left rows or the search was cut. */
  next?: string | undefined;
}

export interface Upload {
  /**
   * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
   */
  hash: string;
  /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
  identifier: string;
  /** The secret that lets its holder delete an alias. 1 to 255 bytes in UTF-8. */
  delete_token: string;
  /** Of the file: any JSON object of at most 1 MiB. It is kept byte for byte. */
  details?: unknown | undefined;
  /** The size of the file in bytes. */
  bytes?: number | undefined;
  /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
  motion_identifier?: string | undefined;
  /** A short text from which a blurred preview can be drawn. 1 to 255 bytes in UTF-8. */
  blurhash?: string | undefined;
  owner?: string | null | undefined;
  expires_at?: string | null | undefined;
  /** The URL of a proxied image, as it was requested. 1 to 8192 bytes in UTF-8. */
  proxy_url?: string | undefined;
  /**
   * Pushes a job `{"Identifier":{"identifier":…}}` for each uploaded file that is not needed to this queue, in the same transaction. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  enqueue?: string | undefined;
}

export interface UploadClaim {
  /**
   * Who claims: a secret that only the claimer knows, such as a random UUID. The same one can ask again after a lost answer. 1 to 255 bytes in UTF-8.
   */
  claimer: string;
}

/** An alias with its token, or the message and the code of a failure. */
export interface UploadResult {
  /**
   * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  alias?: string | undefined;
  /** The secret that lets its holder delete an alias. 1 to 255 bytes in UTF-8. */
  token?: string | undefined;
  /** What went wrong, for people to read. 1 to 16384 bytes in UTF-8. */
  message?: string | undefined;
  /** What kind of failure it was, for programs. 1 to 255 bytes in UTF-8. */
  code?: string | undefined;
}

export interface UploadState {
  /** Names an upload: 128 random bits in hex, so that nobody finds the upload of somebody else. */
  id: string;
  /** pending: it has no result yet. completed: there is an alias, which `uploads.claim` answers. */
  state: 'pending' | 'completed' | 'failed';
  /** Whether somebody has claimed it. */
  claimed: boolean;
  /** RFC 3339. Answers are in UTC with microseconds. */
  created_at: string;
  /** When the upload is forgotten, or its alias is released. */
  expires_at: string;
  /** What went wrong, for people to read. 1 to 16384 bytes in UTF-8. */
  message?: string | undefined;
  /** What kind of failure it was, for programs. 1 to 255 bytes in UTF-8. */
  code?: string | undefined;
}

export interface Usage {
  by: 'format' | 'owner' | 'kind' | 'age';
  /** RFC 3339. Answers are in UTC with microseconds. */
  as_of: string;
  /** The 1000 largest, by bytes and then by files; months with the newest first. */
  groups: Array<{
    name: string | null;
    /** How many contents there are. */
    contents: number;
    /** How many originals, motion files and variants they have. */
    files: number;
    /** The sizes of these files together, as far as they are known. */
    bytes: number;
    /** How many of the files are of unknown size, as all motion files are. */
    unsized: number;
  }>;
  /** The groups that are not listed, together. */
  others?: {
    /** How many groups are not listed. */
    groups: number;
    /** How many contents there are. */
    contents: number;
    /** How many originals, motion files and variants they have. */
    files: number;
    /** The sizes of these files together, as far as they are known. */
    bytes: number;
    /** How many of the files are of unknown size, as all motion files are. */
    unsized: number;
  } | undefined;
  /**
   * Each content counts once here, so these can be less than the sum of the owners, who may share contents.
   */
  total: {
    /** How many contents there are. */
    contents: number;
    /** How many originals, motion files and variants they have. */
    files: number;
    /** The sizes of these files together, as far as they are known. */
    bytes: number;
    /** How many of the files are of unknown size, as all motion files are. */
    unsized: number;
  };
}

export interface Variant {
  /**
   * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
   */
  hash: string;
  /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
  variant: string;
  /** Where the file of a variant is stored. 1 to 2048 bytes in UTF-8. */
  identifier: string;
  /** The size of the file in bytes. */
  bytes?: number | undefined;
}

/** One line of the stream. */
export interface VariantAccess {
  /**
   * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
   */
  hash: string;
  /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
  variant: string;
  /** RFC 3339. Answers are in UTC with microseconds. */
  accessed: string;
}

export type VariantAlreadyExists = Problem & {
  code: 'variant_already_exists';
  /** The existing record. */
  existing: {
    hash: string;
    variant: string;
    identifier: string;
  };
};

export interface VariantClaim {
  /**
   * Who claims: a secret that only the claimer knows, such as a random UUID. The same one can ask again after a lost answer. 1 to 255 bytes in UTF-8.
   */
  claimer: string;
  /**
   * How long the claim is kept without a heartbeat; then another worker may take it over. By default 60, or for a heartbeat as long as before.
   */
  lease_seconds?: number | undefined;
}

export interface VariantClaimState {
  /**
   * done: the variant exists, with this identifier. claimed: a worker makes it. expired: its worker sent no heartbeat in time; claim it. failed: it could not be made, because of this error. unclaimed: nobody makes it.
   */
  state: 'done' | 'claimed' | 'expired' | 'failed' | 'unclaimed';
  /** Where the file of a variant is stored. 1 to 2048 bytes in UTF-8. */
  identifier?: string | undefined;
  /** What went wrong, for people to read. 1 to 16384 bytes in UTF-8. */
  error?: string | undefined;
  /** RFC 3339. Answers are in UTC with microseconds. */
  lease_expires_at?: string | undefined;
}

export interface VariantFinish {
  /** Proves that a request comes from the worker that has the claim now. Only the claimer gets it. */
  token: string;
  /** Where the file of a variant is stored. 1 to 2048 bytes in UTF-8. */
  identifier?: string | undefined;
  /** The size of the file in bytes. */
  bytes?: number | undefined;
  /**
   * Pushes a job `{"Identifier":{"identifier":…}}` to this queue if the file is not needed, in the same transaction. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  enqueue?: string | undefined;
  /** What went wrong, for people to read. 1 to 16384 bytes in UTF-8. */
  error?: string | undefined;
}

export interface VariantHeartbeat {
  /** Proves that a request comes from the worker that has the claim now. Only the claimer gets it. */
  token: string;
  /**
   * How long the claim is kept without a heartbeat; then another worker may take it over. By default 60, or for a heartbeat as long as before.
   */
  lease_seconds?: number | undefined;
}

export interface Variants {
  variants: Array<{
    /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
    variant: string;
    /** Where the file of a variant is stored. 1 to 2048 bytes in UTF-8. */
    identifier: string;
  }>;
  /** If there are more: the value of `after` for the rest. */
  next?: string | undefined;
}

export interface VariantsResults {
  /** One for each hash, in their order; null if there is no such hash. */
  results: Array<{
    /**
     * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
     */
    hash: string;
    /** The first 100, in the order of their bytes. */
    variants: Array<{
      /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
      variant: string;
      /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
      identifier: string;
      bytes: number | null;
    }>;
    /** Whether there are, or may be, further variants than these. */
    variants_more: boolean;
  } | null>;
  /** There are fewer results than hashes, because all would exceed 8 MiB: ask again for the rest. */
  more?: true | undefined;
}

export interface WholeAlias {
  /**
   * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  alias: string;
  /**
   * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
   */
  hash: string;
  owner: string | null;
  expires_at: string | null;
  created_at: string | null;
  /** The alias has expired: other reads do not find it. */
  expired?: true | undefined;
}

export interface WholeHash {
  /**
   * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
   */
  hash: string;
  /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
  identifier: string;
  motion_identifier: string | null;
  blurhash: string | null;
  bytes: number | null;
  created_at: string | null;
}

export interface WorkerFigures {
  /**
   * The name of a worker. No other running worker may have it. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  worker_id: string;
  /** Jobs that it runs. */
  running: number;
  /** The queues of these jobs; 20 at most are named. */
  queues: string[];
  /** When its oldest run began. */
  running_since?: string | undefined;
  /** The last sign of life: a heartbeat, or the claim of a job. */
  last_heartbeat_at?: string | undefined;
  /** When the first of its leases ends. */
  lease_expires_at?: string | undefined;
}

export interface WorkerRecord {
  /**
   * The name of a worker. No other running worker may have it. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
   */
  worker_id: string;
  /** Jobs that it runs. */
  running: number;
  /** The queues of these jobs; 20 at most are named. */
  queues: string[];
  /** When its oldest run began. */
  running_since?: string | undefined;
  /** The last sign of life: a heartbeat, or the claim of a job. */
  last_heartbeat_at?: string | undefined;
  /** When the first of its leases ends. */
  lease_expires_at?: string | undefined;
  jobs: JobRecord[];
  /** The value of `after` for more jobs. Missing at the end. */
  next?: string | undefined;
}

export interface Workers {
  workers: WorkerFigures[];
  /** The value of `after` for the next page. Missing at the end. */
  next?: string | undefined;
}
