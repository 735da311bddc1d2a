// Written by `npm run types` from openapi/openapi.json.

import type { CallOptions } from '../call-options.js';
import type * as Schemas from './schemas.js';

/** The operations of the service, by repo and method. */
export interface PictRepo {
  /** What an image host does in one request: upload, view, delete, expire. */
  readonly media: MediaRepo;
  /** Contents by hash: which file, which motion file, which variants. */
  readonly hashes: HashesRepo;
  /** Public names of contents, and the delete tokens that go with them. */
  readonly aliases: AliasesRepo;
  /** Server-wide values by key, any bytes. */
  readonly settings: SettingsRepo;
  /** Metadata of files, by identifier (the IdentifierRepo of pict-rs). */
  readonly details: DetailsRepo;
  /** Jobs for the workers that process images. */
  readonly queue: QueueRepo;
  /** The owners of files, and the files that may be deleted. */
  readonly files: FilesRepo;
  /** Contents that nobody may upload. */
  readonly blocklist: BlocklistRepo;
  /** How much of the disk is used, and by what. */
  readonly usage: UsageRepo;
  /** Which files have been moved to another store. */
  readonly storeMigration: StoreMigrationRepo;
  /** What is left over or inconsistent, and its removal. */
  readonly report: ReportRepo;
  /** Which remote URL is cached as which alias. */
  readonly proxies: ProxiesRepo;
  /** Uploads that are accepted at once, processed later, and then claimed by their sender. */
  readonly uploads: UploadsRepo;
  /** The right to make a variant, which one worker has at a time. */
  readonly variantClaims: VariantClaimsRepo;
  /** When a cached alias was last requested. */
  readonly aliasAccess: AliasAccessRepo;
  /** When a variant was last requested. */
  readonly variantAccess: VariantAccessRepo;
}

/** What an image host does in one request: upload, view, delete, expire. */
export interface MediaRepo {
  /**
   * Everything needed to serve an image
   *
   * Does the work of `aliases.hash` or `proxies.related`, `hashes.identifier`, `details.details` and `hashes.variantIdentifier`. The image is named by `alias` or by `url`. A variant that does not exist is null, so one request tells that it must be made. With `If-None-Match` the answer is 304 while nothing has changed.
   *
   * Scope: `read`.
   */
  resolve(
    params?: {
      /**
       * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      alias?: string | undefined;
      /** The URL of a proxied image, as it was requested. 1 to 8192 bytes in UTF-8. */
      url?: string | undefined;
      /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
      variant?: string | undefined;
      /**
       * Also records an access of the alias, and of the variant if there is one. The answer does not wait for it. Needs the scope `write`.
       */
      record_access?: boolean | undefined;
    },
    options?: CallOptions,
  ): Promise<Schemas.Image>;

  /**
   * Everything needed to serve several images
   *
   * For up to 1,000 images, each answered as by `media.resolve`. Records no access.
   *
   * Scope: `read`.
   */
  resolveMany(
    body: Schemas.Images,
    options?: CallOptions,
  ): Promise<Schemas.ImageResults>;

  /**
   * A content with everything that belongs to it
   *
   * For people who look after the media: its files and details, its aliases with their owners, URLs and last accesses, and its variants with their last accesses. At most 100 aliases and 100 variants; `aliases.forHash` and `hashes.variants` list all of them.
   *
   * Scope: `read`.
   */
  content(
    params: {
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.Content>;

  /**
   * What a name refers to
   *
   * For people who have a name and do not know what it is: finds aliases (expired ones too), hashes, also by their beginning (such as the SHA-256 of a file), proxied URLs, identifiers of files, and owners. A name must be complete, and its case matters, except for hashes. If nothing is found, the list is empty.
   *
   * Scope: `read`.
   */
  find(
    params: {
      /**
       * An alias, a hash or at least 8 digits of its beginning, a proxied URL, an identifier or an owner. 1 to 8192 bytes in UTF-8.
       */
      name: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.MediaFindings>;

  /**
   * Commit an upload: content, details, alias and URL
   *
   * Does the work of `hashes.create`, `details.relateDetails`, `aliases.create` and `proxies.relateUrl` in one transaction. If the content exists already, its file is kept, missing values are filled in, and `unneeded` names the uploaded files that are not needed. Such files are condemned (they may be deleted) unless somebody owns them. The same holds for 409 `alias_already_exists`, 409 `proxy_already_exists` and 403 `hash_blocked`. Sent again it changes nothing: if the alias exists already with this content and token, it keeps its owner, expiry and URLs, whatever the request has. With `proxy_url` an access of the alias is recorded. An alias cannot be named `resolve`, `release-owner`, `expire-variants`, `expire-proxied` or `expire-aliases` here (405), because these are other paths.
   *
   * Scope: `write`.
   */
  commitUpload(
    params: {
      /**
       * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      alias: string;
    },
    body: Schemas.Upload,
    options?: CallOptions,
  ): Promise<Schemas.CommittedUpload & { status: 200 | 201 }>;

  /**
   * Release an alias, and with the last alias its content
   *
   * Removes the alias, its URLs and its access record. If it was the last alias, its content is removed too, with its variants and details, and the answer names every file that may be deleted now. Can be sent again: if there is no such alias any more, the lists are empty. A content with more than 1,000 variants and URLs needs `enqueue`, and is removed in steps afterwards.
   *
   * Scope: `write`.
   */
  releaseAlias(
    params: {
      /**
       * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      alias: string;
    },
    body: Schemas.Release,
    options?: CallOptions,
  ): Promise<Schemas.ReleasedMedia>;

  /**
   * Release the aliases of an owner
   *
   * The oldest aliases are released first. Releasing an alias also removes its URLs and its access record. Releasing the last alias of a content also removes the content, with its variants and details. A pass handles at most `limit` of them: send the request again while `more` is true. The answer names every file that may be deleted now. A content with more than 1,000 variants and URLs needs `enqueue`, and is removed in steps afterwards.
   *
   * Scope: `admin`.
   */
  releaseOwner(
    body: Schemas.OwnerRelease,
    options?: CallOptions,
  ): Promise<Schemas.Pass>;

  /**
   * Remove variants that have not been accessed for long
   *
   * Removes variants whose last access was before `older_than`, the oldest first. For a variant that was never accessed, the time of its creation counts. Accesses are written with a delay, so a later `older_than` counts as `ACCESS_GRANULARITY_SECONDS` and ten seconds ago. A pass handles at most `limit` of them: send the request again while `more` is true. The answer names every file that may be deleted now.
   *
   * Scope: `admin`.
   */
  expireVariants(
    body: Schemas.ExpiryPass,
    options?: CallOptions,
  ): Promise<Schemas.Pass>;

  /**
   * Release aliases of proxied URLs that have not been accessed for long
   *
   * Releases aliases whose last access was before `older_than`, the oldest first. For an alias that was never accessed, the time when its URL was related counts. Releasing an alias also removes its URLs and its access record. Releasing the last alias of a content also removes the content, with its variants and details. A pass handles at most `limit` of them: send the request again while `more` is true. The answer names every file that may be deleted now. A content with more than 1,000 variants and URLs needs `enqueue`, and is removed in steps afterwards.
   *
   * Scope: `admin`.
   */
  expireProxied(
    body: Schemas.ExpiryPass,
    options?: CallOptions,
  ): Promise<Schemas.Pass>;

  /**
   * Release expired aliases
   *
   * Releases aliases whose `expires_at` is before `older_than`, the oldest first. Releasing an alias also removes its URLs and its access record. Releasing the last alias of a content also removes the content, with its variants and details. A pass handles at most `limit` of them: send the request again while `more` is true. The answer names every file that may be deleted now. A content with more than 1,000 variants and URLs needs `enqueue`, and is removed in steps afterwards.
   *
   * Scope: `admin`.
   */
  expireAliases(
    body: Schemas.ExpiryPass,
    options?: CallOptions,
  ): Promise<Schemas.Pass>;
}

/** Contents by hash: which file, which motion file, which variants. */
export interface HashesRepo {
  /**
   * How many hashes there are
   *
   * Counts, or with `estimate` uses the statistics of the planner, in constant time.
   *
   * Scope: `read`.
   */
  size(
    params?: {
      /** Fast, and accurate enough for a dashboard. */
      estimate?: boolean | undefined;
    },
    options?: CallOptions,
  ): Promise<Schemas.Size>;

  /**
   * Stream all hashes
   *
   * In the order of their bytes, one JSON object per line. The last line is `{"end":true,"count":N}`, with `next` if `limit` left rows. A stream without this line was cut; `after` resumes it. Every hash that exists during the whole stream is sent exactly once. A slow reader holds no connection to the database.
   *
   * Scope: `read`.
   */
  hashes(
    params?: {
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      after?: string | undefined;
      /** Maximum number of rows. Without it all rows are sent. */
      limit?: number | undefined;
    },
    options?: CallOptions,
  ): AsyncGenerator<Schemas.HashLine, void, undefined>;

  /**
   * The record of a hash
   *
   * Its files, its blurhash, the size of the original and the time of its creation; null for what is not known.
   *
   * Scope: `read`.
   */
  hash(
    params: {
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.WholeHash>;

  /**
   * Create a hash with its file
   *
   * With 409 `hash_already_exists`, `existing` names the file to keep; with `identifier_already_used` it names the owner of the file. A file has one owner, across originals, motion files and variants. The size of the file is not compared: if it is not known yet, it is filled in. A blocked content is refused with 403 `hash_blocked`, even if it exists already.
   *
   * Scope: `write`.
   */
  create(
    params: {
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    body: Schemas.NewFile,
    options?: CallOptions,
  ): Promise<Schemas.Hash & { status: 200 | 201 }>;

  /**
   * Remove a hash and everything that belongs to it
   *
   * Removes its variants, its aliases, their proxies and access records, and the details of its files. The answer names every file that may be deleted now. For an unknown hash the lists are empty. A hash with more than 1,000 aliases, variants, claims and proxies is removed in steps: it needs `enqueue`, the answer has `more`, and no read finds the hash any more.
   *
   * Scope: `write`.
   */
  cleanup(
    params: {
      /** Refuses with 409 `hash_in_use` if the hash has an alias. */
      only_if_unreferenced?: boolean | undefined;
      /**
       * Pushes a job `{"Identifier":{"identifier":…}}` for each removed file to this queue, in the same transaction, so that no file is forgotten when the answer is lost. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      enqueue?: string | undefined;
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.RemovedHash>;

  /**
   * The hashes, newest first
   *
   * A page of the hashes that were created before a time; or, with the `next` or `previous` of a page as `cursor`, the page after or before it. Cursors stay valid when hashes are removed. `include` adds to each hash its first 100 aliases and variants, and the details of its original. Filters can be combined: `format`, `without_alias`, `owner` (the hash has an alias of this owner, perhaps an expired one) and `since` (created at this time or later). With filters a page looks at 5000 hashes at most, so it may have fewer than `limit`, or none, although there are more: go on while it has `next`. A cursor is valid only for the filters of its page; `before` and `limit` may change.
   *
   * Scope: `read`.
   */
  page(
    params?: {
      /** RFC 3339. Answers are in UTC with microseconds. */
      before?: string | undefined;
      /** `next` or `previous` of another page of this list, with the same filters. Opaque. */
      cursor?: string | undefined;
      /** Maximum number of records; by default 100. A page also ends at 8 MiB. */
      limit?: number | undefined;
      /**
       * Only contents of this format, named as by `usage.usage`. Hashes of pict-rs have the format in their last byte; all others are `unknown`.
       */
      format?: 'apng' | 'animated avif' | 'gif' | 'animated webp' | 'avif' | 'jpeg' | 'jxl' | 'png' | 'webp' | 'mp4' | 'webm' | 'unknown' | undefined;
      /**
       * true: only contents without any alias. Expired aliases count too, because they can be made valid again.
       */
      without_alias?: boolean | undefined;
      /** The owner of an alias: any name that the application uses. 1 to 255 bytes in UTF-8. */
      owner?: string | undefined;
      /** RFC 3339. Answers are in UTC with microseconds. */
      since?: string | undefined;
      /** What to include of each hash, with commas: aliases, details, variants. */
      include?: string | undefined;
    },
    options?: CallOptions,
  ): Promise<Schemas.HashPage>;

  /**
   * Give a hash another file
   *
   * For example after a move to another store. The answer names the previous file.
   *
   * Scope: `write`.
   */
  updateIdentifier(
    params: {
      /**
       * true: the new file gets the details of the replaced one, unless it has some. Otherwise they are removed.
       */
      keep_details?: boolean | undefined;
      /**
       * Pushes a job `{"Identifier":{"identifier":…}}` for each removed file to this queue, in the same transaction, so that no file is forgotten when the answer is lost. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      enqueue?: string | undefined;
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    body: Schemas.Identifier,
    options?: CallOptions,
  ): Promise<Schemas.RemovedFiles>;

  /**
   * The file of a hash
   *
   * The identifier of the original.
   *
   * Scope: `read`.
   */
  identifier(
    params: {
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.Identifier>;

  /**
   * The files of several hashes
   *
   * For up to 1,000 hashes, the identifiers of their originals, as by `hashes.identifier`.
   *
   * Scope: `read`.
   */
  identifierMany(
    body: Schemas.Hashes,
    options?: CallOptions,
  ): Promise<Schemas.IdentifierResults>;

  /**
   * Relate the file of a variant
   *
   * With 409 `variant_already_exists`, `existing` names the file to keep. The size of the file is not compared: if it is not known yet, it is filled in.
   *
   * Scope: `write`.
   */
  relateVariantIdentifier(
    params: {
      /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
      variant: string;
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    body: Schemas.NewVariant,
    options?: CallOptions,
  ): Promise<Schemas.Variant & { status: 200 | 201 }>;

  /**
   * The file of a variant
   *
   * The identifier of the processed file.
   *
   * Scope: `read`.
   */
  variantIdentifier(
    params: {
      /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
      variant: string;
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.Identifier>;

  /**
   * Remove a variant
   *
   * Also removes its details and its access record. The answer names the file to delete, if there is one.
   *
   * Scope: `write`.
   */
  removeVariant(
    params: {
      /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
      variant: string;
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.RemovedFiles>;

  /**
   * The variants of a hash
   *
   * In the order of their bytes; none for an unknown hash. If there are more than `limit`, the answer has `next`: send it as `after` to get the rest.
   *
   * Scope: `read`.
   */
  variants(
    params: {
      /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
      after?: string | undefined;
      /** Maximum number; by default 1000. If there are more, the answer has `next`. */
      limit?: number | undefined;
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.Variants>;

  /**
   * The variants of several hashes
   *
   * For up to 1,000 hashes, the first 100 variants of each.
   *
   * Scope: `read`.
   */
  variantsMany(
    body: Schemas.Hashes,
    options?: CallOptions,
  ): Promise<Schemas.VariantsResults>;

  /**
   * Relate the motion file of a hash
   *
   * The moving file of a still content. It replaces an earlier one, which the answer names.
   *
   * Scope: `write`.
   */
  relateMotionIdentifier(
    params: {
      /**
       * true: the new file gets the details of the replaced one, unless it has some. Otherwise they are removed.
       */
      keep_details?: boolean | undefined;
      /**
       * Pushes a job `{"Identifier":{"identifier":…}}` for each removed file to this queue, in the same transaction, so that no file is forgotten when the answer is lost. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      enqueue?: string | undefined;
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    body: Schemas.MotionFile,
    options?: CallOptions,
  ): Promise<Schemas.RemovedFiles>;

  /**
   * The motion file of a hash
   *
   * The identifier of the moving file.
   *
   * Scope: `read`.
   */
  motionIdentifier(
    params: {
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.Identifier>;

  /**
   * Relate the blurhash of a hash
   *
   * It replaces an earlier one.
   *
   * Scope: `write`.
   */
  relateBlurhash(
    params: {
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    body: Schemas.Blurhash,
    options?: CallOptions,
  ): Promise<undefined>;

  /**
   * The blurhash of a hash
   *
   * As it was related.
   *
   * Scope: `read`.
   */
  blurhash(
    params: {
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.Blurhash>;
}

/** Public names of contents, and the delete tokens that go with them. */
export interface AliasesRepo {
  /**
   * Create an alias of a hash
   *
   * Optionally with an owner and an expiry. A 409 names the hash, owner and expiry of the existing alias, but never its delete token. The name of an expired alias is still taken.
   *
   * Scope: `write`.
   */
  create(
    params: {
      /**
       * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      alias: string;
    },
    body: Schemas.NewAlias,
    options?: CallOptions,
  ): Promise<Schemas.Alias & { status: 200 | 201 }>;

  /**
   * The record of an alias
   *
   * Everything but its delete token. An expired alias is found too, with `expired`.
   *
   * Scope: `read`.
   */
  alias(
    params: {
      /**
       * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      alias: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.WholeAlias>;

  /**
   * Remove an alias
   *
   * Also removes its URLs and its access record. Can be sent again.
   *
   * Scope: `write`.
   */
  cleanup(
    params: {
      /**
       * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      alias: string;
    },
    options?: CallOptions,
  ): Promise<undefined>;

  /**
   * The delete token of an alias
   *
   * A secret: the answer must not be cached.
   *
   * Scope: `write`.
   */
  deleteToken(
    params: {
      /**
       * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      alias: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.DeleteToken>;

  /**
   * The hash of an alias
   *
   * The first step of every view of an image.
   *
   * Scope: `read`.
   */
  hash(
    params: {
      /**
       * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      alias: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.HashOfAlias>;

  /**
   * The aliases of a hash
   *
   * In the order of their bytes; none for an unknown hash. If there are more than `limit`, the answer has `next`: send it as `after` to get the rest. Expired aliases are left out, but count for the limit.
   *
   * Scope: `read`.
   */
  forHash(
    params: {
      /**
       * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      after?: string | undefined;
      /** Maximum number; by default 1000. If there are more, the answer has `next`. */
      limit?: number | undefined;
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.Aliases>;

  /**
   * The aliases of several hashes
   *
   * For up to 1,000 hashes, the first 100 aliases of each.
   *
   * Scope: `read`.
   */
  forHashMany(
    body: Schemas.Hashes,
    options?: CallOptions,
  ): Promise<Schemas.AliasesResults>;

  /**
   * Set the owner of an alias
   *
   * Null removes the owner.
   *
   * Scope: `write`.
   */
  setOwner(
    params: {
      /**
       * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      alias: string;
    },
    body: Schemas.Owner,
    options?: CallOptions,
  ): Promise<undefined>;

  /**
   * Set the expiry of an alias
   *
   * After that time the alias is expired: all reads of it answer 404, except `aliases.alias` and `aliases.ofOwner`, and its name is still taken. A later time, or null for no expiry, makes it valid again. A past time ends it at once.
   *
   * Scope: `write`.
   */
  setExpiry(
    params: {
      /**
       * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      alias: string;
    },
    body: Schemas.Expiry,
    options?: CallOptions,
  ): Promise<undefined>;

  /**
   * The aliases of an owner, newest first
   *
   * A page of the aliases that were created before a time; or, with the `next` or `previous` of a page as `cursor`, the page after or before it. Cursors stay valid when aliases are removed. Expired aliases are included, with `expired`.
   *
   * Scope: `read`.
   */
  ofOwner(
    params: {
      /** The owner of an alias: any name that the application uses. 1 to 255 bytes in UTF-8. */
      owner: string;
      /** RFC 3339. Answers are in UTC with microseconds. */
      before?: string | undefined;
      /** `next` or `previous` of another page of this list, with the same filters. Opaque. */
      cursor?: string | undefined;
      /** Maximum number of records; by default 100. A page also ends at 8 MiB. */
      limit?: number | undefined;
    },
    options?: CallOptions,
  ): Promise<Schemas.AliasPage>;
}

/** Server-wide values by key, any bytes. */
export interface SettingsRepo {
  /**
   * Set a value
   *
   * The body is the value, byte for byte; no body means zero bytes. A client that sends JSON stores JSON, with its quotes. The last write wins.
   *
   * Scope: `write`.
   */
  set(
    params: {
      /**
       * The name of a setting. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      key: string;
    },
    body: string | Uint8Array<ArrayBuffer>,
    options?: CallOptions,
  ): Promise<undefined>;

  /**
   * Get a value
   *
   * The bytes as they were set. The content type is always the same, so that no browser runs a stored page.
   *
   * Scope: `read`.
   */
  get(
    params: {
      /**
       * The name of a setting. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      key: string;
    },
    options?: CallOptions,
  ): Promise<Uint8Array<ArrayBuffer>>;

  /**
   * Remove a value
   *
   * Can be sent again.
   *
   * Scope: `write`.
   */
  remove(
    params: {
      /**
       * The name of a setting. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      key: string;
    },
    options?: CallOptions,
  ): Promise<undefined>;
}

/** Metadata of files, by identifier (the IdentifierRepo of pict-rs). */
export interface DetailsRepo {
  /**
   * Relate details to a file
   *
   * The body is the details. The file need not be related to a hash yet. The last write wins.
   *
   * Scope: `write`.
   */
  relateDetails(
    params: {
      /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
      identifier: string;
    },
    body: { [name: string]: unknown },
    options?: CallOptions,
  ): Promise<undefined>;

  /**
   * The details of a file
   *
   * Byte for byte as they were stored, including spaces, the order of keys and long numbers.
   *
   * Scope: `read`.
   */
  details(
    params: {
      /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
      identifier: string;
    },
    options?: CallOptions,
  ): Promise<{ [name: string]: unknown }>;

  /**
   * Remove the details of a file
   *
   * Can be sent again. Removing a hash or a variant also removes its details.
   *
   * Scope: `write`.
   */
  cleanup(
    params: {
      /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
      identifier: string;
    },
    options?: CallOptions,
  ): Promise<undefined>;

  /**
   * The details of the originals of several hashes
   *
   * For up to 1,000 hashes, each byte for byte as it was stored.
   *
   * Scope: `read`.
   */
  forHashMany(
    body: Schemas.Hashes,
    options?: CallOptions,
  ): Promise<Schemas.DetailsResults>;
}

/** Jobs for the workers that process images. */
export interface QueueRepo {
  /**
   * Push a job
   *
   * Answered once the job is committed. With an `id` of your own (a UUIDv7), a push whose answer was lost can be sent again: the id is remembered, also after its job has ended (QUEUE_ID_RETENTION_MINUTES). The same id in another queue, or with other bytes, is 409 `job_id_used`. Priorities are strict: a job waits as long as there are jobs with a lower number.
   *
   * Scope: `write`.
   */
  push(
    params: {
      /**
       * The name of a queue. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      queue: string;
    },
    body: Schemas.NewJob,
    options?: CallOptions,
  ): Promise<Schemas.PushedJob & { status: 200 | 201 }>;

  /**
   * The jobs of a queue
   *
   * In the order of their arrival (dead jobs: in the order in which they died). Without `state`, all jobs but the dead ones. A page has at most 1 MiB of jobs and errors, but always at least one job. If there are more jobs, the answer has `next`. Completed jobs come in the order of their completion, the newest first, and so do dead jobs with `order=newest`. With `worker`, `unique_key`, `error` or `payload` the jobs are searched as by `GET /jobs`.
   *
   * Scope: `write`.
   */
  jobs(
    params: {
      /** completed: while completed jobs are kept (QUEUE_COMPLETED_RETENTION_MINUTES). */
      state?: 'scheduled' | 'ready' | 'running' | 'dead' | 'completed' | undefined;
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
      /** With `state=dead`: those that died last come first. */
      order?: 'newest' | undefined;
      /** `next` of the page before. Opaque. */
      after?: string | undefined;
      /** Maximum number of records; by default 100. */
      limit?: number | undefined;
      /**
       * The name of a queue. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      queue: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.Jobs>;

  /**
   * Push many jobs
   *
   * All of them, or none, in one statement; at most 1,000 jobs and 8 MiB. The results are in the order of the jobs.
   *
   * Scope: `write`.
   */
  pushMany(
    params: {
      /**
       * The name of a queue. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      queue: string;
    },
    body: Schemas.NewJobs,
    options?: CallOptions,
  ): Promise<Schemas.PushedJobs>;

  /**
   * Wait for jobs and take them
   *
   * A long poll: answers as soon as there is a job, or with an empty list when the wait ends. Each job comes with a lease. If the worker does not end the job or extend the lease in time, another worker gets the job. `completed` completes earlier jobs in the same request. The header `Prefer: wait=N` is an alternative to `wait_seconds`. If the client goes away before it has its answer, its jobs are given back. A worker with `max` above 1 must also extend the leases of the jobs that it has not begun yet.
   *
   * Scope: `write`.
   */
  pop(
    params: {
      /**
       * The name of a queue. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      queue: string;
    },
    body: Schemas.Pop,
    options?: CallOptions,
  ): Promise<Schemas.PoppedJobs>;

  /**
   * Complete a job
   *
   * The job is done, and no longer in its queue. Where completed jobs are kept (QUEUE_COMPLETED_RETENTION_MINUTES), `GET /jobs/{id}` answers it with its `result`. 409 `lease_lost` if the worker no longer holds the lease: nothing was changed, and `state` is the state of the job. If you repeat a request, `gone` means that the first one succeeded.
   *
   * Scope: `write`.
   */
  complete(
    params: {
      /** Opaque. Proves that a request comes from the worker that has the job now. */
      lease: string;
    },
    body?: Schemas.Done | undefined,
    options?: CallOptions,
  ): Promise<undefined>;

  /**
   * Complete many jobs
   *
   * Each lease has a result of its own. The results are in the order of the leases.
   *
   * Scope: `write`.
   */
  completeMany(
    body: Schemas.Leases,
    options?: CallOptions,
  ): Promise<Schemas.Completions>;

  /**
   * Report a failed run
   *
   * The run counts as an attempt. The job is retried after `delay_seconds`, or after 2^attempts seconds with full jitter. It is dead when its attempts are used up, when `retry` is false, or when it was handed out ten times for each of its attempts since it was pushed or redriven.
   *
   * Scope: `write`.
   */
  fail(
    params: {
      /** Opaque. Proves that a request comes from the worker that has the job now. */
      lease: string;
    },
    body?: Schemas.Failure | undefined,
    options?: CallOptions,
  ): Promise<Schemas.Failed>;

  /**
   * Give a job back
   *
   * The job is ready again, and no attempt is counted: for an orderly stop of the worker. A job that is released every time is dead when it was handed out ten times for each of its attempts.
   *
   * Scope: `write`.
   */
  release(
    params: {
      /** Opaque. Proves that a request comes from the worker that has the job now. */
      lease: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.Released>;

  /**
   * Extend a lease
   *
   * The lease then ends `lease_seconds` from now (by default as many as the pop answered as `lease_seconds`), but not later than `max_run_seconds` of the job allow. The answer tells whether a cancel was requested.
   *
   * Scope: `write`.
   */
  heartbeat(
    params: {
      /** Opaque. Proves that a request comes from the worker that has the job now. */
      lease: string;
    },
    body?: Schemas.Heartbeat | undefined,
    options?: CallOptions,
  ): Promise<Schemas.Extension>;

  /**
   * Extend many leases
   *
   * As one heartbeat for each lease. The results are in the order of the leases.
   *
   * Scope: `write`.
   */
  heartbeatMany(
    body: Schemas.Heartbeats,
    options?: CallOptions,
  ): Promise<Schemas.Extensions>;

  /**
   * Take back what a worker runs
   *
   * For a worker that starts again after a crash. Its running jobs are ready again, or dead if their attempts are used up; each run counts as an attempt. A worker that stops in order releases its jobs instead.
   *
   * Scope: `write`.
   */
  requeueInProgress(
    params: {
      /** server: also those of the workers `<worker_id>-<digits>`, as pict-rs names the workers of a server. */
      match?: 'exact' | 'server' | undefined;
      /**
       * The name of a worker. No other running worker may have it. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      worker_id: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.Requeued>;

  /**
   * All queues
   *
   * The queues that have jobs (dead ones included), are paused, or have waiting polls. The counts are exact as of `as_of`. With more than about 50,000 jobs they can be up to five seconds old, because one count then serves many requests. The ETag leaves out `as_of` and rounds `oldest_ready_seconds` down (to ten seconds; from a minute on to minutes, from an hour on to ten minutes): with `If-None-Match` the answer is 304 while nothing else has changed.
   *
   * Scope: `read`.
   */
  queues(
    params?: {
      /** Queues whose name has this part; case does not matter. 1 to 255 bytes in UTF-8. */
      search?: string | undefined;
      /**
       * name (by default), or a figure: then the largest come first, and equal ones in the order of their names. oldest: by `oldest_ready_seconds`. trouble: by the number of troubles, then by `dead`, then by `oldest_ready_seconds`.
       */
      sort?: 'name' | 'ready' | 'scheduled' | 'running' | 'dead' | 'oldest' | 'trouble' | undefined;
      /** true: only queues with a `trouble`. */
      trouble?: boolean | undefined;
      /** Maximum number of queues; by default all. */
      limit?: number | undefined;
      /** `next` of the page before, with the same `sort`. Opaque. */
      after?: string | undefined;
      /**
       * How many seconds old the figures may be; by default 0. A page that asks again and again should send 2 or more: one count then serves all such pages.
       */
      max_age?: number | undefined;
      /** true: with the last hour of each queue. */
      trend?: boolean | undefined;
    },
    options?: CallOptions,
  ): Promise<Schemas.Queues>;

  /**
   * The last hour of a queue
   *
   * What happened to its jobs through the process that answers, minute by minute. It is kept in memory: it begins with the process, and other replicas have their own. Prometheus is for more.
   *
   * Scope: `read`.
   */
  history(
    params: {
      /**
       * The name of a queue. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      queue: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.QueueHistory>;

  /**
   * One queue
   *
   * All counts are 0 for a queue that does not exist. The figures are the same as in the list of all queues.
   *
   * Scope: `read`.
   */
  stats(
    params: {
      /**
       * How many seconds old the figures may be; by default 0. A page that asks again and again should send 2 or more: one count then serves all such pages.
       */
      max_age?: number | undefined;
      /**
       * The name of a queue. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      queue: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.QueueStats>;

  /**
   * The errors of the dead jobs of a queue
   *
   * The last errors of the 1,000 newest dead jobs: each error once, with the number of jobs that have exactly this text, and the newest of these jobs. The newest error comes first; the answer has 20 at most, and `different` counts all. `queue.jobs` with `state=dead` and `error` lists the jobs of one error.
   *
   * Scope: `write`.
   */
  errors(
    params: {
      /**
       * The name of a queue. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      queue: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.DeadErrors>;

  /**
   * Search jobs
   *
   * In all queues, or in one. Running jobs come first, then ready, scheduled and dead jobs. Jobs of the same state are sorted by queue, and within a queue in the order in which they will be handed out (ready jobs), have arrived or have died. A page looks at a bounded number of jobs (10,000 of a state; with `payload`, at 8 MiB of them as they are stored). So it may have fewer jobs than `limit`, or none, although there are more: the search has ended when an answer has no `next`. A search by `worker`, by `queue` and `unique_key`, or without `error` and `payload`, finds its jobs by an index. Completed jobs are listed only with `state=completed`, the newest first in all queues together. Of their filters, only `queue` uses an index.
   *
   * Scope: `write`.
   */
  find(
    params?: {
      /**
       * The name of a queue. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      queue?: string | undefined;
      /** completed: while completed jobs are kept (QUEUE_COMPLETED_RETENTION_MINUTES). */
      state?: 'scheduled' | 'ready' | 'running' | 'dead' | 'completed' | undefined;
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
      /** `next` of the page before. Opaque. */
      after?: string | undefined;
      /** Maximum number of records; by default 100. */
      limit?: number | undefined;
    },
    options?: CallOptions,
  ): Promise<Schemas.Jobs>;

  /**
   * One job
   *
   * Also a dead one, and a completed one while it is kept (QUEUE_COMPLETED_RETENTION_MINUTES). The answer does not contain its lease.
   *
   * Scope: `write`.
   */
  job(
    params: {
      /** A UUID, in lower case. */
      id: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.JobRecord>;

  /**
   * Cancel a job
   *
   * A ready, scheduled or dead job is deleted. The worker of a running job learns of the cancel from its next heartbeat, and can still complete the job; if it does not, the job is deleted when its run ends. The unique key of the job can be used again at once, so a new job with that key may run beside it; its id cannot. Can be sent again.
   *
   * Scope: `admin`.
   */
  cancel(
    params: {
      /** A UUID, in lower case. */
      id: string;
    },
    options?: CallOptions,
  ): Promise<{ status: 202 | 204 }>;

  /**
   * Try chosen dead jobs again
   *
   * As a redrive does for all dead jobs of a queue: they are ready again, with no attempts counted. A job is skipped if another job has its unique key now.
   *
   * The jobs are given by their `ids`, or by a `match`. A job that another transaction has locked is skipped, and so is one that the database refuses to change; the others are changed. With `match`, a request changes `limit` jobs at most and looks at a bounded number of jobs: while `more` is true, send it again with `next` as `after`.
   *
   * Scope: `admin`.
   */
  retry(
    body: Schemas.RetryChoice,
    options?: CallOptions,
  ): Promise<Schemas.Chosen>;

  /**
   * Run chosen scheduled jobs now
   *
   * They are ready at once, before their delay or backoff is over.
   *
   * The jobs are given by their `ids`, or by a `match`. A job that another transaction has locked is skipped, and so is one that the database refuses to change; the others are changed. With `match`, a request changes `limit` jobs at most and looks at a bounded number of jobs: while `more` is true, send it again with `next` as `after`.
   *
   * Scope: `admin`.
   */
  runNow(
    body: Schemas.RunNowChoice,
    options?: CallOptions,
  ): Promise<Schemas.Chosen>;

  /**
   * Remove chosen jobs
   *
   * As a cancel of each of them: ready, scheduled and dead jobs are deleted, and the workers of running jobs learn of the cancel from their next heartbeats.
   *
   * The jobs are given by their `ids`, or by a `match`. A job that another transaction has locked is skipped, and so is one that the database refuses to change; the others are changed. With `match`, a request changes `limit` jobs at most and looks at a bounded number of jobs: while `more` is true, send it again with `next` as `after`.
   *
   * Scope: `admin`.
   */
  remove(
    body: Schemas.RemoveChoice,
    options?: CallOptions,
  ): Promise<Schemas.Chosen>;

  /**
   * The workers that run jobs
   *
   * In the order of their ids. With `queue`, those with jobs of this queue; only these jobs are counted.
   *
   * Scope: `read`.
   */
  workers(
    params?: {
      /**
       * The name of a queue. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      queue?: string | undefined;
      /** A part of the id of the worker. The case of ASCII letters does not matter. 1 to 255 bytes in UTF-8. */
      search?: string | undefined;
      /**
       * The name of a worker. No other running worker may have it. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      after?: string | undefined;
      /** Maximum number of records; by default 100. */
      limit?: number | undefined;
    },
    options?: CallOptions,
  ): Promise<Schemas.Workers>;

  /**
   * One worker, and the jobs that it runs
   *
   * All queues together. A worker that runs nothing has no jobs, whether there is such a worker or not.
   *
   * Scope: `write`.
   */
  worker(
    params: {
      /** `next` of the answer before. Opaque. */
      after?: string | undefined;
      /** Maximum number of records; by default 100. */
      limit?: number | undefined;
      /**
       * The name of a worker. No other running worker may have it. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      worker_id: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.WorkerRecord>;

  /**
   * Pause a queue
   *
   * Pops get no jobs. Pushes and running jobs go on. Can be sent again.
   *
   * Scope: `admin`.
   */
  pause(
    params: {
      /**
       * The name of a queue. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      queue: string;
    },
    options?: CallOptions,
  ): Promise<undefined>;

  /**
   * Resume a queue
   *
   * Waiting polls get the ready jobs. Can be sent again.
   *
   * Scope: `admin`.
   */
  resume(
    params: {
      /**
       * The name of a queue. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      queue: string;
    },
    options?: CallOptions,
  ): Promise<undefined>;

  /**
   * Remove the jobs of a queue
   *
   * `waiting` are the ready and scheduled jobs. Running jobs stay, and so does a job that another request or transaction has locked at that moment.
   *
   * Scope: `admin`.
   */
  purge(
    params: {
      which: 'waiting' | 'dead';
      /**
       * The name of a queue. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      queue: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.Purged>;

  /**
   * Try the dead jobs of a queue again
   *
   * They are ready again, with no attempts counted. A job stays dead if another job has its unique key now.
   *
   * Scope: `admin`.
   */
  redrive(
    params: {
      /**
       * The name of a queue. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      queue: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.Redriven>;
}

/** The owners of files, and the files that may be deleted. */
export interface FilesRepo {
  /**
   * The owner of a file
   *
   * A file belongs to one content, as its original, its motion file or one of its variants.
   *
   * Scope: `read`.
   */
  owner(
    params: {
      /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
      identifier: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.FileOwner>;

  /**
   * The owners of several files
   *
   * For up to 1,000 files. A program that cleans a store asks this first.
   *
   * Scope: `read`.
   */
  owners(
    body: Schemas.FileNames,
    options?: CallOptions,
  ): Promise<Schemas.Files>;

  /**
   * Stream the files without an owner
   *
   * The files that have details but no owner, in the order of their bytes, one JSON object per line. The last line is `{"end":true,"count":N}`, with `next` if `limit` left rows. Such files are few, so a request with `limit` ends after about a second with those that it has found, perhaps none, and with `next` to go on. Delete only what `files.condemn` then returns. Files whose details are younger than `older_than` are left out, because an upload may be between two of its requests. A time less than an hour ago counts as an hour ago.
   *
   * Scope: `read`.
   */
  unowned(
    params: {
      /** RFC 3339. Answers are in UTC with microseconds. */
      older_than: string;
      /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
      after?: string | undefined;
      /** Maximum number of rows. Without it all rows are sent. */
      limit?: number | undefined;
    },
    options?: CallOptions,
  ): AsyncGenerator<Schemas.FileLine, void, undefined>;

  /**
   * Condemn files without an owner
   *
   * A condemned file may be deleted, and its name cannot be used until some time after `files.deleted` has reported the deletion. Checks and condemns in one step, so delete only what the answer names. The details of these files are removed. Can be sent again, and then names the same files. Files whose details are younger than `older_than` are left out, because an upload may be between two of its requests. A time less than an hour ago counts as an hour ago.
   *
   * Scope: `admin`.
   */
  condemn(
    body: Schemas.Condemnation,
    options?: CallOptions,
  ): Promise<Schemas.Condemned>;

  /**
   * Report that condemned files were deleted
   *
   * For a client that has deleted files which an answer named. Their names can be used again `CONDEMNED_GRACE_SECONDS` later, or without this report after `CONDEMNED_RETENTION_DAYS`. Can be sent again, which changes nothing. If somebody owns one of the files, the answer is 409 and nothing is changed.
   *
   * Scope: `write`.
   */
  deleted(
    body: Schemas.FileNames,
    options?: CallOptions,
  ): Promise<Schemas.Freed>;
}

/** Contents that nobody may upload. */
export interface BlocklistRepo {
  /**
   * Block a content
   *
   * From now on `hashes.create` and `media.commitUpload` answer 403 `hash_blocked`, with the reason, to every hash that begins with this digest, even if the content exists already. Nothing is removed: `blocklist.standing` lists the existing contents, and `report.clean` removes them. An upload that is committed at the same moment may still succeed.
   *
   * Scope: `admin`.
   */
  block(
    params: {
      /**
       * The SHA-256 of the bytes of a content, in hex: its hash, or the beginning of it. Upper case is accepted, answers are lower case.
       */
      digest: string;
    },
    body?: Schemas.Block | undefined,
    options?: CallOptions,
  ): Promise<Schemas.BlockedHash & { status: 200 | 201 }>;

  /**
   * Unblock a content
   *
   * Can be sent again.
   *
   * Scope: `admin`.
   */
  unblock(
    params: {
      /**
       * The SHA-256 of the bytes of a content, in hex: its hash, or the beginning of it. Upper case is accepted, answers are lower case.
       */
      digest: string;
    },
    options?: CallOptions,
  ): Promise<undefined>;

  /**
   * Why a content is blocked
   *
   * The reason for the block, and its time.
   *
   * Scope: `read`.
   */
  entry(
    params: {
      /**
       * The SHA-256 of the bytes of a content, in hex: its hash, or the beginning of it. Upper case is accepted, answers are lower case.
       */
      digest: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.BlockedHash>;

  /**
   * Stream the blocked contents
   *
   * In the order of their digests, one JSON object per line. The last line is `{"end":true,"count":N}`, with `next` if `limit` left rows.
   *
   * Scope: `read`.
   */
  blocked(
    params?: {
      /**
       * The SHA-256 of the bytes of a content, in hex: its hash, or the beginning of it. Upper case is accepted, answers are lower case.
       */
      after?: string | undefined;
      /** Maximum number of rows. Without it all rows are sent. */
      limit?: number | undefined;
    },
    options?: CallOptions,
  ): AsyncGenerator<Schemas.BlockedHash, void, undefined>;

  /**
   * The existing contents with a digest
   *
   * The contents whose hash begins with this digest, with their aliases, whether the digest is blocked or not. If there are more than `limit`, the answer has `next`: send it as `after` to get the rest.
   *
   * Scope: `read`.
   */
  standing(
    params: {
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      after?: string | undefined;
      /** Maximum number of contents; by default 50. */
      limit?: number | undefined;
      /**
       * The SHA-256 of the bytes of a content, in hex: its hash, or the beginning of it. Upper case is accepted, answers are lower case.
       */
      digest: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.Standing>;
}

/** How much of the disk is used, and by what. */
export interface UsageRepo {
  /**
   * How much of the disk is used, and by what
   *
   * Counts and bytes, by format (the last byte of hashes of pict-rs), by owner, by kind of file or by month of creation. A content with aliases of several owners counts once for each of them. A content counts for nobody (null) if none of its aliases has an owner. Variants count for their content. One count serves all requests that arrive meanwhile, and runs beside other requests. A count that took long is kept for twenty times as long as it took. A request that would wait for more than ten seconds gets 503 `figures_not_ready` with the `as_of` of the last figures: ask again.
   *
   * Scope: `read`.
   */
  usage(
    params: {
      by: 'format' | 'owner' | 'kind' | 'age';
      /**
       * How old the figures may be, in seconds since the count began; 0 for figures that include everything from before the request. By default they may be older, up to an hour.
       */
      max_age?: number | undefined;
    },
    options?: CallOptions,
  ): Promise<Schemas.Usage>;
}

/** Which files have been moved to another store. */
export interface StoreMigrationRepo {
  /**
   * Whether a migration is running, and how far it is
   *
   * `continuing` is true from the first mark until the marks are cleared; it and `rate` are of this moment. The files are counted once for all concurrent requests. With many files the counts are kept, for twenty times as long as they took: `as_of` tells when they began. It and the counts are null until the first count has ended.
   *
   * Scope: `read`.
   */
  isContinuingMigration(
    options?: CallOptions,
  ): Promise<Schemas.StoreMigration>;

  /**
   * Clear all marks
   *
   * Ends the migration. Can be sent again.
   *
   * Scope: `admin`.
   */
  clear(
    options?: CallOptions,
  ): Promise<undefined>;

  /**
   * Mark a file as migrated
   *
   * Can be sent again. `new_identifier` is the identifier in the new store.
   *
   * Scope: `write`.
   */
  markMigrated(
    body: Schemas.MigratedIdentifier,
    options?: CallOptions,
  ): Promise<undefined>;

  /**
   * Whether a file is migrated
   *
   * True for its old and its new identifier, so that a migration can be resumed.
   *
   * Scope: `read`.
   */
  isMigrated(
    params: {
      /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
      identifier: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.Migrated>;

  /**
   * Stream the files that are not migrated
   *
   * The originals, motion files and variants that have no mark, in the order of their bytes, one JSON object per line. The last line is `{"end":true,"count":N}`, with `next` if `limit` left rows. A request with `limit` ends after about a second with those that it has found, perhaps none, and with `next` to go on. Files that others move or upload meanwhile may be included or not: the move is complete once a stream from the beginning is empty.
   *
   * Scope: `read`.
   */
  unmigrated(
    params?: {
      /** Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
      after?: string | undefined;
      /** Maximum number of rows. Without it all rows are sent. */
      limit?: number | undefined;
    },
    options?: CallOptions,
  ): AsyncGenerator<Schemas.FileLine, void, undefined>;

  /**
   * Give a content the copy of its file in another store
   *
   * Send it once the copy is complete. One transaction gives the original, motion file or variant its new identifier, moves its details (unless the copy has some), marks the file as migrated, and condemns the old file, which `removed` names. If the content was removed meanwhile, `moved` is false, and `unneeded` names the copy, which is condemned and may be deleted. With `enqueue` a job `{"Identifier":{"identifier":…}}` is pushed once for each of these files. Can be sent again, and gives the same answer. If the file was already moved to another identifier (409 `identifier_already_moved`), `existing` has that identifier, and `unneeded` names the copy.
   *
   * Scope: `write`.
   */
  move(
    body: Schemas.Move,
    options?: CallOptions,
  ): Promise<Schemas.Moved>;
}

/** What is left over or inconsistent, and its removal. */
export interface ReportRepo {
  /**
   * What is left over or inconsistent
   *
   * Contents without an alias, files without an owner, URLs of expired aliases, rows of `files` that contradict the contents, files that wait for their deletion, existing contents that are blocked, stale uploads, expired claims, and dead jobs: how many there are, ten of each, and the request that cleans them. Each kind is searched for twenty seconds at most, beside other requests; if that was not enough, `complete` is false. What is younger than an hour may be work in progress and is not counted. Concurrent requests share a report, which is kept like the figures of `usage.usage`.
   *
   * Scope: `read`.
   */
  report(
    params?: {
      /**
       * How old the figures may be, in seconds since the count began; 0 for figures that include everything from before the request. By default they may be older, up to an hour.
       */
      max_age?: number | undefined;
    },
    options?: CallOptions,
  ): Promise<Schemas.Report>;

  /**
   * Clean what a report has found
   *
   * Cleans some findings of one kind: send the request again while `more` is true, with `next` as `after`. Findings are locked, checked again and removed in one statement, and the answer names every file that may be deleted now.
   *
   * * `hashes_without_alias`: the contents are removed, as by `hashes.cleanup`.
   * * `details_without_owner`: the files are condemned, as by `files.condemn`.
   * * `proxies_of_expired_aliases`: the aliases are released, as by `media.expireAliases`.
   * * `blocked_contents`: the contents are removed with all their aliases.
   * * `files_without_owner`: files that no content uses are condemned, the others get their owner.
   * * `owners_without_file`: the files are registered.
   *
   * The first three need `older_than`; a time less than an hour ago counts as an hour ago. A content with more than 1,000 aliases, variants and URLs needs `enqueue`, and is removed in steps afterwards.
   *
   * Scope: `admin`.
   */
  clean(
    body: Schemas.CleanPass,
    options?: CallOptions,
  ): Promise<Schemas.CleanedPass>;
}

/** Which remote URL is cached as which alias. */
export interface ProxiesRepo {
  /**
   * Relate a URL to an alias
   *
   * If the URL is related to another alias, the answer is 409 with that alias in `existing`.
   *
   * Scope: `write`.
   */
  relateUrl(
    body: Schemas.Proxy,
    options?: CallOptions,
  ): Promise<Schemas.Proxy & { status: 200 | 201 }>;

  /**
   * The alias of a URL
   *
   * URLs are compared byte for byte. An expired alias is not found.
   *
   * Scope: `read`.
   */
  related(
    params: {
      /** The URL of a proxied image, as it was requested. 1 to 8192 bytes in UTF-8. */
      url: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.Related>;

  /**
   * Remove the URLs of an alias
   *
   * Every URL that is related to it. Can be sent again.
   *
   * Scope: `write`.
   */
  removeRelation(
    params: {
      /**
       * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      alias: string;
    },
    options?: CallOptions,
  ): Promise<undefined>;
}

/** Uploads that are accepted at once, processed later, and then claimed by their sender. */
export interface UploadsRepo {
  /**
   * Begin an upload that is processed later
   *
   * A server that accepts a file from a user answers with this id at once, and reports the result with `uploads.complete` when the file is processed. Sent again it begins another upload. An upload without a result is forgotten after UPLOAD_RETENTION_HOURS.
   *
   * Scope: `write`.
   */
  create(
    body?: Schemas.NewUpload | undefined,
    options?: CallOptions,
  ): Promise<Schemas.UploadState>;

  /**
   * Report the result of an upload
   *
   * An alias with its token, which `media.commitUpload` has created before, or a failure. All clients that wait get the answer. Can be sent again; another result is 409 `upload_completed`. The service does not check that the alias exists. After 404 nobody will claim the alias: release it. If an upload was claimed and then discarded, the answer is not 404 for `UPLOAD_RETENTION_HOURS` after the claim.
   *
   * Scope: `write`.
   */
  complete(
    params: {
      /** Names an upload: 128 random bits in hex, so that nobody finds the upload of somebody else. */
      id: string;
    },
    body: Schemas.UploadResult,
    options?: CallOptions,
  ): Promise<undefined>;

  /**
   * Wait for the result of an upload
   *
   * A long poll: answers as soon as there is a result, or with the state `pending` when the wait ends. The answer has neither alias nor token, which only the claimer gets. After 503 ask again.
   *
   * Scope: `read`.
   */
  upload(
    params: {
      /**
       * Seconds to wait while the result is not known; by default 0. The header `Prefer: wait=N` is an alternative.
       */
      wait?: number | undefined;
      /** Names an upload: 128 random bits in hex, so that nobody finds the upload of somebody else. */
      id: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.UploadState>;

  /**
   * Forget an upload
   *
   * If nobody has claimed the upload, its alias is released, as by `media.releaseAlias`, and the answer names what was removed. The alias of a claimed upload stays. Can be sent again: the lists are then empty.
   *
   * Scope: `write`.
   */
  discard(
    params: {
      /**
       * If its alias is released, a job `{"Identifier":{"identifier":…}}` for each removed file is pushed to this queue; by default the queue of its creation. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      enqueue?: string | undefined;
      /** Names an upload: 128 random bits in hex, so that nobody finds the upload of somebody else. */
      id: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.ReleasedMedia>;

  /**
   * Claim the result of an upload
   *
   * Gives the alias and its token, or the failure, to the first claimer only. The same claimer can ask again, so that a lost answer loses no token. A claimed upload is forgotten after UPLOAD_RETENTION_HOURS; its alias stays.
   *
   * Scope: `write`.
   */
  claim(
    params: {
      /** Names an upload: 128 random bits in hex, so that nobody finds the upload of somebody else. */
      id: string;
    },
    body: Schemas.UploadClaim,
    options?: CallOptions,
  ): Promise<Schemas.ClaimedUpload>;
}

/** The right to make a variant, which one worker has at a time. */
export interface VariantClaimsRepo {
  /**
   * Claim the making of a variant
   *
   * Of all workers that want to make a variant, one gets the claim. It extends its lease with heartbeats, and ends the claim with `variantClaims.finish`. The others get 409 `variant_claimed`, and wait with `variantClaims.wait`. Sent again by the same claimer, the answer is the same claim, with its lease extended. Anybody can claim a variant whose claim has failed or expired.
   *
   * Scope: `write`.
   */
  claim(
    params: {
      /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
      variant: string;
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    body: Schemas.VariantClaim,
    options?: CallOptions,
  ): Promise<Schemas.ClaimedVariant & { status: 200 | 201 }>;

  /**
   * Wait for the end of a claim
   *
   * A long poll: answers as soon as the variant exists, or its claim has failed or expired, or with the state `claimed` when the wait ends. After 503 ask again.
   *
   * Scope: `read`.
   */
  wait(
    params: {
      /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
      variant: string;
      /**
       * Seconds to wait while the result is not known; by default 0. The header `Prefer: wait=N` is an alternative.
       */
      wait?: number | undefined;
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.VariantClaimState>;

  /**
   * Extend a claim
   *
   * Also extends an expired claim, as long as nobody else has taken it over. After 409 `claim_lost`, stop making the variant.
   *
   * Scope: `write`.
   */
  heartbeat(
    params: {
      /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
      variant: string;
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    body: Schemas.VariantHeartbeat,
    options?: CallOptions,
  ): Promise<Schemas.ExtendedVariantClaim>;

  /**
   * End a claim with a file or an error
   *
   * With `identifier` the file is related to the variant in the same statement, as by `hashes.relateVariantIdentifier`. This also works after the lease has expired, if nobody else has taken the claim over. Otherwise the answer is 409 `claim_lost`: `unneeded` names the file, which is condemned unless somebody owns it. The same holds for 404 `hash_not_found`. With `error` everybody who waits gets the error, and the variant can be claimed again. Can be sent again.
   *
   * Scope: `write`.
   */
  finish(
    params: {
      /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
      variant: string;
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    body: Schemas.VariantFinish,
    options?: CallOptions,
  ): Promise<Schemas.FinishedVariant>;
}

/** When a cached alias was last requested. */
export interface AliasAccessRepo {
  /**
   * Record an access
   *
   * Never moves the stored time backwards. No body means `{}`, and the time is now.
   *
   * Scope: `write`.
   */
  accessed(
    params: {
      /**
       * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      alias: string;
    },
    body?: {
      /** RFC 3339. Answers are in UTC with microseconds. */
      at?: string | undefined;
    } | undefined,
    options?: CallOptions,
  ): Promise<undefined>;

  /**
   * Forget the accesses
   *
   * The alias stays. Can be sent again.
   *
   * Scope: `write`.
   */
  removeAccess(
    params: {
      /**
       * The public name of an image. Not `.` or `..`, without `/`, `\` and control characters. 1 to 255 bytes in UTF-8.
       */
      alias: string;
    },
    options?: CallOptions,
  ): Promise<undefined>;

  /**
   * Stream the aliases last accessed before a time
   *
   * Strictly older ones, oldest first, one JSON object per line. The last line is `{"end":true,"count":N}`, with `next` if `limit` left rows. A stream without this line was cut; `after` resumes it.
   *
   * Scope: `read`.
   */
  olderAliases(
    params: {
      /** RFC 3339. Answers are in UTC with microseconds. */
      older_than: string;
      /** The last key received, to resume after: `<accessed>,<alias>`. */
      after?: string | undefined;
      /** Maximum number of rows. Without it all rows are sent. */
      limit?: number | undefined;
    },
    options?: CallOptions,
  ): AsyncGenerator<Schemas.AliasAccess, void, undefined>;
}

/** When a variant was last requested. */
export interface VariantAccessRepo {
  /**
   * Record an access
   *
   * Never moves the stored time backwards. No body means `{}`, and the time is now.
   *
   * Scope: `write`.
   */
  accessed(
    params: {
      /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
      variant: string;
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    body?: {
      /** RFC 3339. Answers are in UTC with microseconds. */
      at?: string | undefined;
    } | undefined,
    options?: CallOptions,
  ): Promise<undefined>;

  /**
   * Whether an access is stored, and when
   *
   * Also false for a variant that was never requested.
   *
   * Scope: `read`.
   */
  containsVariant(
    params: {
      /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
      variant: string;
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    options?: CallOptions,
  ): Promise<Schemas.ContainsVariant>;

  /**
   * Forget the accesses
   *
   * The variant stays. Can be sent again.
   *
   * Scope: `write`.
   */
  removeAccess(
    params: {
      /** The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
      variant: string;
      /**
       * The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
       */
      hash: string;
    },
    options?: CallOptions,
  ): Promise<undefined>;

  /**
   * Stream the variants last accessed before a time
   *
   * Strictly older ones, oldest first, one JSON object per line. The last line is `{"end":true,"count":N}`, with `next` if `limit` left rows. A stream without this line was cut; `after` resumes it.
   *
   * Scope: `read`.
   */
  olderVariants(
    params: {
      /** RFC 3339. Answers are in UTC with microseconds. */
      older_than: string;
      /** The last key received, to resume after: `<accessed>,<hash>,<variant>`. */
      after?: string | undefined;
      /** Maximum number of rows. Without it all rows are sent. */
      limit?: number | undefined;
    },
    options?: CallOptions,
  ): AsyncGenerator<Schemas.VariantAccess, void, undefined>;
}
