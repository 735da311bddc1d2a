// Written by `npm run types` from openapi/openapi.json.

export interface paths {
    "/v1/media": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Everything that serving an image needs
         * @description In place of `aliases.hash` or `proxies.related`, `hashes.identifier`, `details.details` and `hashes.variantIdentifier`. By `alias` or by `url`. A variant that does not exist is null, so that one request tells that it must be made. With `If-None-Match` the answer is 304 while nothing has changed.
         *
         *     Scope: `read`.
         */
        get: operations["media.resolve"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/media/resolve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Everything that serving several images needs
         * @description For up to 1,000 images, as `media.resolve` tells one. Notes no access.
         *
         *     Scope: `read`.
         */
        post: operations["media.resolveMany"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hashes/{hash}/content": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A content with all that hangs on it
         * @description For people who look after the media: the files, details, aliases with their owners, URLs and last accesses, and variants with their last accesses. At most 100 aliases and variants; `aliases.forHash` and `hashes.variants` list all.
         *
         *     Scope: `read`.
         */
        get: operations["media.content"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/media/{alias}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Commit an upload: content, details, alias and URL
         * @description In place of `hashes.create`, `details.relateDetails`, `aliases.create` and `proxies.relateUrl`; either all of it is there afterwards, or nothing. Where the same content stands, the answer has its file, `unneeded` names what was uploaded in vain, and what was not known of the content is filled in. A file that was uploaded in vain is condemned, also with 409 `alias_already_exists` and `proxy_already_exists` and 403 `hash_blocked`, unless somebody owns it. Sent again it changes nothing. With `proxy_url` an access of the alias is noted. An alias cannot be named `resolve`, `release-owner`, `expire-variants`, `expire-proxied` or `expire-aliases` here (405), because these are other paths.
         *
         *     Scope: `write`.
         */
        put: operations["media.commitUpload"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/media/{alias}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Release an alias, and with the last one its content
         * @description Removes the alias, its URLs and its access record. Was it the last alias, then the content goes too, with its variants and details, and the answer names every file that may be deleted now. Can be sent again: where there is no such alias any more, the lists are empty. A content with more than 1,000 variants and URLs needs `enqueue`, and goes in steps afterwards.
         *
         *     Scope: `write`.
         */
        post: operations["media.releaseAlias"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/media/release-owner": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Release the aliases of an owner
         * @description The oldest first. An alias goes with its URLs and accesses, and with the last alias of a content the content, its variants and details. A pass removes no more than `limit`; ask again while the answer says `more`. The answer names every file that may be deleted now. A content with more than 1,000 variants and URLs needs `enqueue`, and goes in steps afterwards.
         *
         *     Scope: `admin`.
         */
        post: operations["media.releaseOwner"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/media/expire-variants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Remove variants that were not accessed for long
         * @description Those whose last access was before `older_than`, the oldest first. One that was never accessed is counted from its making. As accesses are written a little later, a time of the last seconds counts as one before them (`ACCESS_GRANULARITY_SECONDS` and ten more). A pass removes no more than `limit`; ask again while the answer says `more`. The answer names every file that may be deleted now.
         *
         *     Scope: `admin`.
         */
        post: operations["media.expireVariants"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/media/expire-proxied": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Release aliases of proxied URLs that were not accessed for long
         * @description Those whose last access was before `older_than`, the oldest first. One that was never accessed is counted from when its URL was related. An alias goes with its URLs and accesses, and with the last alias of a content the content, its variants and details. A pass removes no more than `limit`; ask again while the answer says `more`. The answer names every file that may be deleted now. A content with more than 1,000 variants and URLs needs `enqueue`, and goes in steps afterwards.
         *
         *     Scope: `admin`.
         */
        post: operations["media.expireProxied"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/media/expire-aliases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Release aliases whose time is over
         * @description Those whose `expires_at` was before `older_than`, the oldest first. An alias goes with its URLs and accesses, and with the last alias of a content the content, its variants and details. A pass removes no more than `limit`; ask again while the answer says `more`. The answer names every file that may be deleted now. A content with more than 1,000 variants and URLs needs `enqueue`, and goes in steps afterwards.
         *
         *     Scope: `admin`.
         */
        post: operations["media.expireAliases"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hashes/size": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How many hashes there are
         * @description Counts, or with `estimate` uses the statistics of the planner, in constant time.
         *
         *     Scope: `read`.
         */
        get: operations["hashes.size"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hashes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stream all hashes
         * @description In the order of their bytes, one JSON object per line. The last line is `{"end":true,"count":N}`, with `next` if `limit` left rows. A stream without this line was cut; `after` resumes it. Every hash that exists during the whole stream is sent exactly once. A slow reader holds no connection to the database.
         *
         *     Scope: `read`.
         */
        get: operations["hashes.hashes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hashes/{hash}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is known of a hash
         * @description Its files, its blurhash, the size of the original and the time of its creation; null where not known.
         *
         *     Scope: `read`.
         */
        get: operations["hashes.hash"];
        /**
         * Create a hash with its file
         * @description With 409 `hash_already_exists`, `existing` names the file to keep; with `identifier_already_used` it names whoever has the file. A file has one owner, across originals, motion files and variants. The size of the file is not compared: where it is not known yet, it is filled in. A blocked content is refused with 403 `hash_blocked`, also where it is there already.
         *
         *     Scope: `write`.
         */
        put: operations["hashes.create"];
        post?: never;
        /**
         * Remove a hash and everything that belongs to it
         * @description Removes its variants, its aliases, their proxies and access records, and the details of its files together. The answer names every file that may be deleted now. For an unknown hash the lists are empty. A hash with more than 1000 aliases, variants, claims and proxies is removed in steps: `enqueue` must be given then, the answer has `more`, and no read finds the hash any more.
         *
         *     Scope: `write`.
         */
        delete: operations["hashes.cleanup"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hashes/page": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The hashes, newest first
         * @description A page of those created before a time, or beside the page whose `next` or `previous` is given as `cursor`. Cursors stay good when hashes are removed. `include` adds what hangs on each hash: its first 100 aliases and variants, and the details of its original.
         *
         *     Scope: `read`.
         */
        get: operations["hashes.page"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hashes/{hash}/identifier": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The file of a hash
         * @description The identifier of the original.
         *
         *     Scope: `read`.
         */
        get: operations["hashes.identifier"];
        /**
         * Give a hash another file
         * @description For example after a move to another store. The answer names the file that it had.
         *
         *     Scope: `write`.
         */
        put: operations["hashes.updateIdentifier"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hashes/identifiers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The files of several hashes
         * @description For up to 1,000 hashes the identifiers of their originals, as `hashes.identifier` tells one.
         *
         *     Scope: `read`.
         */
        post: operations["hashes.identifierMany"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hashes/{hash}/variant": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The file of a variant
         * @description The identifier of the processed file.
         *
         *     Scope: `read`.
         */
        get: operations["hashes.variantIdentifier"];
        /**
         * Relate the file of a variant
         * @description With 409 `variant_already_exists`, `existing` names the file to keep. The size of the file is not compared: where it is not known yet, it is filled in.
         *
         *     Scope: `write`.
         */
        put: operations["hashes.relateVariantIdentifier"];
        post?: never;
        /**
         * Remove a variant
         * @description Also removes its details and its access record. The answer names the file to delete, if there is one.
         *
         *     Scope: `write`.
         */
        delete: operations["hashes.removeVariant"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hashes/{hash}/variants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The variants of a hash
         * @description In the order of their bytes; none for an unknown hash. Where there are more than `limit`, `next` is `after` of the rest.
         *
         *     Scope: `read`.
         */
        get: operations["hashes.variants"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hashes/variants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The variants of several hashes
         * @description For up to 1,000 hashes their first 100 variants each.
         *
         *     Scope: `read`.
         */
        post: operations["hashes.variantsMany"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hashes/{hash}/motion-identifier": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The motion file of a hash
         * @description The identifier of the moving file.
         *
         *     Scope: `read`.
         */
        get: operations["hashes.motionIdentifier"];
        /**
         * Relate the motion file of a hash
         * @description The moving file that belongs to a still content. Replaces an earlier one, which the answer names.
         *
         *     Scope: `write`.
         */
        put: operations["hashes.relateMotionIdentifier"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hashes/{hash}/blurhash": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The blurhash of a hash
         * @description As it was related.
         *
         *     Scope: `read`.
         */
        get: operations["hashes.blurhash"];
        /**
         * Relate the blurhash of a hash
         * @description Replaces an earlier one.
         *
         *     Scope: `write`.
         */
        put: operations["hashes.relateBlurhash"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/aliases/{alias}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is known of an alias
         * @description All but its delete token. An alias whose time is over is shown too, with `expired`.
         *
         *     Scope: `read`.
         */
        get: operations["aliases.alias"];
        /**
         * Create an alias of a hash
         * @description With an owner and a time until which it is valid, where these are given. A 409 names the hash, owner and time of the existing alias, but never its delete token. An alias whose time is over still has its name.
         *
         *     Scope: `write`.
         */
        put: operations["aliases.create"];
        post?: never;
        /**
         * Remove an alias
         * @description Also removes its URLs and its access record. Can be sent again.
         *
         *     Scope: `write`.
         */
        delete: operations["aliases.cleanup"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/aliases/{alias}/delete-token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The delete token of an alias
         * @description A secret, which must not be cached.
         *
         *     Scope: `write`.
         */
        get: operations["aliases.deleteToken"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/aliases/{alias}/hash": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The hash of an alias
         * @description The first step of every view of an image.
         *
         *     Scope: `read`.
         */
        get: operations["aliases.hash"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hashes/{hash}/aliases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The aliases of a hash
         * @description In the order of their bytes; none for an unknown hash. Where there are more than `limit`, `next` is `after` of the rest. Of those up to there, the expired are left out.
         *
         *     Scope: `read`.
         */
        get: operations["aliases.forHash"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hashes/aliases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The aliases of several hashes
         * @description For up to 1,000 hashes their first 100 aliases each.
         *
         *     Scope: `read`.
         */
        post: operations["aliases.forHashMany"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/aliases/{alias}/owner": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set the owner of an alias
         * @description Null takes it away.
         *
         *     Scope: `write`.
         */
        put: operations["aliases.setOwner"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/aliases/{alias}/expiry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Set until when an alias is valid
         * @description After that time all reads of the alias answer 404, but for `aliases.alias` and `aliases.ofOwner`; its name stays taken. A later time, or null for no end, brings it back. A past time ends it at once.
         *
         *     Scope: `write`.
         */
        put: operations["aliases.setExpiry"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/aliases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The aliases of an owner, newest first
         * @description A page of those created before a time, or beside the page whose `next` or `previous` is given as `cursor`. Cursors stay good when aliases are removed. Those whose time is over are there too, with `expired`.
         *
         *     Scope: `read`.
         */
        get: operations["aliases.ofOwner"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/settings/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a value
         * @description The bytes as they were set. The content type is always the same, so that no browser runs a stored page.
         *
         *     Scope: `read`.
         */
        get: operations["settings.get"];
        /**
         * Set a value
         * @description The body is the value, byte for byte; no body means zero bytes. A client that sends JSON stores JSON, with its quotes. The last write wins.
         *
         *     Scope: `write`.
         */
        put: operations["settings.set"];
        post?: never;
        /**
         * Remove a value
         * @description Can be sent again.
         *
         *     Scope: `write`.
         */
        delete: operations["settings.remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/details": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The details of a file
         * @description Byte for byte as they were stored, including spaces, the order of keys and long numbers.
         *
         *     Scope: `read`.
         */
        get: operations["details.details"];
        /**
         * Relate details to a file
         * @description The body is the details. The file need not be related to a hash yet. The last write wins.
         *
         *     Scope: `write`.
         */
        put: operations["details.relateDetails"];
        post?: never;
        /**
         * Remove the details of a file
         * @description Can be sent again. Removing a hash or a variant also removes its details.
         *
         *     Scope: `write`.
         */
        delete: operations["details.cleanup"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hashes/details": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * The details of the originals of several hashes
         * @description For up to 1,000 hashes, byte for byte as they were stored.
         *
         *     Scope: `read`.
         */
        post: operations["details.forHashMany"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queues/{queue}/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The jobs of a queue
         * @description In the order of their arrival (dead jobs: in the order in which they died). Without `state`, all jobs but the dead ones. A page has at most 1 MiB of jobs and errors, but always at least one job. If there are more jobs, the answer has `next`. With `worker`, `unique_key` or `error` the jobs are searched as by `GET /jobs`.
         *
         *     Scope: `write`.
         */
        get: operations["queue.jobs"];
        put?: never;
        /**
         * Push a job
         * @description Answered once the job is committed. With an `id` of your own (a UUIDv7), a push whose answer was lost can be sent again: the id is remembered, also after its job has ended (QUEUE_ID_RETENTION_MINUTES). The same id in another queue, or with other bytes, is 409 `job_id_used`. Priorities are strict: a job waits as long as there are jobs with a lower number.
         *
         *     Scope: `write`.
         */
        post: operations["queue.push"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queues/{queue}/jobs/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Push many jobs
         * @description All of them, or none, in one statement; at most 1,000 jobs and 8 MiB. The results are in the order of the jobs.
         *
         *     Scope: `write`.
         */
        post: operations["queue.pushMany"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queues/{queue}/pop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Wait for jobs and take them
         * @description A long poll: answers as soon as there is a job, or with an empty list when the wait ends. Each job comes with a lease. If the worker does not end the job or extend the lease in time, another worker gets the job. `completed` completes earlier jobs in the same request. The header `Prefer: wait=N` is an alternative to `wait_seconds`. If the client goes away before it has its answer, its jobs are given back. A worker with `max` above 1 must also extend the leases of the jobs that it has not begun yet.
         *
         *     Scope: `write`.
         */
        post: operations["queue.pop"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/leases/{lease}/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Complete a job
         * @description The job is done, and deleted. 409 `lease_lost` if the worker no longer holds the lease: nothing was changed, and `state` is the state of the job. If you repeat a request, `gone` means that the first one succeeded.
         *
         *     Scope: `write`.
         */
        post: operations["queue.complete"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/leases/complete": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Complete many jobs
         * @description Each lease has a result of its own. The results are in the order of the leases.
         *
         *     Scope: `write`.
         */
        post: operations["queue.completeMany"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/leases/{lease}/fail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say that a run failed
         * @description The run counts as an attempt. The job is retried after `delay_seconds`, or after 2^attempts seconds with full jitter. It is dead when its attempts are used up, when `retry` is false, or when it was handed out ten times for each of its attempts since it was pushed or redriven.
         *
         *     Scope: `write`.
         */
        post: operations["queue.fail"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/leases/{lease}/release": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a job back
         * @description The job is ready again, and no attempt is counted: for an orderly stop of the worker. A job that is released every time is dead when it was handed out ten times for each of its attempts.
         *
         *     Scope: `write`.
         */
        post: operations["queue.release"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/leases/{lease}/heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Extend a lease
         * @description The lease then ends `lease_seconds` from now (by default as many as the pop answered as `lease_seconds`), but not later than `max_run_seconds` of the job allow. The answer tells whether a cancel was requested.
         *
         *     Scope: `write`.
         */
        post: operations["queue.heartbeat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/leases/heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Extend many leases
         * @description As one heartbeat for each lease. The results are in the order of the leases.
         *
         *     Scope: `write`.
         */
        post: operations["queue.heartbeatMany"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workers/{worker_id}/requeue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take back what a worker runs
         * @description For a worker that starts again after a crash. Its running jobs are ready again, or dead if their attempts are used up; each run counts as an attempt. A worker that stops in order releases its jobs instead.
         *
         *     Scope: `write`.
         */
        post: operations["queue.requeueInProgress"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queues": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All queues
         * @description The queues that have jobs (dead ones included), are paused, or have waiting polls. The counts are exact as of `as_of`. With more than about 50,000 jobs they can be up to five seconds old, because one count then serves many requests. The ETag is that of all but `as_of`: with `If-None-Match` the answer is 304 while nothing else has changed.
         *
         *     Scope: `read`.
         */
        get: operations["queue.queues"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queues/{queue}/history": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The last hour of a queue
         * @description What happened to its jobs through the process that answers, minute by minute. It is kept in memory: it begins with the process, and other replicas have their own. Prometheus is for more.
         *
         *     Scope: `read`.
         */
        get: operations["queue.history"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queues/{queue}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One queue
         * @description All counts are 0 for a queue that does not exist. They are those of the list of all queues.
         *
         *     Scope: `read`.
         */
        get: operations["queue.stats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Search jobs
         * @description In all queues, or in one. The running jobs come first, then the ready, the scheduled and the dead ones; those of a state in the order of their queues, and of a queue in the order in which they are handed out, have arrived, or have died. Each page looks at a bounded number of jobs (10,000 of a state), so it may have fewer jobs than `limit`, or none, although there are more: the search is over when an answer has no `next`. A search by `worker`, by `queue` and `unique_key`, or without `error` finds its jobs by an index.
         *
         *     Scope: `write`.
         */
        get: operations["queue.find"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One job
         * @description Also a dead one. The answer does not contain its lease.
         *
         *     Scope: `write`.
         */
        get: operations["queue.job"];
        put?: never;
        post?: never;
        /**
         * Cancel a job
         * @description A ready, scheduled or dead job is deleted. The worker of a running job learns of the cancel from its next heartbeat, and can still complete the job; if it does not, the job is deleted when its run ends. The unique key of the job can be used again at once, so a new job with that key may run beside it; its id cannot. Can be sent again.
         *
         *     Scope: `admin`.
         */
        delete: operations["queue.cancel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try chosen dead jobs again
         * @description As a redrive does for all dead jobs of a queue: they are ready again, with no attempts counted. A job is skipped if another job has its unique key now.
         *
         *     The jobs are given by their `ids`, or by a `match`. A job that another transaction has locked is skipped, and so is one that the database refuses to change; the others are changed. With `match`, a request changes `limit` jobs at most and looks at a bounded number of jobs: while `more` is true, send it again with `next` as `after`.
         *
         *     Scope: `admin`.
         */
        post: operations["queue.retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/run-now": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run chosen scheduled jobs now
         * @description They are ready at once, before their delay or backoff is over.
         *
         *     The jobs are given by their `ids`, or by a `match`. A job that another transaction has locked is skipped, and so is one that the database refuses to change; the others are changed. With `match`, a request changes `limit` jobs at most and looks at a bounded number of jobs: while `more` is true, send it again with `next` as `after`.
         *
         *     Scope: `admin`.
         */
        post: operations["queue.runNow"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/jobs/remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Remove chosen jobs
         * @description As a cancel of each of them: ready, scheduled and dead jobs are deleted, and the workers of running jobs learn of the cancel from their next heartbeats.
         *
         *     The jobs are given by their `ids`, or by a `match`. A job that another transaction has locked is skipped, and so is one that the database refuses to change; the others are changed. With `match`, a request changes `limit` jobs at most and looks at a bounded number of jobs: while `more` is true, send it again with `next` as `after`.
         *
         *     Scope: `admin`.
         */
        post: operations["queue.remove"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The workers that run jobs
         * @description In the order of their ids. With `queue`, those with jobs of this queue; only these jobs are counted.
         *
         *     Scope: `read`.
         */
        get: operations["queue.workers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/workers/{worker_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One worker, and the jobs that it runs
         * @description All queues together. A worker that runs nothing has no jobs, whether there is such a worker or not.
         *
         *     Scope: `write`.
         */
        get: operations["queue.worker"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queues/{queue}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Pause a queue
         * @description Pops get no jobs. Pushes and running jobs go on. Can be sent again.
         *
         *     Scope: `admin`.
         */
        post: operations["queue.pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queues/{queue}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Resume a queue
         * @description Waiting polls get the ready jobs. Can be sent again.
         *
         *     Scope: `admin`.
         */
        post: operations["queue.resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queues/{queue}/purge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Remove the jobs of a queue
         * @description `waiting` are the ready and scheduled jobs. Running jobs stay, and so does a job that another request or transaction has locked at that moment.
         *
         *     Scope: `admin`.
         */
        post: operations["queue.purge"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queues/{queue}/redrive": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try the dead jobs of a queue again
         * @description They are ready again, with no attempts counted. A job stays dead if another job has its unique key now.
         *
         *     Scope: `admin`.
         */
        post: operations["queue.redrive"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whose a file is
         * @description A file belongs to one content: as its original, its motion file or one of its variants.
         *
         *     Scope: `read`.
         */
        get: operations["files.owner"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/files/lookup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Whose many files are
         * @description For up to 1000 files. What the cleaner of a store asks first.
         *
         *     Scope: `read`.
         */
        post: operations["files.owners"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/files/unowned": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stream the files that nobody owns
         * @description The files that have details and no owner, in the order of their bytes, one JSON object per line. The last line is `{"end":true,"count":N}`, with `next` if `limit` left rows. Delete only what `files.condemn` then returns. Files whose details are younger than `older_than` are spared, as an upload may be between two calls. A time that is less than an hour ago counts as an hour ago.
         *
         *     Scope: `read`.
         */
        get: operations["files.unowned"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/files/condemn": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Condemn files that nobody owns
         * @description Decides and condemns at once: what the answer names may be deleted, and nobody gets its name until `files.deleted` says that it is gone. Their details are removed. Can be sent again, and names the same files. Files whose details are younger than `older_than` are spared, as an upload may be between two calls. A time that is less than an hour ago counts as an hour ago.
         *
         *     Scope: `admin`.
         */
        post: operations["files.condemn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/files/deleted": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say that condemned files are deleted
         * @description For whoever has deleted files that an answer named. Their names are free `CONDEMNED_GRACE_SECONDS` later; nobody having said so, after `CONDEMNED_RETENTION_DAYS`. Can be sent again, which changes nothing. A file that somebody owns is refused with 409, and nothing is changed.
         *
         *     Scope: `write`.
         */
        post: operations["files.deleted"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/blocked-hashes/{digest}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Why a content is blocked
         * @description And since when.
         *
         *     Scope: `read`.
         */
        get: operations["blocklist.entry"];
        /**
         * Block a content
         * @description From now on `hashes.create` and `media.commitUpload` answer 403 `hash_blocked`, with the reason, to every hash that begins with this digest, also where the content is there already. Nothing is removed: `blocklist.standing` tells what stands, `report.clean` removes it. An upload that is committed at the same moment may stand too.
         *
         *     Scope: `admin`.
         */
        put: operations["blocklist.block"];
        post?: never;
        /**
         * Unblock a content
         * @description Can be sent again.
         *
         *     Scope: `admin`.
         */
        delete: operations["blocklist.unblock"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/blocked-hashes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stream the blocked contents
         * @description In the order of their digests, one JSON object per line. The last line is `{"end":true,"count":N}`, with `next` if `limit` left rows.
         *
         *     Scope: `read`.
         */
        get: operations["blocklist.blocked"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/blocked-hashes/{digest}/standing": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What stands of a content
         * @description The contents whose hash begins with this digest, with their aliases, whether it is blocked or not. Where there are more than `limit`, `next` is `after` of the rest.
         *
         *     Scope: `read`.
         */
        get: operations["blocklist.standing"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/usage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What fills the disk
         * @description Counts and bytes, by format (the last byte of hashes of pict-rs), by owner, by kind of file or by month of creation. Content that several owners have an alias of counts for each of them, and for each once. One of whose first 1,000 aliases none has an owner belongs to nobody (null). Variants count for their content. Everything is counted once for all who ask meanwhile, beside other requests; as far as the count takes long it is kept, for twenty times as long as it took. A request that would wait for more than ten seconds gets 503 `figures_not_ready` with the `as_of` of the last figures: ask again.
         *
         *     Scope: `read`.
         */
        get: operations["usage.usage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/report": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What is left over or does not fit
         * @description Contents without alias, files without owner, URLs of expired aliases, rows of `files` that do not fit the contents, blocked contents that stand, and dead jobs: how many there are, ten of each, and what cleans them. Each kind is looked for for twenty seconds at most, beside other requests; where that was not enough, `complete` is false. What is younger than an hour may be work in progress and is not counted. Found once for all who ask meanwhile and kept, as `usage.usage` does.
         *
         *     Scope: `read`.
         */
        get: operations["report.report"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/report/clean": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Clean what a report has found
         * @description Some of one kind, in one pass: ask again while the answer says `more`, with its `next` as `after`. What is found is locked, judged again and removed in one statement, and the answer names every file that may be deleted now.
         *
         *     * `hashes_without_alias`: the contents are removed, as by `hashes.cleanup`.
         *     * `details_without_owner`: the files are condemned, as by `files.condemn`.
         *     * `proxies_of_expired_aliases`: the aliases are released, as by `media.expireAliases`.
         *     * `blocked_contents`: the contents are removed with all their aliases.
         *     * `files_without_owner`: files that nobody has are condemned, the others get their owner.
         *     * `owners_without_file`: the files are registered.
         *
         *     The first three need `older_than`, and a time that is less than an hour ago counts as an hour ago. A content with more than 1,000 aliases, variants and URLs needs `enqueue`, and goes in steps afterwards.
         *
         *     Scope: `admin`.
         */
        post: operations["report.clean"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/store-migration": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether a migration is under way, and how far it is
         * @description `continuing` from the first mark until the marks are cleared. With many files the counts may be some seconds old.
         *
         *     Scope: `read`.
         */
        get: operations["storeMigration.isContinuingMigration"];
        put?: never;
        post?: never;
        /**
         * Clear all marks
         * @description Ends the migration. Can be sent again.
         *
         *     Scope: `admin`.
         */
        delete: operations["storeMigration.clear"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/store-migration/identifiers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether a file is migrated
         * @description True for its old and its new identifier, so that a migration can resume.
         *
         *     Scope: `read`.
         */
        get: operations["storeMigration.isMigrated"];
        /**
         * Mark a file as migrated
         * @description Can be sent again. `new_identifier` is the identifier in the new store.
         *
         *     Scope: `write`.
         */
        put: operations["storeMigration.markMigrated"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/store-migration/unmigrated": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stream the files that are not migrated
         * @description The originals, motion files and variants that have no mark, in the order of their bytes, one JSON object per line. The last line is `{"end":true,"count":N}`, with `next` if `limit` left rows. What others move or upload meanwhile may be among them or not: a move is complete once a stream from the beginning is empty.
         *
         *     Scope: `read`.
         */
        get: operations["storeMigration.unmigrated"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/store-migration/move": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a content the copy of its file in another store
         * @description To be sent once the copy is complete. One transaction gives the original, motion file or variant its new identifier, moves its details along (unless the copy has some), marks the file as migrated, and condemns the old one, which `removed` names. Where the content has gone meanwhile, `moved` is false, and `unneeded` names the copy: it is condemned, and may be deleted. With `enqueue` a job `{"Identifier":{"identifier":…}}` is pushed for each file that is named, once. Can be sent again, and answers the same. Where somebody else has moved the file to another identifier (409 `identifier_already_moved`), `existing` tells which one, and `unneeded` names the copy.
         *
         *     Scope: `write`.
         */
        post: operations["storeMigration.move"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/proxies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The alias of a URL
         * @description URLs are compared byte for byte. An alias whose time is over is not answered.
         *
         *     Scope: `read`.
         */
        get: operations["proxies.related"];
        /**
         * Relate a URL to an alias
         * @description If the URL is related to another alias, the answer is 409 with that alias in `existing`.
         *
         *     Scope: `write`.
         */
        put: operations["proxies.relateUrl"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/aliases/{alias}/proxies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove the URLs of an alias
         * @description Every URL that is related to it. Can be sent again.
         *
         *     Scope: `write`.
         */
        delete: operations["proxies.removeRelation"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin an upload that is done later
         * @description Whoever accepts a file from a user answers with this id at once, and says the result with `uploads.complete` when the file is processed. Sent again it begins another upload; one without a result is forgotten after UPLOAD_RETENTION_HOURS.
         *
         *     Scope: `write`.
         */
        post: operations["uploads.create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uploads/{id}/result": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Say what became of an upload
         * @description An alias with its token, which `media.commitUpload` has made before, or a failure. Wakes everybody who waits. Can be sent again; another result is 409 `upload_completed`. The service does not look for the alias. After 404 nobody will claim it: release it.
         *
         *     Scope: `write`.
         */
        put: operations["uploads.complete"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uploads/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Wait for the result of an upload
         * @description A long poll: answers as soon as there is a result, or with the state `pending` when the wait ends. It tells neither alias nor token: these are for the claimer. After 503 ask again.
         *
         *     Scope: `read`.
         */
        get: operations["uploads.upload"];
        put?: never;
        post?: never;
        /**
         * Forget an upload
         * @description Has nobody claimed it, then its alias is released, as by `media.releaseAlias`: the answer names what was removed. A claimed alias stays. Can be sent again: the lists are empty then.
         *
         *     Scope: `write`.
         */
        delete: operations["uploads.discard"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/uploads/{id}/claim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Claim the result of an upload
         * @description The alias and its token, or the failure, for the first claimer only. The same claimer can ask again, so that a lost answer loses no token. A claimed upload is forgotten after UPLOAD_RETENTION_HOURS; its alias stays.
         *
         *     Scope: `write`.
         */
        post: operations["uploads.claim"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hashes/{hash}/variant/claim": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Wait for the end of a claim
         * @description A long poll: answers as soon as the variant exists, or its claim has failed or run out, or with the state `claimed` when the wait ends. After 503 ask again.
         *
         *     Scope: `read`.
         */
        get: operations["variantClaims.wait"];
        put?: never;
        /**
         * Claim the making of a variant
         * @description Of all workers that want to make a variant one gets the claim. It extends its lease with heartbeats, and ends it with `variantClaims.finish`. The others get 409 `variant_claimed`, and wait with `variantClaims.wait`. Sent again by the same claimer, it is the same claim, with its lease extended. A claim that has failed or run out can be claimed anew.
         *
         *     Scope: `write`.
         */
        post: operations["variantClaims.claim"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hashes/{hash}/variant/claim/heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Extend a claim
         * @description Also one whose lease has run out, as long as nobody else has taken it over. 409 `claim_lost`: do not go on.
         *
         *     Scope: `write`.
         */
        post: operations["variantClaims.heartbeat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hashes/{hash}/variant/claim/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End a claim with a file or an error
         * @description With `identifier` the variant is related in the same statement, as by `hashes.relateVariantIdentifier`, also after the lease has run out if nobody else has taken the claim over. Otherwise 409 `claim_lost`: the file is condemned, unless somebody owns it, and `unneeded` names it; so it is with 404 `hash_not_found`. With `error` everybody who waits is told, and the next one may claim. Can be sent again.
         *
         *     Scope: `write`.
         */
        post: operations["variantClaims.finish"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/aliases/{alias}/access": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /**
         * Note an access
         * @description Never moves the stored time backwards. No body means `{}`, which is now.
         *
         *     Scope: `write`.
         */
        put: operations["aliasAccess.accessed"];
        post?: never;
        /**
         * Forget the accesses
         * @description The alias stays. Can be sent again.
         *
         *     Scope: `write`.
         */
        delete: operations["aliasAccess.removeAccess"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alias-access": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stream the aliases last accessed before a time
         * @description Strictly older ones, oldest first, one JSON object per line. The last line is `{"end":true,"count":N}`, with `next` if `limit` left rows. A stream without this line was cut; `after` resumes it.
         *
         *     Scope: `read`.
         */
        get: operations["aliasAccess.olderAliases"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/hashes/{hash}/variant/access": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether an access is stored, and when
         * @description Also false for a variant that was never requested.
         *
         *     Scope: `read`.
         */
        get: operations["variantAccess.containsVariant"];
        /**
         * Note an access
         * @description Never moves the stored time backwards. No body means `{}`, which is now.
         *
         *     Scope: `write`.
         */
        put: operations["variantAccess.accessed"];
        post?: never;
        /**
         * Forget the accesses
         * @description The variant stays. Can be sent again.
         *
         *     Scope: `write`.
         */
        delete: operations["variantAccess.removeAccess"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/variant-access": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Stream the variants last accessed before a time
         * @description Strictly older ones, oldest first, one JSON object per line. The last line is `{"end":true,"count":N}`, with `next` if `limit` left rows. A stream without this line was cut; `after` resumes it.
         *
         *     Scope: `read`.
         */
        get: operations["variantAccess.olderVariants"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Alias: {
            /**
             * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
             */
            alias: string;
            /**
             * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
             * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
             */
            hash: string;
            /**
             * @description The secret that lets its holder delete an alias. 1 to 255 bytes in UTF-8.
             * @example 0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10
             */
            delete_token: string;
            /**
             * @description Whose an alias is: any name that the application uses. 1 to 255 bytes in UTF-8.
             * @example https://lemmy.example.org/u/alice
             */
            owner?: string;
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            expires_at?: string;
        };
        /** @description One line of the stream. */
        AliasAccess: {
            /**
             * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
             */
            alias: string;
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            accessed: string;
        };
        AliasAlreadyExists: components["schemas"]["Problem"] & {
            /** @enum {string} */
            code: "alias_already_exists";
            /** @description The existing record. */
            existing: {
                /** @example cat.webp */
                alias: string;
                /** @example b5bb9d80 */
                hash: string;
                /** @example user-7 */
                owner?: string;
                /**
                 * Format: date-time
                 * @example 2027-01-01T00:00:00.000000Z
                 */
                expires_at?: string;
            };
        };
        AliasPage: {
            aliases: {
                /**
                 * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
                 */
                alias: string;
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
                owner: string | null;
                expires_at: string | null;
                created_at: string | null;
                /**
                 * @description Its time is over: to all other reads it is not there.
                 * @enum {boolean}
                 */
                expired?: true;
                /**
                 * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
                 * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
                 */
                identifier: string;
            }[];
            /** @description Where there are older ones: `cursor` for them. */
            next?: string;
            /** @description Where the page was asked for by a cursor: `cursor` for the newer ones. */
            previous?: string;
        };
        Aliases: {
            aliases: string[];
            /** @description Where there are more: `after` of the rest. */
            next?: string;
        };
        AliasesResults: {
            /** @description One for each hash, in their order; null where there is no such hash. */
            results: ({
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
                /** @description The first 100, in the order of their bytes; no expired ones. */
                aliases: string[];
                /** @description Whether there are, or may be, further ones than these. */
                aliases_more: boolean;
            } | null)[];
            /**
             * @description There are fewer results than hashes, because all would exceed 8 MiB: ask again for the rest.
             * @enum {boolean}
             */
            more?: true;
        };
        /** @description Without `reason` the one that is there stays; null takes it away. */
        Block: {
            reason?: string | null;
        };
        BlockedHash: {
            /**
             * @description The sha256 of the bytes of a content, in hex: its hash, or what it begins with. Upper case is accepted, answers are lower case.
             * @example 5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9
             */
            digest: string;
            reason: string | null;
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            blocked_at: string;
        };
        Blurhash: {
            /**
             * @description A short text from which a blurred preview can be drawn. 1 to 255 bytes in UTF-8.
             * @example LEHV6nWB2yk8pyo0adR*.7kCMdnj
             */
            blurhash: string;
        };
        /** @description The state of the process, check by check. */
        Checks: {
            /**
             * @description draining: it is shutting down.
             * @enum {string}
             */
            process: "serving" | "draining";
            /**
             * @description refused: it refuses the login, for example because of a wrong password. silent: no answer in time. read_only: it is a standby, or is set to read-only.
             * @enum {string}
             */
            database: "reachable" | "unreachable" | "refused" | "silent" | "read_only";
            /**
             * @description failed_lately: the database refused a write within the last minute, for example because its disk is full. The process stays ready, because it can still read.
             * @enum {string}
             */
            writes: "accepted" | "failed_lately";
            /**
             * @description older: migrations are missing. newer: a newer version has migrated the database. unknown: the database could not be asked.
             * @enum {string}
             */
            schema: "fits" | "older" | "newer" | "unknown";
            /**
             * @description The settings of database sessions that differ from those that the service requests, for example behind a pooler that drops them. Only client_encoding makes the process unready.
             * @example [
             *       "jit",
             *       "statement_timeout"
             *     ]
             */
            settings: string[];
            /**
             * @description listening: notifications of jobs that other processes push arrive here.
             * @enum {string}
             */
            listener: "listening" | "lost";
        };
        Chosen: {
            /** @description Jobs that were found. */
            matched: number;
            /** @description Jobs that were changed. */
            changed: number;
            /** @description Jobs that were found and not changed. */
            skipped: number;
            /** @description With `match`: there may be more jobs. Send the request again with `next`. */
            more: boolean;
            /**
             * @description `after` for the jobs that are left.
             * @example ZGVhZCAwIDEyMDAgcHJvY2Vzcw
             */
            next?: string;
            /** @description With `ids`: one for each of them, in their order. */
            results?: {
                /**
                 * @description A UUID, in lower case.
                 * @example 019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77
                 */
                id: string;
                /**
                 * @description matched: it would be tried, if this were no dry run.
                 * @enum {string}
                 */
                outcome: "retried" | "ready" | "removed" | "cancel_requested" | "matched" | "skipped" | "not_found";
                /**
                 * @description Why it was skipped: its state; another job has its unique key; another transaction holds its row or its key, so send it again; or the database refused the change of this job.
                 * @enum {string}
                 */
                reason?: "scheduled" | "ready" | "running" | "dead" | "unique_key_used" | "locked" | "failed";
            }[];
        };
        ClaimedUpload: {
            /**
             * @description Names an upload: 128 random bits in hex, so that nobody finds the upload of somebody else.
             * @example 5d0f6c1b9a3e48277c41d2b8e6a09f13
             */
            id: string;
            /** @enum {string} */
            state: "completed" | "failed";
            /**
             * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
             */
            alias?: string;
            /**
             * @description The secret that lets its holder delete an alias. 1 to 255 bytes in UTF-8.
             * @example 0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10
             */
            token?: string;
            /**
             * @description What went wrong, for people to read. 1 to 16384 bytes in UTF-8.
             * @example no such file
             */
            message?: string;
            /**
             * @description What kind of failure it was, for programs. 1 to 255 bytes in UTF-8.
             * @example validate-width
             */
            code?: string;
        };
        ClaimedVariant: {
            /**
             * @description claimed: make it, with this token. done: it exists, with this identifier.
             * @enum {string}
             */
            state: "claimed" | "done";
            /**
             * @description Proves that a request comes from the worker that has the claim now. Only its claimer is told.
             * @example 7c0f5e2b91d84a36b0e3f8127d6a49c5
             */
            token?: string;
            /**
             * @description How long the claim is kept without a heartbeat; then another worker may take it over. By default 60, and for a heartbeat what the claim has.
             * @example 60
             */
            lease_seconds?: number;
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            lease_expires_at?: string;
            /**
             * @description Where the file of a variant is stored. 1 to 2048 bytes in UTF-8.
             * @example b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp
             */
            identifier?: string;
        };
        /**
         * @example {
         *       "kind": "hashes_without_alias",
         *       "older_than": "2026-11-22T13:14:56.789012Z",
         *       "limit": 100,
         *       "enqueue": "cleanup",
         *       "dry_run": true
         *     }
         */
        CleanPass: {
            /**
             * @description What is cleaned, as in the report.
             * @enum {string}
             */
            kind: "hashes_without_alias" | "details_without_owner" | "proxies_of_expired_aliases" | "files_without_owner" | "owners_without_file" | "blocked_contents";
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            older_than?: string;
            /** @description Maximum number of contents, aliases or files; 100 where nothing is said. */
            limit?: number;
            /** @description `next` of the pass before, of the same kind. Opaque. */
            after?: string;
            /**
             * @description Pushes a job `{"Identifier":{"identifier":…}}` for each removed file to this queue, in the same transaction. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example process
             */
            enqueue?: string;
            /** @description Tells what would be done, and does nothing. */
            dry_run?: boolean;
        };
        CleanedPass: {
            removed: {
                aliases: string[];
                hashes: string[];
                variants: {
                    /**
                     * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                     * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                     */
                    hash: string;
                    /**
                     * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
                     * @example thumbnail/256/webp
                     */
                    variant: string;
                }[];
                /** @description The files that may be deleted now. */
                identifiers: string[];
            };
            /** @description The files whose rows say now what the contents say. */
            repaired: string[];
            /** @description There may be more: ask again with `next` as `after`. */
            more: boolean;
            /** @example WyJkZXRhaWxzX3dpdGhvdXRfb3duZXIiLCIzYS83ZCJd */
            next?: string;
        };
        CommittedUpload: {
            /**
             * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
             */
            alias: string;
            /**
             * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
             * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
             */
            hash: string;
            /**
             * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
             * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
             */
            identifier: string;
            /**
             * @description standing: the content was there already, with the file `identifier`.
             * @enum {string}
             */
            content: "created" | "standing";
            /** @description The files that were uploaded in vain. They may be deleted now. */
            unneeded: string[];
        };
        Completions: {
            results: {
                /**
                 * @description Opaque. Proves that a request comes from the worker that has the job now.
                 * @example 019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1.199668378366677
                 */
                lease: string;
                /**
                 * @description gone: the job does not exist any more. lost: the worker no longer holds the lease, and the job was not completed.
                 * @enum {string}
                 */
                outcome: "completed" | "gone" | "lost";
            }[];
        };
        Condemnation: {
            /** @description At most 1000 files. */
            identifiers: string[];
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            older_than: string;
        };
        Condemned: {
            /** @description Those that may be deleted, and no others. */
            condemned: string[];
        };
        ContainsVariant: {
            /** @description Whether an access of the variant is stored. */
            contains: boolean;
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            accessed?: string;
        };
        Content: {
            /**
             * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
             * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
             */
            hash: string;
            /**
             * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
             * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
             */
            identifier: string;
            motion_identifier: string | null;
            blurhash: string | null;
            bytes: number | null;
            created_at: string | null;
            details: {
                [key: string]: unknown;
            } | null;
            /** @description The first 100, in the order of their names, expired ones too. */
            aliases: {
                /**
                 * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
                 */
                alias: string;
                owner: string | null;
                expires_at: string | null;
                /** @description Whether its time is over. */
                expired: boolean;
                created_at: string | null;
                accessed_at: string | null;
                /** @description Some of the URLs that it is a copy of, at most three. */
                urls: string[];
                /** @description Whether there are further URLs than these. */
                urls_more: boolean;
            }[];
            /** @description Whether there are further aliases than these. */
            aliases_more: boolean;
            /** @description The first 100, in the order of their names. */
            variants: {
                /**
                 * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
                 * @example thumbnail/256/webp
                 */
                variant: string;
                /**
                 * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
                 * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
                 */
                identifier: string;
                bytes: number | null;
                accessed_at: string | null;
            }[];
            /** @description Whether there are further variants than these. */
            variants_more: boolean;
        };
        DeleteToken: {
            /**
             * @description The secret that lets its holder delete an alias. 1 to 255 bytes in UTF-8.
             * @example 0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10
             */
            delete_token: string;
        };
        DetailsResults: {
            /** @description One for each hash, in their order; null where there is no such hash. */
            results: ({
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
                /**
                 * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
                 * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
                 */
                identifier: string;
                details: {
                    [key: string]: unknown;
                } | null;
            } | null)[];
            /**
             * @description There are fewer results than hashes, because all would exceed 8 MiB: ask again for the rest.
             * @enum {boolean}
             */
            more?: true;
        };
        /**
         * @example {
         *       "expires_at": "2099-01-01T00:00:00Z"
         *     }
         */
        Expiry: {
            expires_at: string | null;
        };
        /**
         * @example {
         *       "older_than": "2026-11-22T13:14:56.789012Z",
         *       "enqueue": "cleanup",
         *       "delay_seconds": 60
         *     }
         */
        ExpiryPass: {
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            older_than: string;
            /** @description Maximum number of aliases, or of variants; 100 where nothing is said. */
            limit?: number;
            /**
             * @description Pushes a job `{"Identifier":{"identifier":…}}` for each removed file to this queue, in the same transaction, so that a lost answer leaks no file. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example process
             */
            enqueue?: string;
            /** @description Tells what would be removed, and removes nothing. */
            dry_run?: boolean;
            /** @description No job is ready before: somebody may still be reading a file. */
            delay_seconds?: number;
        };
        ExtendedVariantClaim: {
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            lease_expires_at: string;
        };
        Extension: {
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            lease_expires_at: string;
            /** @description If true, the worker should stop, and fail or release the job, which is then deleted. */
            cancel_requested: boolean;
        };
        Extensions: {
            results: {
                /**
                 * @description Opaque. Proves that a request comes from the worker that has the job now.
                 * @example 019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1.199668378366677
                 */
                lease: string;
                /** @enum {string} */
                outcome: "extended" | "gone" | "lost";
                /**
                 * Format: date-time
                 * @description RFC 3339. Answers are in UTC with microseconds.
                 * @example 2026-11-22T13:14:56.789012Z
                 */
                lease_expires_at?: string;
                cancel_requested?: boolean;
            }[];
        };
        Failed: {
            /**
             * @description gone: a cancel had been requested, so the job was deleted.
             * @enum {string}
             */
            state: "ready" | "scheduled" | "dead" | "gone";
            /** @description Failed runs so far. */
            attempts?: number;
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            run_at?: string;
        };
        /**
         * @example {
         *       "error": "no such file"
         *     }
         */
        Failure: {
            /**
             * @description What went wrong, for people to read. 1 to 16384 bytes in UTF-8.
             * @example no such file
             */
            error?: string;
            /** @description false: the job is dead at once. */
            retry?: boolean;
            /** @description The delay before the next run; by default 2^attempts seconds with full jitter. Not together with `retry: false`. */
            delay_seconds?: number;
        };
        /** @description One line of the stream. */
        FileLine: {
            /**
             * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
             * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
             */
            identifier: string;
        };
        FileNames: {
            /** @description At most 1000 files. */
            identifiers: string[];
        };
        FileOwner: {
            /**
             * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
             * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
             */
            identifier: string;
            /** @enum {string} */
            kind: "original" | "motion" | "variant";
            /**
             * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
             * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
             */
            hash: string;
            /**
             * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
             * @example thumbnail/256/webp
             */
            variant?: string;
            has_details: boolean;
        };
        Files: {
            /** @description In the order of the request; null where nobody owns the file. */
            files: (components["schemas"]["FileOwner"] | null)[];
        };
        FinishedVariant: {
            /** @enum {string} */
            state: "done" | "failed";
            /**
             * @description Where the file of a variant is stored. 1 to 2048 bytes in UTF-8.
             * @example b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp
             */
            identifier?: string;
            /** @description Your file, where another one was related without a claim. It may be deleted now. */
            unneeded?: string[];
        };
        Freed: {
            /** @description All these names can be used again at most two seconds after this; null where they already can. */
            freed_at: string | null;
        };
        Hash: {
            /**
             * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
             * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
             */
            hash: string;
            /**
             * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
             * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
             */
            identifier: string;
            /**
             * @description The size of the file in bytes.
             * @example 48213
             */
            bytes?: number;
        };
        HashAlreadyExists: components["schemas"]["Problem"] & {
            /** @enum {string} */
            code: "hash_already_exists";
            /** @description The existing record. */
            existing: {
                /** @example b5bb9d80 */
                hash: string;
                /** @example 3a/7d/kept.webp */
                identifier: string;
            };
        };
        HashInUse: components["schemas"]["Problem"] & {
            /** @enum {string} */
            code: "hash_in_use";
            /** @description The existing record. */
            existing: {
                aliases: string[];
            };
        };
        /** @description One line of the stream. */
        HashLine: {
            /**
             * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
             * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
             */
            hash: string;
        };
        HashOfAlias: {
            /**
             * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
             * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
             */
            hash: string;
        };
        HashPage: {
            hashes: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
                /**
                 * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
                 * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
                 */
                identifier: string;
                motion_identifier: string | null;
                blurhash: string | null;
                bytes: number | null;
                created_at: string | null;
                /** @description The first 100, in the order of their bytes; no expired ones. */
                aliases?: string[];
                /** @description Whether there are, or may be, further aliases than these. */
                aliases_more?: boolean;
                details?: {
                    [key: string]: unknown;
                } | null;
                /** @description The first 100, in the order of their bytes. */
                variants?: {
                    /**
                     * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
                     * @example thumbnail/256/webp
                     */
                    variant: string;
                    /**
                     * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
                     * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
                     */
                    identifier: string;
                    bytes: number | null;
                }[];
                /** @description Whether there are, or may be, further variants than these. */
                variants_more?: boolean;
            }[];
            /** @description Where there are older ones: `cursor` for them. */
            next?: string;
            /** @description Where the page was asked for by a cursor: `cursor` for the newer ones. */
            previous?: string;
        };
        Hashes: {
            /** @description Each is answered by itself. */
            hashes: string[];
        };
        Heartbeat: {
            /**
             * @description How long a worker may keep the job without a heartbeat; then another worker gets it. By default the value of the push, and if that has none, QUEUE_LEASE_SECONDS.
             * @example 60
             */
            lease_seconds?: number;
        };
        Heartbeats: {
            /** @description Each has a result of its own. */
            leases: string[];
            /**
             * @description How long a worker may keep the job without a heartbeat; then another worker gets it. By default the value of the push, and if that has none, QUEUE_LEASE_SECONDS.
             * @example 60
             */
            lease_seconds?: number;
        };
        Identifier: {
            /**
             * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
             * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
             */
            identifier: string;
        };
        IdentifierAlreadyUsed: components["schemas"]["Problem"] & {
            /** @enum {string} */
            code: "identifier_already_used";
            /** @description The existing record. */
            existing: {
                /** @example b5bb9d80 */
                hash: string;
                /** @example webp/1024 */
                variant?: string;
                /** @example 3a/7d/kept.webp */
                identifier: string;
            };
        };
        IdentifierResults: {
            /** @description One for each hash, in their order; null where there is no such hash. */
            results: ({
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
                /**
                 * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
                 * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
                 */
                identifier: string;
            } | null)[];
            /**
             * @description There are fewer results than hashes, because all would exceed 8 MiB: ask again for the rest.
             * @enum {boolean}
             */
            more?: true;
        };
        /** @description What is not known is null. Details are byte for byte as they were stored. */
        Image: {
            /**
             * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
             */
            alias: string;
            /**
             * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
             * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
             */
            hash: string;
            /**
             * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
             * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
             */
            identifier: string;
            motion_identifier: string | null;
            blurhash: string | null;
            details: {
                [key: string]: unknown;
            } | null;
            owner: string | null;
            expires_at: string | null;
            variant: {
                /**
                 * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
                 * @example thumbnail/256/webp
                 */
                variant: string;
                /**
                 * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
                 * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
                 */
                identifier: string;
                details: {
                    [key: string]: unknown;
                } | null;
            } | null;
        };
        ImageResults: {
            /** @description One for each image, in their order; null where there is no such image. */
            results: (components["schemas"]["Image"] | null)[];
            /**
             * @description There are fewer results than images, because all would exceed 8 MiB: ask again for the rest.
             * @enum {boolean}
             */
            more?: true;
        };
        Images: {
            /** @description Each is answered by itself. */
            items: {
                /**
                 * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
                 */
                alias?: string;
                /**
                 * @description The URL of a proxied image, as it was requested. 1 to 8192 bytes in UTF-8.
                 * @example https://images.example.org/a.png?size=large
                 */
                url?: string;
                /**
                 * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
                 * @example thumbnail/256/webp
                 */
                variant?: string;
            }[];
        };
        Job: {
            /**
             * @description A UUID, in lower case.
             * @example 019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77
             */
            id: string;
            /**
             * @description Opaque. Proves that a request comes from the worker that has the job now.
             * @example 019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1.199668378366677
             */
            lease: string;
            /**
             * @description As it was pushed, byte for byte.
             * @example {
             *       "Identifier": {
             *         "identifier": "3a/7d/01/9f/d3a91c5be2f4.webp"
             *       }
             *     }
             */
            job: unknown;
            /** @description The number of this run: 1 more than the failed runs so far. */
            attempt: number;
            max_attempts: number;
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            queued_at: string;
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            lease_expires_at: string;
            /**
             * @description The length of the lease, as set by the pop, the push or QUEUE_LEASE_SECONDS. A heartbeat without `lease_seconds` extends the lease by the same. The lease ends earlier if `max_run_seconds` is shorter.
             * @example 60
             */
            lease_seconds: number;
            /**
             * @description The longest time that a run may take, from the claim on. No heartbeat extends the lease beyond it. A run that takes longer has failed: the job is retried, or dead. By default there is no limit.
             * @example 3600
             */
            max_run_seconds?: number;
        };
        JobRecord: {
            /**
             * @description A UUID, in lower case.
             * @example 019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77
             */
            id: string;
            /**
             * @description The name of a queue. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example process
             */
            queue: string;
            /** @enum {string} */
            state: "scheduled" | "ready" | "running" | "dead";
            /**
             * @description As it was pushed, byte for byte.
             * @example {
             *       "Identifier": {
             *         "identifier": "3a/7d/01/9f/d3a91c5be2f4.webp"
             *       }
             *     }
             */
            job: unknown;
            priority: number;
            /** @example all-variants */
            unique_key?: string;
            /** @description Failed runs so far. */
            attempts: number;
            max_attempts: number;
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            queued_at: string;
            /**
             * Format: date-time
             * @description Of a ready job: with its push, or when its delay or backoff was over, or when it was given back.
             * @example 2026-11-22T13:14:56.789012Z
             */
            ready_since?: string;
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            run_at?: string;
            /**
             * @description The name of a worker, which no other running worker has. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example pict-1
             */
            worker_id?: string;
            /**
             * Format: date-time
             * @description When the worker got the job.
             * @example 2026-11-22T13:14:56.789012Z
             */
            running_since?: string;
            /**
             * Format: date-time
             * @description The last heartbeat of the run; where there was none, when the worker got the job.
             * @example 2026-11-22T13:14:56.789012Z
             */
            last_heartbeat_at?: string;
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            lease_expires_at?: string;
            /**
             * Format: date-time
             * @description When the run is over at the latest, by `max_run_seconds`.
             * @example 2026-11-22T13:14:56.789012Z
             */
            run_ends_at?: string;
            cancel_requested?: boolean;
            /** @example no such file */
            last_error?: string;
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            died_at?: string;
        };
        Jobs: {
            jobs: components["schemas"]["JobRecord"][];
            /**
             * @description The value of `after` for the next page. Missing if there are no more jobs.
             * @example 1200
             */
            next?: string;
        };
        Key: {
            /** @description As in the list of keys; null for a service without keys. */
            name: string | null;
            /**
             * @description Each scope includes those before it.
             * @example read
             * @enum {string}
             */
            scope: "read" | "write" | "admin";
            /**
             * @description null for a key that does not expire.
             * @example 2027-01-01T00:00:00.000Z
             */
            expires_at: string | null;
        };
        LeaseLost: components["schemas"]["Problem"] & {
            /** @enum {string} */
            code: "lease_lost";
            /**
             * @description The state of the job whose lease was lost.
             * @enum {string}
             */
            state: "gone" | "scheduled" | "ready" | "running" | "dead";
        };
        Leases: {
            /** @description Each has a result of its own. */
            leases: string[];
        };
        Liveness: {
            /** @enum {string} */
            status: "alive";
        };
        Migrated: {
            migrated: boolean;
        };
        /**
         * @example {
         *       "identifier": "3a/7d/cat.webp",
         *       "new_identifier": "bucket/3a/7d/cat.webp"
         *     }
         */
        MigratedIdentifier: {
            /**
             * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
             * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
             */
            identifier: string;
            /**
             * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
             * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
             */
            new_identifier?: string;
        };
        MotionFile: {
            /**
             * @description Where the moving file of a still content is stored. 1 to 2048 bytes in UTF-8.
             * @example 51/e2/0d/6b/98/f4/23/c7/8a/5d/9b3e6f1c2d70.mp4
             */
            identifier: string;
        };
        /**
         * @example {
         *       "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
         *       "new_identifier": "bucket/3a/7d/cat.webp"
         *     }
         */
        Move: {
            /**
             * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
             * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
             */
            identifier: string;
            /**
             * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
             * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
             */
            new_identifier: string;
            /**
             * @description The queue that is told of each file that may be deleted. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example process
             */
            enqueue?: string;
        };
        /**
         * @example {
         *       "moved": true,
         *       "removed": {
         *         "identifiers": [
         *           "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
         *         ]
         *       },
         *       "unneeded": []
         *     }
         */
        Moved: {
            /** @description Whether the content has the new file. */
            moved: boolean;
            removed: {
                /** @description The old file, where it may be deleted now. */
                identifiers: string[];
            };
            /** @description The new file, where it was copied in vain. */
            unneeded: string[];
        };
        /**
         * @example {
         *       "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
         *       "delete_token": "0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10",
         *       "owner": "https://lemmy.example.org/u/alice",
         *       "expires_at": "2099-01-01T00:00:00Z"
         *     }
         */
        NewAlias: {
            /**
             * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
             * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
             */
            hash: string;
            /**
             * @description The secret that lets its holder delete an alias. 1 to 255 bytes in UTF-8.
             * @example 0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10
             */
            delete_token: string;
            owner?: string | null;
            expires_at?: string | null;
        };
        NewFile: {
            /**
             * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
             * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
             */
            identifier: string;
            /**
             * @description The size of the file in bytes.
             * @example 48213
             */
            bytes?: number;
        };
        /**
         * @example {
         *       "job": {
         *         "Identifier": {
         *           "identifier": "3a/7d/01/9f/d3a91c5be2f4.webp"
         *         }
         *       }
         *     }
         */
        NewJob: {
            /**
             * @description Any JSON value of at most 256 KiB, kept byte for byte.
             * @example {
             *       "Identifier": {
             *         "identifier": "3a/7d/01/9f/d3a91c5be2f4.webp"
             *       }
             *     }
             */
            job: unknown;
            /**
             * @description A UUID, in lower case.
             * @example 019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77
             */
            id?: string;
            /**
             * @description The queue has at most one ready, scheduled or running job with this key; a running job whose cancel was requested does not count. 1 to 255 bytes in UTF-8.
             * @example all-variants
             */
            unique_key?: string;
            /** @description Lower numbers run first; by default 0. */
            priority?: number;
            /** @description The job is not ready before so many seconds have passed. Not together with `run_at`. */
            delay_seconds?: number;
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            run_at?: string;
            /** @description Failed runs after which the job is dead. */
            max_attempts?: number;
            /**
             * @description How long a worker may keep the job without a heartbeat; then another worker gets it. By default the value of the push, and if that has none, QUEUE_LEASE_SECONDS.
             * @example 60
             */
            lease_seconds?: number;
            /**
             * @description The longest time that a run may take, from the claim on. No heartbeat extends the lease beyond it. A run that takes longer has failed: the job is retried, or dead. By default there is no limit.
             * @example 3600
             */
            max_run_seconds?: number;
        };
        NewJobs: {
            /** @description All of them are pushed, or none. */
            jobs: components["schemas"]["NewJob"][];
        };
        /**
         * @example {
         *       "enqueue": "cleanup"
         *     }
         */
        NewUpload: {
            /**
             * @description Where the alias is released because nobody claims the upload, a job `{"Identifier":{"identifier":…}}` for each removed file is pushed to this queue. Without it nobody is told. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example process
             */
            enqueue?: string;
        };
        NewVariant: {
            /**
             * @description Where the file of a variant is stored. 1 to 2048 bytes in UTF-8.
             * @example b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp
             */
            identifier: string;
            /**
             * @description The size of the file in bytes.
             * @example 48213
             */
            bytes?: number;
        };
        NotReady: components["schemas"]["Problem"] & {
            /** @enum {string} */
            code: "not_ready";
            checks: components["schemas"]["Checks"];
        };
        Owner: {
            owner: string | null;
        };
        OwnerRelease: {
            /**
             * @description Whose an alias is: any name that the application uses. 1 to 255 bytes in UTF-8.
             * @example https://lemmy.example.org/u/alice
             */
            owner: string;
            /** @description Maximum number of aliases, or of variants; 100 where nothing is said. */
            limit?: number;
            /**
             * @description Pushes a job `{"Identifier":{"identifier":…}}` for each removed file to this queue, in the same transaction, so that a lost answer leaks no file. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example process
             */
            enqueue?: string;
            /** @description Tells what would be removed, and removes nothing. */
            dry_run?: boolean;
        };
        Pass: {
            removed: {
                aliases: string[];
                /** @description Contents that lost their last alias. */
                hashes: string[];
                variants: {
                    /**
                     * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                     * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                     */
                    hash: string;
                    /**
                     * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
                     * @example thumbnail/256/webp
                     */
                    variant: string;
                }[];
                /** @description The files that may be deleted now. */
                identifiers: string[];
            };
            /** @description There may be more to remove: ask again. A pass may also have found nothing to remove yet. */
            more: boolean;
        };
        /**
         * @example {
         *       "worker_id": "pict-1",
         *       "wait_seconds": 5
         *     }
         */
        Pop: {
            /**
             * @description The name of a worker, which no other running worker has. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example pict-1
             */
            worker_id: string;
            /** @description Maximum number of jobs; by default 1. */
            max?: number;
            /** @description How long to wait for a job; by default QUEUE_WAIT_SECONDS (20). */
            wait_seconds?: number;
            /**
             * @description How long a worker may keep the job without a heartbeat; then another worker gets it. By default the value of the push, and if that has none, QUEUE_LEASE_SECONDS.
             * @example 60
             */
            lease_seconds?: number;
            /** @description Leases of finished jobs. They are completed before new jobs are claimed. */
            completed?: string[];
            /**
             * @description For a pop whose answer was lost: the same worker gets the same jobs again with the same key, while they run. 1 to 255 bytes in UTF-8.
             * @example 7d6c2c1e
             */
            idempotency_key?: string;
        };
        PoppedJobs: {
            jobs: components["schemas"]["Job"][];
            completed?: {
                /**
                 * @description Opaque. Proves that a request comes from the worker that has the job now.
                 * @example 019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1.199668378366677
                 */
                lease: string;
                /**
                 * @description gone: the job does not exist any more. lost: the worker no longer holds the lease, and the job was not completed.
                 * @enum {string}
                 */
                outcome: "completed" | "gone" | "lost";
            }[];
            /** @description Set if the completions are committed, but no jobs could be claimed. Pop again after this time. */
            retry_after_seconds?: number;
        };
        /** @description RFC 9457 problem details. */
        Problem: {
            /**
             * Format: uri-reference
             * @description Names the kind of problem, as `code` does.
             */
            type: string;
            /** @description What this kind of problem is. */
            title: string;
            /** @description The status of the answer. */
            status: number;
            /** @description What happened this time. */
            detail: string;
            /** @description The path of the request. */
            instance: string;
            /** @description Stable and machine-readable. */
            code: string;
            /** @description As in the header X-Request-Id and in the log. */
            request_id: string;
            /** @description The faults of the request. */
            errors?: {
                /** @description A JSON pointer below /body, /query or /params. */
                path: string;
                reason: string;
            }[];
            /** @description The existing record that conflicts with a create. */
            existing?: {
                [key: string]: unknown;
            };
            /** @description The files of a refused upload that may be deleted now. */
            unneeded?: string[];
            /** @description Why the content is blocked. */
            reason?: string;
            /**
             * Format: date-time
             * @description Of when the last figures are, which are too old.
             */
            as_of?: string;
            /**
             * @description The state of the job whose lease was lost.
             * @enum {string}
             */
            state?: "gone" | "scheduled" | "ready" | "running" | "dead";
            checks?: components["schemas"]["Checks"];
        };
        Proxy: {
            /**
             * @description The URL of a proxied image, as it was requested. 1 to 8192 bytes in UTF-8.
             * @example https://images.example.org/a.png?size=large
             */
            url: string;
            /**
             * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
             */
            alias: string;
        };
        ProxyAlreadyExists: components["schemas"]["Problem"] & {
            /** @enum {string} */
            code: "proxy_already_exists";
            /** @description The existing record. */
            existing: {
                /** @example cat.webp */
                alias: string;
            };
        };
        Purged: {
            purged: number;
        };
        PushedJob: {
            /**
             * @description A UUID, in lower case.
             * @example 019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77
             */
            id: string;
            /** @description Whether nothing was pushed, because a job with this unique key or this id existed already. */
            duplicate: boolean;
        };
        PushedJobs: {
            jobs: components["schemas"]["PushedJob"][];
        };
        QueueFigures: {
            /**
             * @description The name of a queue. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example process
             */
            queue: string;
            /** @description Jobs that wait for a worker. */
            ready: number;
            /** @description Jobs that wait for their time. */
            scheduled: number;
            /** @description Jobs with a lease. */
            running: number;
            /** @description Jobs that are not retried any more. */
            dead: number;
            /** @description The age of the job that has been ready for longest, counted from when it became ready: with its push, when its delay or backoff was over, or when it was given back. null if no job is ready. */
            oldest_ready_seconds: number | null;
            /** @description Pops that wait for jobs of this queue, on the process that answers. */
            parked: number;
            paused: boolean;
            /** @description Why to look at it: it is paused; it has dead jobs; stalled: jobs have been ready for more than 10 seconds, no job is running, and no pop waits on the process that answers; old: a job has been ready for more than 15 minutes. A paused queue is neither stalled nor old. */
            trouble: ("paused" | "dead" | "stalled" | "old")[];
            trend?: components["schemas"]["QueueTrend"];
        };
        QueueHistory: {
            /**
             * @description The name of a queue. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example process
             */
            queue: string;
            /**
             * Format: date-time
             * @description When the process that answers began to count.
             * @example 2026-11-22T13:14:56.789012Z
             */
            since: string;
            /** @description true: a process keeps the history of 1,000 queues, this is not among them, and the minutes are those of all the rest. */
            shared: boolean;
            /** @description The oldest first, 61 at most; the last minute still runs. */
            minutes: {
                /**
                 * Format: date-time
                 * @description When the minute began.
                 * @example 2026-11-22T13:14:56.789012Z
                 */
                at: string;
                /** @description Jobs that were pushed. */
                pushed: number;
                /** @description Jobs that were completed. */
                completed: number;
                /** @description Runs that failed, or whose lease expired, or whose worker started again. */
                failed: number;
                /** @description Jobs that died. */
                died: number;
                wait_p50: number | null;
                wait_p99: number | null;
                run_p50: number | null;
                run_p99: number | null;
                ready: number | null;
                running: number | null;
            }[];
        };
        QueueStats: {
            /**
             * @description The name of a queue. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example process
             */
            queue: string;
            /** @description Jobs that wait for a worker. */
            ready: number;
            /** @description Jobs that wait for their time. */
            scheduled: number;
            /** @description Jobs with a lease. */
            running: number;
            /** @description Jobs that are not retried any more. */
            dead: number;
            /** @description The age of the job that has been ready for longest, counted from when it became ready: with its push, when its delay or backoff was over, or when it was given back. null if no job is ready. */
            oldest_ready_seconds: number | null;
            /** @description Pops that wait for jobs of this queue, on the process that answers. */
            parked: number;
            paused: boolean;
            /** @description Why to look at it: it is paused; it has dead jobs; stalled: jobs have been ready for more than 10 seconds, no job is running, and no pop waits on the process that answers; old: a job has been ready for more than 15 minutes. A paused queue is neither stalled nor old. */
            trouble: ("paused" | "dead" | "stalled" | "old")[];
            /**
             * Format: date-time
             * @description When the jobs were counted: at most five seconds ago, by the clock of the database.
             * @example 2026-11-22T13:14:56.789012Z
             */
            as_of: string;
        };
        /** @description A number for each whole minute, the oldest first, 60 at most: what happened through the process that answers. */
        QueueTrend: {
            /** @description Jobs that were pushed. */
            pushed: number[];
            /** @description Jobs that were completed. */
            completed: number[];
            /** @description Runs that failed, or whose lease expired. */
            failed: number[];
            /** @description Ready jobs; null where nobody had the jobs counted in that minute. */
            ready: (number | null)[];
        };
        Queues: {
            /**
             * Format: date-time
             * @description When the jobs were counted: at most five seconds ago, by the clock of the database.
             * @example 2026-11-22T13:14:56.789012Z
             */
            as_of: string;
            queues: components["schemas"]["QueueFigures"][];
            /** @description Queues that the search finds, on all pages. */
            matched: number;
            /** @description All queues. */
            total: number;
            /** @description Of all queues, whether the search finds them or not. */
            totals: {
                /** @description Jobs that wait for a worker. */
                ready: number;
                /** @description Jobs that wait for their time. */
                scheduled: number;
                /** @description Jobs with a lease. */
                running: number;
                /** @description Jobs that are not retried any more. */
                dead: number;
                /** @description Pops that wait on the process that answers. */
                parked: number;
                /** @description Paused queues. */
                paused: number;
                /** @description Queues with a `trouble`. */
                troubled: number;
            };
            /**
             * @description `after` for the next page. Missing at the end.
             * @example NDIgcHJvY2Vzcw
             */
            next?: string;
            history?: {
                /**
                 * Format: date-time
                 * @description When the process that answers began to count.
                 * @example 2026-11-22T13:14:56.789012Z
                 */
                since: string;
                /**
                 * Format: date-time
                 * @description The minute of the first numbers of the trends.
                 * @example 2026-11-22T13:14:56.789012Z
                 */
                from: string;
            };
        };
        Readiness: {
            /** @enum {string} */
            status: "ready";
            checks: components["schemas"]["Checks"];
        };
        Redriven: {
            /** @description Jobs that are ready again. */
            redriven: number;
            /** @description Jobs that stay dead, because another job has their unique key now. */
            skipped: number;
        };
        Related: {
            /**
             * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
             */
            alias: string;
        };
        /**
         * @example {
         *       "delete_token": "0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10",
         *       "enqueue": "cleanup"
         *     }
         */
        Release: {
            /**
             * @description The secret that lets its holder delete an alias. 1 to 255 bytes in UTF-8.
             * @example 0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10
             */
            delete_token?: string;
            /**
             * @description In place of the token. Needs the scope `admin`.
             * @enum {boolean}
             */
            force?: true;
            /**
             * @description Pushes a job `{"Identifier":{"identifier":…}}` for each removed file to this queue, in the same transaction, so that a lost answer leaks no file. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example process
             */
            enqueue?: string;
        };
        Released: {
            /**
             * @description dead: the job was handed out ten times for each of its attempts, and never completed. gone: a cancel had been requested, so the job was deleted.
             * @enum {string}
             */
            state: "ready" | "dead" | "gone";
        };
        ReleasedMedia: {
            removed: {
                aliases: string[];
                /** @description Contents that lost their last alias. */
                hashes: string[];
                variants: {
                    /**
                     * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                     * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                     */
                    hash: string;
                    /**
                     * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
                     * @example thumbnail/256/webp
                     */
                    variant: string;
                }[];
                /** @description The files that may be deleted now. */
                identifiers: string[];
            };
            /**
             * @description The content has so many variants that it goes in steps afterwards; the queue is told of its files.
             * @enum {boolean}
             */
            more?: true;
        };
        /**
         * @example {
         *       "match": {
         *         "queue": "process",
         *         "state": "dead"
         *       }
         *     }
         */
        RemoveChoice: {
            /** @description The jobs. Each has a result of its own. */
            ids?: string[];
            /** @description All jobs with these properties; at least one of them beside `state`. */
            match?: {
                /**
                 * @description The name of a queue. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example process
                 */
                queue?: string;
                /** @enum {string} */
                state: "scheduled" | "ready" | "running" | "dead";
                /**
                 * @description The name of a worker, which no other running worker has. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example pict-1
                 */
                worker?: string;
                /**
                 * @description The unique key of the job. 1 to 255 bytes in UTF-8.
                 * @example all-variants
                 */
                unique_key?: string;
                /**
                 * @description A part of the last error. The case of ASCII letters does not matter. 1 to 1024 bytes in UTF-8.
                 * @example no such file
                 */
                error?: string;
            };
            /** @description With `match`: the maximum number of jobs of this request; by default 1000. */
            limit?: number;
            /**
             * @description `next` of the answer before. Opaque.
             * @example ZGVhZCAwIDEyMDAgcHJvY2Vzcw
             */
            after?: string;
            /** @description true: nothing is changed, and `matched` counts the jobs that would be tried. */
            dry_run?: boolean;
        };
        RemovedFiles: {
            removed: {
                /** @description The files that may be deleted now. */
                identifiers: string[];
            };
        };
        RemovedHash: {
            removed: {
                aliases: string[];
                variants: string[];
                /** @description The files that may be deleted now. */
                identifiers: string[];
            };
            /**
             * @description The rest goes in steps, each of which pushes the jobs for the files that it removes.
             * @enum {boolean}
             */
            more?: true;
        };
        Report: {
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            as_of: string;
            /** @description One for each kind, also where nothing was found. */
            findings: {
                /** @enum {string} */
                kind: "hashes_without_alias" | "details_without_owner" | "proxies_of_expired_aliases" | "files_without_owner" | "owners_without_file" | "blocked_contents" | "dead_jobs";
                description: string;
                count: number;
                /** @description False: there was no time to look at everything, and there may be more than `count`. */
                complete: boolean;
                /** @description Ten of them. */
                samples: {
                    [key: string]: unknown;
                }[];
                /** @description The route that cleans it, with a body that tells first what it would do. */
                clean: {
                    operation: string;
                    method: string;
                    path: string;
                    body?: {
                        [key: string]: unknown;
                    };
                };
            }[];
            /** @description What was not used for longest: `media.expireProxied` and `media.expireVariants` remove it. */
            oldest_access: {
                alias: {
                    /**
                     * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                     * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
                     */
                    alias: string;
                    /**
                     * Format: date-time
                     * @description RFC 3339. Answers are in UTC with microseconds.
                     * @example 2026-11-22T13:14:56.789012Z
                     */
                    accessed: string;
                } | null;
                variant: {
                    /**
                     * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                     * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                     */
                    hash: string;
                    /**
                     * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
                     * @example thumbnail/256/webp
                     */
                    variant: string;
                    /**
                     * Format: date-time
                     * @description RFC 3339. Answers are in UTC with microseconds.
                     * @example 2026-11-22T13:14:56.789012Z
                     */
                    accessed: string;
                } | null;
            };
        };
        Requeued: {
            /** @description Jobs that are ready again. */
            requeued: number;
            /** @description Jobs whose attempts are used up. */
            dead: number;
            /** @description Jobs that were deleted, because a cancel had been requested. */
            gone: number;
        };
        /**
         * @example {
         *       "match": {
         *         "queue": "process",
         *         "error": "no such file"
         *       }
         *     }
         */
        RetryChoice: {
            /** @description The jobs. Each has a result of its own. */
            ids?: string[];
            /** @description All jobs with these properties; at least one of them beside `state`. */
            match?: {
                /**
                 * @description The name of a queue. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example process
                 */
                queue?: string;
                /** @enum {string} */
                state?: "dead";
                /**
                 * @description The name of a worker, which no other running worker has. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example pict-1
                 */
                worker?: string;
                /**
                 * @description The unique key of the job. 1 to 255 bytes in UTF-8.
                 * @example all-variants
                 */
                unique_key?: string;
                /**
                 * @description A part of the last error. The case of ASCII letters does not matter. 1 to 1024 bytes in UTF-8.
                 * @example no such file
                 */
                error?: string;
            };
            /** @description With `match`: the maximum number of jobs of this request; by default 1000. */
            limit?: number;
            /**
             * @description `next` of the answer before. Opaque.
             * @example ZGVhZCAwIDEyMDAgcHJvY2Vzcw
             */
            after?: string;
            /** @description true: nothing is changed, and `matched` counts the jobs that would be tried. */
            dry_run?: boolean;
        };
        /**
         * @example {
         *       "ids": [
         *         "019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77"
         *       ]
         *     }
         */
        RunNowChoice: {
            /** @description The jobs. Each has a result of its own. */
            ids?: string[];
            /** @description All jobs with these properties; at least one of them beside `state`. */
            match?: {
                /**
                 * @description The name of a queue. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example process
                 */
                queue?: string;
                /** @enum {string} */
                state?: "scheduled";
                /**
                 * @description The name of a worker, which no other running worker has. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example pict-1
                 */
                worker?: string;
                /**
                 * @description The unique key of the job. 1 to 255 bytes in UTF-8.
                 * @example all-variants
                 */
                unique_key?: string;
                /**
                 * @description A part of the last error. The case of ASCII letters does not matter. 1 to 1024 bytes in UTF-8.
                 * @example no such file
                 */
                error?: string;
            };
            /** @description With `match`: the maximum number of jobs of this request; by default 1000. */
            limit?: number;
            /**
             * @description `next` of the answer before. Opaque.
             * @example ZGVhZCAwIDEyMDAgcHJvY2Vzcw
             */
            after?: string;
            /** @description true: nothing is changed, and `matched` counts the jobs that would be tried. */
            dry_run?: boolean;
        };
        Size: {
            size: number;
        };
        Standing: {
            /** @description In the order of their hashes. */
            contents: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
                /**
                 * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
                 * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
                 */
                identifier: string;
                created_at: string | null;
                /** @description The first 100, in the order of their bytes; also those whose time is over. */
                aliases: components["schemas"]["WholeAlias"][];
                /** @description Whether there are further aliases than these. */
                aliases_more: boolean;
            }[];
            /** @description Where there are more: `after` of the rest. */
            next?: string;
        };
        StoreMigration: {
            /** @description Whether a migration was begun and not cleared. */
            continuing: boolean;
            /** @description How many files are marked. */
            migrated: number;
            /** @description How many files contents have: originals, motion files and variants. */
            total: number;
            /** @description How many of these are marked. `migrated` also counts those whose content went afterwards. */
            done: number;
            /** @description Marks a second, over the last minute. */
            rate: number;
        };
        /**
         * @description The last line of a stream that was not cut.
         * @example {
         *       "end": true,
         *       "count": 1
         *     }
         */
        StreamEnd: {
            /** @enum {boolean} */
            end: true;
            /** @description How many rows were sent. */
            count: number;
            /** @description The key to resume after, if `limit` left rows. */
            next?: string;
        };
        /**
         * @example {
         *       "hash": "7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730",
         *       "identifier": "9c/41/7e/02/bb/5d/f0/13/a8/6e/0f7b24c9d1e5.webp",
         *       "delete_token": "0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10",
         *       "details": {
         *         "width": 1920,
         *         "height": 1080,
         *         "content_type": "image/webp"
         *       },
         *       "enqueue": "cleanup"
         *     }
         */
        Upload: {
            /**
             * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
             * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
             */
            hash: string;
            /**
             * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
             * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
             */
            identifier: string;
            /**
             * @description The secret that lets its holder delete an alias. 1 to 255 bytes in UTF-8.
             * @example 0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10
             */
            delete_token: string;
            /** @description Of the file: any JSON object of at most 1 MiB. It is kept byte for byte. */
            details?: unknown;
            /**
             * @description The size of the file in bytes.
             * @example 48213
             */
            bytes?: number;
            /**
             * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
             * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
             */
            motion_identifier?: string;
            /**
             * @description A short text from which a blurred preview can be drawn. 1 to 255 bytes in UTF-8.
             * @example LEHV6nWB2yk8pyo0adR*.7kCMdnj
             */
            blurhash?: string;
            owner?: string | null;
            expires_at?: string | null;
            /**
             * @description The URL of a proxied image, as it was requested. 1 to 8192 bytes in UTF-8.
             * @example https://images.example.org/a.png?size=large
             */
            proxy_url?: string;
            /**
             * @description Pushes a job `{"Identifier":{"identifier":…}}` for each file that was uploaded in vain to this queue, in the same transaction. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example process
             */
            enqueue?: string;
        };
        UploadClaim: {
            /**
             * @description Who claims: a secret that only the claimer knows, such as a random UUID. The same one can ask again after a lost answer. 1 to 255 bytes in UTF-8.
             * @example 9f2b7c1e-48d0-4c35-a6e1-3b5d7f902c84
             */
            claimer: string;
        };
        /**
         * @description An alias with its token, or the message and the code of a failure.
         * @example {
         *       "alias": "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg",
         *       "token": "0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10"
         *     }
         */
        UploadResult: {
            /**
             * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
             */
            alias?: string;
            /**
             * @description The secret that lets its holder delete an alias. 1 to 255 bytes in UTF-8.
             * @example 0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10
             */
            token?: string;
            /**
             * @description What went wrong, for people to read. 1 to 16384 bytes in UTF-8.
             * @example no such file
             */
            message?: string;
            /**
             * @description What kind of failure it was, for programs. 1 to 255 bytes in UTF-8.
             * @example validate-width
             */
            code?: string;
        };
        UploadState: {
            /**
             * @description Names an upload: 128 random bits in hex, so that nobody finds the upload of somebody else.
             * @example 5d0f6c1b9a3e48277c41d2b8e6a09f13
             */
            id: string;
            /**
             * @description pending: it has no result yet. completed: there is an alias, which its claim tells.
             * @example completed
             * @enum {string}
             */
            state: "pending" | "completed" | "failed";
            /** @description Whether somebody has claimed it. */
            claimed: boolean;
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @description When it is forgotten, or its alias released.
             * @example 2026-11-22T13:14:56.789012Z
             */
            expires_at: string;
            /**
             * @description What went wrong, for people to read. 1 to 16384 bytes in UTF-8.
             * @example no such file
             */
            message?: string;
            /**
             * @description What kind of failure it was, for programs. 1 to 255 bytes in UTF-8.
             * @example validate-width
             */
            code?: string;
        };
        Usage: {
            /** @enum {string} */
            by: "format" | "owner" | "kind" | "age";
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            as_of: string;
            /** @description The 1000 largest, by bytes and then by files; months with the newest first. */
            groups: {
                name: string | null;
                /** @description How many contents there are. */
                contents: number;
                /** @description How many originals, motion files and variants these have. */
                files: number;
                /** @description What they have together, as far as their sizes are known. */
                bytes: number;
                /** @description How many of the files are of unknown size, as all motion files are. */
                unsized: number;
            }[];
            /** @description The groups that are not listed, together. */
            others?: {
                /** @description How many groups are not listed. */
                groups: number;
                /** @description How many contents there are. */
                contents: number;
                /** @description How many originals, motion files and variants these have. */
                files: number;
                /** @description What they have together, as far as their sizes are known. */
                bytes: number;
                /** @description How many of the files are of unknown size, as all motion files are. */
                unsized: number;
            };
            /** @description Each content once. The owners have more together where they share contents. */
            total: {
                /** @description How many contents there are. */
                contents: number;
                /** @description How many originals, motion files and variants these have. */
                files: number;
                /** @description What they have together, as far as their sizes are known. */
                bytes: number;
                /** @description How many of the files are of unknown size, as all motion files are. */
                unsized: number;
            };
        };
        Variant: {
            /**
             * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
             * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
             */
            hash: string;
            /**
             * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
             * @example thumbnail/256/webp
             */
            variant: string;
            /**
             * @description Where the file of a variant is stored. 1 to 2048 bytes in UTF-8.
             * @example b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp
             */
            identifier: string;
            /**
             * @description The size of the file in bytes.
             * @example 48213
             */
            bytes?: number;
        };
        /** @description One line of the stream. */
        VariantAccess: {
            /**
             * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
             * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
             */
            hash: string;
            /**
             * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
             * @example thumbnail/256/webp
             */
            variant: string;
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            accessed: string;
        };
        VariantAlreadyExists: components["schemas"]["Problem"] & {
            /** @enum {string} */
            code: "variant_already_exists";
            /** @description The existing record. */
            existing: {
                /** @example b5bb9d80 */
                hash: string;
                /** @example webp/1024 */
                variant: string;
                /** @example 3a/7d/kept.webp */
                identifier: string;
            };
        };
        VariantClaim: {
            /**
             * @description Who claims: a secret that only the claimer knows, such as a random UUID. The same one can ask again after a lost answer. 1 to 255 bytes in UTF-8.
             * @example 9f2b7c1e-48d0-4c35-a6e1-3b5d7f902c84
             */
            claimer: string;
            /**
             * @description How long the claim is kept without a heartbeat; then another worker may take it over. By default 60, and for a heartbeat what the claim has.
             * @example 60
             */
            lease_seconds?: number;
        };
        VariantClaimState: {
            /**
             * @description done: the variant exists, with this identifier. claimed: somebody makes it. expired: whoever did has not been heard of in time; claim it. failed: it could not be made, for this reason. unclaimed: nobody makes it.
             * @enum {string}
             */
            state: "done" | "claimed" | "expired" | "failed" | "unclaimed";
            /**
             * @description Where the file of a variant is stored. 1 to 2048 bytes in UTF-8.
             * @example b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp
             */
            identifier?: string;
            /**
             * @description What went wrong, for people to read. 1 to 16384 bytes in UTF-8.
             * @example no such file
             */
            error?: string;
            /**
             * Format: date-time
             * @description RFC 3339. Answers are in UTC with microseconds.
             * @example 2026-11-22T13:14:56.789012Z
             */
            lease_expires_at?: string;
        };
        /**
         * @example {
         *       "token": "7c0f5e2b91d84a36b0e3f8127d6a49c5",
         *       "identifier": "b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp"
         *     }
         */
        VariantFinish: {
            /**
             * @description Proves that a request comes from the worker that has the claim now. Only its claimer is told.
             * @example 7c0f5e2b91d84a36b0e3f8127d6a49c5
             */
            token: string;
            /**
             * @description Where the file of a variant is stored. 1 to 2048 bytes in UTF-8.
             * @example b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp
             */
            identifier?: string;
            /**
             * @description The size of the file in bytes.
             * @example 48213
             */
            bytes?: number;
            /**
             * @description Pushes a job `{"Identifier":{"identifier":…}}` to this queue where the file was made in vain, in the same transaction. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example process
             */
            enqueue?: string;
            /**
             * @description What went wrong, for people to read. 1 to 16384 bytes in UTF-8.
             * @example no such file
             */
            error?: string;
        };
        VariantHeartbeat: {
            /**
             * @description Proves that a request comes from the worker that has the claim now. Only its claimer is told.
             * @example 7c0f5e2b91d84a36b0e3f8127d6a49c5
             */
            token: string;
            /**
             * @description How long the claim is kept without a heartbeat; then another worker may take it over. By default 60, and for a heartbeat what the claim has.
             * @example 60
             */
            lease_seconds?: number;
        };
        Variants: {
            variants: {
                /**
                 * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
                 * @example thumbnail/256/webp
                 */
                variant: string;
                /**
                 * @description Where the file of a variant is stored. 1 to 2048 bytes in UTF-8.
                 * @example b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp
                 */
                identifier: string;
            }[];
            /** @description Where there are more: `after` of the rest. */
            next?: string;
        };
        VariantsResults: {
            /** @description One for each hash, in their order; null where there is no such hash. */
            results: ({
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
                /** @description The first 100, in the order of their bytes. */
                variants: {
                    /**
                     * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
                     * @example thumbnail/256/webp
                     */
                    variant: string;
                    /**
                     * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
                     * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
                     */
                    identifier: string;
                    bytes: number | null;
                }[];
                /** @description Whether there are, or may be, further variants than these. */
                variants_more: boolean;
            } | null)[];
            /**
             * @description There are fewer results than hashes, because all would exceed 8 MiB: ask again for the rest.
             * @enum {boolean}
             */
            more?: true;
        };
        WholeAlias: {
            /**
             * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
             */
            alias: string;
            /**
             * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
             * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
             */
            hash: string;
            owner: string | null;
            expires_at: string | null;
            created_at: string | null;
            /**
             * @description Its time is over: to all other reads it is not there.
             * @enum {boolean}
             */
            expired?: true;
        };
        WholeHash: {
            /**
             * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
             * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
             */
            hash: string;
            /**
             * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
             * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
             */
            identifier: string;
            motion_identifier: string | null;
            blurhash: string | null;
            bytes: number | null;
            created_at: string | null;
        };
        WorkerFigures: {
            /**
             * @description The name of a worker, which no other running worker has. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example pict-1
             */
            worker_id: string;
            /** @description Jobs that it runs. */
            running: number;
            /** @description The queues of these jobs; 20 at most are named. */
            queues: string[];
            /**
             * Format: date-time
             * @description When its oldest run began.
             * @example 2026-11-22T13:14:56.789012Z
             */
            running_since?: string;
            /**
             * Format: date-time
             * @description The last sign of it: a heartbeat, or the claim of a job.
             * @example 2026-11-22T13:14:56.789012Z
             */
            last_heartbeat_at?: string;
            /**
             * Format: date-time
             * @description When the first of its leases ends.
             * @example 2026-11-22T13:14:56.789012Z
             */
            lease_expires_at?: string;
        };
        WorkerRecord: {
            /**
             * @description The name of a worker, which no other running worker has. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
             * @example pict-1
             */
            worker_id: string;
            /** @description Jobs that it runs. */
            running: number;
            /** @description The queues of these jobs; 20 at most are named. */
            queues: string[];
            /**
             * Format: date-time
             * @description When its oldest run began.
             * @example 2026-11-22T13:14:56.789012Z
             */
            running_since?: string;
            /**
             * Format: date-time
             * @description The last sign of it: a heartbeat, or the claim of a job.
             * @example 2026-11-22T13:14:56.789012Z
             */
            last_heartbeat_at?: string;
            /**
             * Format: date-time
             * @description When the first of its leases ends.
             * @example 2026-11-22T13:14:56.789012Z
             */
            lease_expires_at?: string;
            jobs: components["schemas"]["JobRecord"][];
            /**
             * @description `after` for more jobs. Missing at the end.
             * @example ZGVhZCAwIDEyMDAgcHJvY2Vzcw
             */
            next?: string;
        };
        Workers: {
            workers: components["schemas"]["WorkerFigures"][];
            /**
             * @description `after` for the next page. Missing at the end.
             * @example pict-1
             */
            next?: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    "media.resolve": {
        parameters: {
            query?: {
                /**
                 * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
                 */
                alias?: string;
                /** @description The URL of a proxied image, as it was requested. 1 to 8192 bytes in UTF-8. */
                url?: string;
                /** @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
                variant?: string;
                /** @description Also notes an access of the alias, and of the variant if there is one. The answer does not wait for it. Needs the scope `write`. */
                record_access?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The image. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "alias": "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg",
                     *       "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *       "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *       "motion_identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *       "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
                     *       "details": {
                     *         "width": 1920,
                     *         "height": 1080,
                     *         "frames": null,
                     *         "content_type": "image/webp",
                     *         "created_at": "2026-11-22T13:14:56.789012345Z",
                     *         "format": {
                     *           "Image": "webp"
                     *         }
                     *       },
                     *       "owner": "https://lemmy.example.org/u/alice",
                     *       "expires_at": "2026-11-22T13:14:56.789012Z",
                     *       "variant": {
                     *         "variant": "thumbnail/256/webp",
                     *         "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *         "details": {
                     *           "width": 1920,
                     *           "height": 1080,
                     *           "frames": null,
                     *           "content_type": "image/webp",
                     *           "created_at": "2026-11-22T13:14:56.789012345Z",
                     *           "format": {
                     *             "Image": "webp"
                     *           }
                     *         }
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Image"];
                };
            };
        };
    };
    "media.resolveMany": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "items": [
                 *         {
                 *           "alias": "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg",
                 *           "variant": "thumbnail/256/webp"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["Images"];
            };
        };
        responses: {
            /** @description The results, at most 8 MiB. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "alias": "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg",
                     *           "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *           "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *           "motion_identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *           "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
                     *           "details": {
                     *             "width": 1920,
                     *             "height": 1080,
                     *             "frames": null,
                     *             "content_type": "image/webp",
                     *             "created_at": "2026-11-22T13:14:56.789012345Z",
                     *             "format": {
                     *               "Image": "webp"
                     *             }
                     *           },
                     *           "owner": "https://lemmy.example.org/u/alice",
                     *           "expires_at": "2026-11-22T13:14:56.789012Z",
                     *           "variant": {
                     *             "variant": "thumbnail/256/webp",
                     *             "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *             "details": {
                     *               "width": 1920,
                     *               "height": 1080,
                     *               "frames": null,
                     *               "content_type": "image/webp",
                     *               "created_at": "2026-11-22T13:14:56.789012345Z",
                     *               "format": {
                     *                 "Image": "webp"
                     *               }
                     *             }
                     *           }
                     *         }
                     *       ],
                     *       "more": true
                     *     }
                     */
                    "application/json": components["schemas"]["ImageResults"];
                };
            };
        };
    };
    "media.content": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The content. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *       "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *       "motion_identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *       "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
                     *       "bytes": 48213,
                     *       "created_at": "2026-11-22T13:14:56.789012Z",
                     *       "details": {
                     *         "width": 1920,
                     *         "height": 1080,
                     *         "frames": null,
                     *         "content_type": "image/webp",
                     *         "created_at": "2026-11-22T13:14:56.789012345Z",
                     *         "format": {
                     *           "Image": "webp"
                     *         }
                     *       },
                     *       "aliases": [
                     *         {
                     *           "alias": "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg",
                     *           "owner": "https://lemmy.example.org/u/alice",
                     *           "expires_at": "2026-11-22T13:14:56.789012Z",
                     *           "expired": false,
                     *           "created_at": "2026-11-22T13:14:56.789012Z",
                     *           "accessed_at": "2026-11-22T13:14:56.789012Z",
                     *           "urls": [
                     *             "https://images.example.org/a.png?size=large"
                     *           ],
                     *           "urls_more": false
                     *         }
                     *       ],
                     *       "aliases_more": false,
                     *       "variants": [
                     *         {
                     *           "variant": "thumbnail/256/webp",
                     *           "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *           "bytes": 48213,
                     *           "accessed_at": "2026-11-22T13:14:56.789012Z"
                     *         }
                     *       ],
                     *       "variants_more": false
                     *     }
                     */
                    "application/json": components["schemas"]["Content"];
                };
            };
        };
    };
    "media.commitUpload": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
                 */
                alias: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "hash": "7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730",
                 *       "identifier": "9c/41/7e/02/bb/5d/f0/13/a8/6e/0f7b24c9d1e5.webp",
                 *       "delete_token": "0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10",
                 *       "details": {
                 *         "width": 1920,
                 *         "height": 1080,
                 *         "content_type": "image/webp"
                 *       },
                 *       "enqueue": "cleanup"
                 *     }
                 */
                "application/json": components["schemas"]["Upload"];
            };
        };
        responses: {
            /** @description It already existed, with this content and token. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "alias": "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg",
                     *       "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *       "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *       "content": "created",
                     *       "unneeded": [
                     *         "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["CommittedUpload"];
                };
            };
            /** @description The alias is created. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "alias": "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg",
                     *       "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *       "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *       "content": "created",
                     *       "unneeded": [
                     *         "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["CommittedUpload"];
                };
            };
        };
    };
    "media.releaseAlias": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
                 */
                alias: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "delete_token": "0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10",
                 *       "enqueue": "cleanup"
                 *     }
                 */
                "application/json": components["schemas"]["Release"];
            };
        };
        responses: {
            /** @description There is no such alias now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "removed": {
                     *         "aliases": [
                     *           "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg"
                     *         ],
                     *         "hashes": [
                     *           "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"
                     *         ],
                     *         "variants": [
                     *           {
                     *             "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *             "variant": "thumbnail/256/webp"
                     *           }
                     *         ],
                     *         "identifiers": [
                     *           "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["ReleasedMedia"];
                };
            };
        };
    };
    "media.releaseOwner": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "owner": "https://lemmy.example.org/u/alice",
                 *       "limit": 1,
                 *       "enqueue": "process",
                 *       "dry_run": false
                 *     }
                 */
                "application/json": components["schemas"]["OwnerRelease"];
            };
        };
        responses: {
            /** @description What this pass has removed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "removed": {
                     *         "aliases": [
                     *           "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg"
                     *         ],
                     *         "hashes": [
                     *           "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"
                     *         ],
                     *         "variants": [
                     *           {
                     *             "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *             "variant": "thumbnail/256/webp"
                     *           }
                     *         ],
                     *         "identifiers": [
                     *           "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                     *         ]
                     *       },
                     *       "more": false
                     *     }
                     */
                    "application/json": components["schemas"]["Pass"];
                };
            };
        };
    };
    "media.expireVariants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "older_than": "2026-11-22T13:14:56.789012Z",
                 *       "enqueue": "cleanup",
                 *       "delay_seconds": 60
                 *     }
                 */
                "application/json": components["schemas"]["ExpiryPass"];
            };
        };
        responses: {
            /** @description What this pass has removed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "removed": {
                     *         "aliases": [
                     *           "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg"
                     *         ],
                     *         "hashes": [
                     *           "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"
                     *         ],
                     *         "variants": [
                     *           {
                     *             "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *             "variant": "thumbnail/256/webp"
                     *           }
                     *         ],
                     *         "identifiers": [
                     *           "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                     *         ]
                     *       },
                     *       "more": false
                     *     }
                     */
                    "application/json": components["schemas"]["Pass"];
                };
            };
        };
    };
    "media.expireProxied": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "older_than": "2026-11-22T13:14:56.789012Z",
                 *       "enqueue": "cleanup",
                 *       "delay_seconds": 60
                 *     }
                 */
                "application/json": components["schemas"]["ExpiryPass"];
            };
        };
        responses: {
            /** @description What this pass has removed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "removed": {
                     *         "aliases": [
                     *           "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg"
                     *         ],
                     *         "hashes": [
                     *           "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"
                     *         ],
                     *         "variants": [
                     *           {
                     *             "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *             "variant": "thumbnail/256/webp"
                     *           }
                     *         ],
                     *         "identifiers": [
                     *           "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                     *         ]
                     *       },
                     *       "more": false
                     *     }
                     */
                    "application/json": components["schemas"]["Pass"];
                };
            };
        };
    };
    "media.expireAliases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "older_than": "2026-11-22T13:14:56.789012Z",
                 *       "enqueue": "cleanup",
                 *       "delay_seconds": 60
                 *     }
                 */
                "application/json": components["schemas"]["ExpiryPass"];
            };
        };
        responses: {
            /** @description What this pass has removed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "removed": {
                     *         "aliases": [
                     *           "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg"
                     *         ],
                     *         "hashes": [
                     *           "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"
                     *         ],
                     *         "variants": [
                     *           {
                     *             "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *             "variant": "thumbnail/256/webp"
                     *           }
                     *         ],
                     *         "identifiers": [
                     *           "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                     *         ]
                     *       },
                     *       "more": false
                     *     }
                     */
                    "application/json": components["schemas"]["Pass"];
                };
            };
        };
    };
    "hashes.size": {
        parameters: {
            query?: {
                /** @description Fast, and accurate enough for a dashboard. */
                estimate?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The number. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "size": 1200345
                     *     }
                     */
                    "application/json": components["schemas"]["Size"];
                };
            };
        };
    };
    "hashes.hashes": {
        parameters: {
            query?: {
                /** @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case. */
                after?: string;
                /** @description Maximum number of rows. Without it all rows are sent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /**
             * @description The stream. Newline-delimited JSON: each line is an object, and the last one is the end line. Read it line by line, because the whole is no JSON document.
             *
             *     ```
             *     {"hash":"b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"}
             *     {"end":true,"count":1}
             *     ```
             */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["HashLine"] | components["schemas"]["StreamEnd"];
                };
            };
        };
    };
    "hashes.hash": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The hash. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *       "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *       "motion_identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *       "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
                     *       "bytes": 48213,
                     *       "created_at": "2026-11-22T13:14:56.789012Z"
                     *     }
                     */
                    "application/json": components["schemas"]["WholeHash"];
                };
            };
        };
    };
    "hashes.create": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                 *       "bytes": 48213
                 *     }
                 */
                "application/json": components["schemas"]["NewFile"];
            };
        };
        responses: {
            /** @description It already existed, with the same identifier. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *       "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *       "bytes": 48213
                     *     }
                     */
                    "application/json": components["schemas"]["Hash"];
                };
            };
            /** @description The hash is created. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *       "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *       "bytes": 48213
                     *     }
                     */
                    "application/json": components["schemas"]["Hash"];
                };
            };
        };
    };
    "hashes.cleanup": {
        parameters: {
            query?: {
                /** @description Refuses with 409 `hash_in_use` if the hash has an alias. */
                only_if_unreferenced?: boolean;
                /** @description Pushes a job `{"Identifier":{"identifier":…}}` for each removed file to this queue, in the same transaction, so that a lost answer leaks no file. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8. */
                enqueue?: string;
            };
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No read finds the hash now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "removed": {
                     *         "aliases": [
                     *           "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg"
                     *         ],
                     *         "variants": [
                     *           "thumbnail/256/webp"
                     *         ],
                     *         "identifiers": [
                     *           "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["RemovedHash"];
                };
            };
        };
    };
    "hashes.page": {
        parameters: {
            query?: {
                /** @description RFC 3339. Answers are in UTC with microseconds. */
                before?: string;
                /** @description `next` or `previous` of another page of this list. Opaque. */
                cursor?: string;
                /** @description Maximum number of records; 100 where nothing is said. A page ends at 8 MiB too. */
                limit?: number;
                /** @description What to include of each hash, with commas: aliases, details, variants. */
                include?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page, at most 8 MiB. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "hashes": [
                     *         {
                     *           "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *           "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *           "motion_identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *           "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
                     *           "bytes": 48213,
                     *           "created_at": "2026-11-22T13:14:56.789012Z",
                     *           "aliases": [
                     *             "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg"
                     *           ],
                     *           "aliases_more": false,
                     *           "details": {},
                     *           "variants": [
                     *             {
                     *               "variant": "thumbnail/256/webp",
                     *               "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *               "bytes": 48213
                     *             }
                     *           ],
                     *           "variants_more": false
                     *         }
                     *       ],
                     *       "next": "text",
                     *       "previous": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["HashPage"];
                };
            };
        };
    };
    "hashes.identifier": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The identifier. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                     *     }
                     */
                    "application/json": components["schemas"]["Identifier"];
                };
            };
        };
    };
    "hashes.updateIdentifier": {
        parameters: {
            query?: {
                /** @description The details of the replaced file become those of the new one, unless it has some. Otherwise they are removed. */
                keep_details?: boolean;
                /** @description Pushes a job `{"Identifier":{"identifier":…}}` for each removed file to this queue, in the same transaction, so that a lost answer leaks no file. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8. */
                enqueue?: string;
            };
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                 *     }
                 */
                "application/json": components["schemas"]["Identifier"];
            };
        };
        responses: {
            /** @description The hash has this file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "removed": {
                     *         "identifiers": [
                     *           "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["RemovedFiles"];
                };
            };
        };
    };
    "hashes.identifierMany": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "hashes": [
                 *         "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["Hashes"];
            };
        };
        responses: {
            /** @description The results, at most 8 MiB. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *           "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                     *         }
                     *       ],
                     *       "more": true
                     *     }
                     */
                    "application/json": components["schemas"]["IdentifierResults"];
                };
            };
        };
    };
    "hashes.variantIdentifier": {
        parameters: {
            query: {
                /**
                 * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
                 * @example thumbnail/256/webp
                 */
                variant: string;
            };
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The identifier. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                     *     }
                     */
                    "application/json": components["schemas"]["Identifier"];
                };
            };
        };
    };
    "hashes.relateVariantIdentifier": {
        parameters: {
            query: {
                /**
                 * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
                 * @example thumbnail/256/webp
                 */
                variant: string;
            };
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "identifier": "b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp",
                 *       "bytes": 48213
                 *     }
                 */
                "application/json": components["schemas"]["NewVariant"];
            };
        };
        responses: {
            /** @description It already existed, with the same identifier. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *       "variant": "thumbnail/256/webp",
                     *       "identifier": "b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp",
                     *       "bytes": 48213
                     *     }
                     */
                    "application/json": components["schemas"]["Variant"];
                };
            };
            /** @description The variant is related. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *       "variant": "thumbnail/256/webp",
                     *       "identifier": "b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp",
                     *       "bytes": 48213
                     *     }
                     */
                    "application/json": components["schemas"]["Variant"];
                };
            };
        };
    };
    "hashes.removeVariant": {
        parameters: {
            query: {
                /**
                 * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
                 * @example thumbnail/256/webp
                 */
                variant: string;
            };
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description There is no such variant now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "removed": {
                     *         "identifiers": [
                     *           "b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp"
                     *         ]
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["RemovedFiles"];
                };
            };
        };
    };
    "hashes.variants": {
        parameters: {
            query?: {
                /** @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8. */
                after?: string;
                /** @description Maximum number; 1000 where nothing is said. Where there are more, the answer has `next`. */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The variants. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "variants": [
                     *         {
                     *           "variant": "thumbnail/256/webp",
                     *           "identifier": "b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp"
                     *         }
                     *       ],
                     *       "next": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["Variants"];
                };
            };
        };
    };
    "hashes.variantsMany": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "hashes": [
                 *         "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["Hashes"];
            };
        };
        responses: {
            /** @description The results, at most 8 MiB. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *           "variants": [
                     *             {
                     *               "variant": "thumbnail/256/webp",
                     *               "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *               "bytes": 48213
                     *             }
                     *           ],
                     *           "variants_more": false
                     *         }
                     *       ],
                     *       "more": true
                     *     }
                     */
                    "application/json": components["schemas"]["VariantsResults"];
                };
            };
        };
    };
    "hashes.motionIdentifier": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The identifier. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                     *     }
                     */
                    "application/json": components["schemas"]["Identifier"];
                };
            };
        };
    };
    "hashes.relateMotionIdentifier": {
        parameters: {
            query?: {
                /** @description The details of the replaced file become those of the new one, unless it has some. Otherwise they are removed. */
                keep_details?: boolean;
                /** @description Pushes a job `{"Identifier":{"identifier":…}}` for each removed file to this queue, in the same transaction, so that a lost answer leaks no file. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8. */
                enqueue?: string;
            };
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "identifier": "51/e2/0d/6b/98/f4/23/c7/8a/5d/9b3e6f1c2d70.mp4"
                 *     }
                 */
                "application/json": components["schemas"]["MotionFile"];
            };
        };
        responses: {
            /** @description The hash has this motion file. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "removed": {
                     *         "identifiers": []
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["RemovedFiles"];
                };
            };
        };
    };
    "hashes.blurhash": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The blurhash. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj"
                     *     }
                     */
                    "application/json": components["schemas"]["Blurhash"];
                };
            };
        };
    };
    "hashes.relateBlurhash": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj"
                 *     }
                 */
                "application/json": components["schemas"]["Blurhash"];
            };
        };
        responses: {
            /** @description The hash has this blurhash. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "aliases.alias": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
                 */
                alias: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The alias. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "alias": "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg",
                     *       "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *       "owner": "https://lemmy.example.org/u/alice",
                     *       "expires_at": "2026-11-22T13:14:56.789012Z",
                     *       "created_at": "2026-11-22T13:14:56.789012Z",
                     *       "expired": true
                     *     }
                     */
                    "application/json": components["schemas"]["WholeAlias"];
                };
            };
        };
    };
    "aliases.create": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
                 */
                alias: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                 *       "delete_token": "0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10",
                 *       "owner": "https://lemmy.example.org/u/alice",
                 *       "expires_at": "2099-01-01T00:00:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["NewAlias"];
            };
        };
        responses: {
            /** @description It already existed, with the same values. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "alias": "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg",
                     *       "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *       "delete_token": "0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10",
                     *       "owner": "https://lemmy.example.org/u/alice",
                     *       "expires_at": "2026-11-22T13:14:56.789012Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Alias"];
                };
            };
            /** @description The alias is created. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "alias": "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg",
                     *       "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *       "delete_token": "0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10",
                     *       "owner": "https://lemmy.example.org/u/alice",
                     *       "expires_at": "2026-11-22T13:14:56.789012Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Alias"];
                };
            };
        };
    };
    "aliases.cleanup": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
                 */
                alias: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description There is no such alias now. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "aliases.deleteToken": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
                 */
                alias: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The delete token. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "delete_token": "0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10"
                     *     }
                     */
                    "application/json": components["schemas"]["DeleteToken"];
                };
            };
        };
    };
    "aliases.hash": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
                 */
                alias: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The hash. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"
                     *     }
                     */
                    "application/json": components["schemas"]["HashOfAlias"];
                };
            };
        };
    };
    "aliases.forHash": {
        parameters: {
            query?: {
                /** @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8. */
                after?: string;
                /** @description Maximum number; 1000 where nothing is said. Where there are more, the answer has `next`. */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The aliases. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "aliases": [
                     *         "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg"
                     *       ],
                     *       "next": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["Aliases"];
                };
            };
        };
    };
    "aliases.forHashMany": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "hashes": [
                 *         "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["Hashes"];
            };
        };
        responses: {
            /** @description The results, at most 8 MiB. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *           "aliases": [
                     *             "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg"
                     *           ],
                     *           "aliases_more": false
                     *         }
                     *       ],
                     *       "more": true
                     *     }
                     */
                    "application/json": components["schemas"]["AliasesResults"];
                };
            };
        };
    };
    "aliases.setOwner": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
                 */
                alias: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "owner": "https://lemmy.example.org/u/alice"
                 *     }
                 */
                "application/json": components["schemas"]["Owner"];
            };
        };
        responses: {
            /** @description The alias has this owner. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "aliases.setExpiry": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
                 */
                alias: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "expires_at": "2099-01-01T00:00:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["Expiry"];
            };
        };
        responses: {
            /** @description The alias is valid until then. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "aliases.ofOwner": {
        parameters: {
            query: {
                /**
                 * @description Whose an alias is: any name that the application uses. 1 to 255 bytes in UTF-8.
                 * @example https://lemmy.example.org/u/alice
                 */
                owner: string;
                /** @description RFC 3339. Answers are in UTC with microseconds. */
                before?: string;
                /** @description `next` or `previous` of another page of this list. Opaque. */
                cursor?: string;
                /** @description Maximum number of records; 100 where nothing is said. A page ends at 8 MiB too. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page, at most 8 MiB. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "aliases": [
                     *         {
                     *           "alias": "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg",
                     *           "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *           "owner": "https://lemmy.example.org/u/alice",
                     *           "expires_at": "2026-11-22T13:14:56.789012Z",
                     *           "created_at": "2026-11-22T13:14:56.789012Z",
                     *           "expired": true,
                     *           "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                     *         }
                     *       ],
                     *       "next": "text",
                     *       "previous": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["AliasPage"];
                };
            };
        };
    };
    "settings.get": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a setting. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example last-path
                 */
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The value. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
        };
    };
    "settings.set": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a setting. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example last-path
                 */
                key: string;
            };
            cookie?: never;
        };
        /** @description The bytes. Another content type is accepted too, and not kept. */
        requestBody?: {
            content: {
                /** @example 2026/11/22/cat */
                "application/octet-stream": string;
            };
        };
        responses: {
            /** @description The value is stored. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "settings.remove": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a setting. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example last-path
                 */
                key: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description There is no such setting now. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "details.details": {
        parameters: {
            query: {
                /**
                 * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
                 * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
                 */
                identifier: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The details. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "width": 1920,
                     *       "height": 1080,
                     *       "frames": null,
                     *       "content_type": "image/webp",
                     *       "created_at": "2026-11-22T13:14:56.789012345Z",
                     *       "format": {
                     *         "Image": "webp"
                     *       }
                     *     }
                     */
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
        };
    };
    "details.relateDetails": {
        parameters: {
            query: {
                /**
                 * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
                 * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
                 */
                identifier: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** @description Any JSON object of at most 1 MiB. It is kept byte for byte. */
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "width": 1920,
                 *       "height": 1080,
                 *       "frames": null,
                 *       "content_type": "image/webp",
                 *       "created_at": "2026-11-22T13:14:56.789012345Z",
                 *       "format": {
                 *         "Image": "webp"
                 *       }
                 *     }
                 */
                "application/json": {
                    [key: string]: unknown;
                };
            };
        };
        responses: {
            /** @description The details are stored. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "details.cleanup": {
        parameters: {
            query: {
                /**
                 * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
                 * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
                 */
                identifier: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description There are no details of the file now. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "details.forHashMany": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "hashes": [
                 *         "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["Hashes"];
            };
        };
        responses: {
            /** @description The results, at most 8 MiB. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *           "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *           "details": {
                     *             "width": 1920,
                     *             "height": 1080,
                     *             "frames": null,
                     *             "content_type": "image/webp",
                     *             "created_at": "2026-11-22T13:14:56.789012345Z",
                     *             "format": {
                     *               "Image": "webp"
                     *             }
                     *           }
                     *         }
                     *       ],
                     *       "more": true
                     *     }
                     */
                    "application/json": components["schemas"]["DetailsResults"];
                };
            };
        };
    };
    "queue.jobs": {
        parameters: {
            query?: {
                state?: "scheduled" | "ready" | "running" | "dead";
                /** @description The name of a worker, which no other running worker has. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8. */
                worker?: string;
                /** @description The unique key of the job. 1 to 255 bytes in UTF-8. */
                unique_key?: string;
                /** @description A part of the last error. The case of ASCII letters does not matter. 1 to 1024 bytes in UTF-8. */
                error?: string;
                /** @description `next` of the page before. Opaque. */
                after?: string;
                /** @description Maximum number of records; by default 100. */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The name of a queue. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example process
                 */
                queue: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, at most 1 MiB of jobs and errors. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "jobs": [
                     *         {
                     *           "id": "019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77",
                     *           "queue": "process",
                     *           "state": "scheduled",
                     *           "job": {
                     *             "Identifier": {
                     *               "identifier": "3a/7d/01/9f/d3a91c5be2f4.webp"
                     *             }
                     *           },
                     *           "priority": 1,
                     *           "unique_key": "all-variants",
                     *           "attempts": 1,
                     *           "max_attempts": 1,
                     *           "queued_at": "2026-11-22T13:14:56.789012Z",
                     *           "ready_since": "2026-11-22T13:14:56.789012Z",
                     *           "run_at": "2026-11-22T13:14:56.789012Z",
                     *           "worker_id": "pict-1",
                     *           "running_since": "2026-11-22T13:14:56.789012Z",
                     *           "last_heartbeat_at": "2026-11-22T13:14:56.789012Z",
                     *           "lease_expires_at": "2026-11-22T13:14:56.789012Z",
                     *           "run_ends_at": "2026-11-22T13:14:56.789012Z",
                     *           "cancel_requested": false,
                     *           "last_error": "no such file",
                     *           "died_at": "2026-11-22T13:14:56.789012Z"
                     *         }
                     *       ],
                     *       "next": "1200"
                     *     }
                     */
                    "application/json": components["schemas"]["Jobs"];
                };
            };
        };
    };
    "queue.push": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a queue. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example process
                 */
                queue: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "job": {
                 *         "Identifier": {
                 *           "identifier": "3a/7d/01/9f/d3a91c5be2f4.webp"
                 *         }
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["NewJob"];
            };
        };
        responses: {
            /** @description A job with this id or unique key exists already. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77",
                     *       "duplicate": false
                     *     }
                     */
                    "application/json": components["schemas"]["PushedJob"];
                };
            };
            /** @description The job is pushed. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77",
                     *       "duplicate": false
                     *     }
                     */
                    "application/json": components["schemas"]["PushedJob"];
                };
            };
        };
    };
    "queue.pushMany": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a queue. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example process
                 */
                queue: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "jobs": [
                 *         {
                 *           "job": {
                 *             "Identifier": {
                 *               "identifier": "3a/7d/01/9f/d3a91c5be2f4.webp"
                 *             }
                 *           }
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["NewJobs"];
            };
        };
        responses: {
            /** @description The jobs are pushed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "jobs": [
                     *         {
                     *           "id": "019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77",
                     *           "duplicate": false
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["PushedJobs"];
                };
            };
        };
    };
    "queue.pop": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a queue. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example process
                 */
                queue: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "worker_id": "pict-1",
                 *       "wait_seconds": 5
                 *     }
                 */
                "application/json": components["schemas"]["Pop"];
            };
        };
        responses: {
            /** @description The jobs, perhaps none. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "jobs": [
                     *         {
                     *           "id": "019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77",
                     *           "lease": "019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1.199668378366677",
                     *           "job": {
                     *             "Identifier": {
                     *               "identifier": "3a/7d/01/9f/d3a91c5be2f4.webp"
                     *             }
                     *           },
                     *           "attempt": 1,
                     *           "max_attempts": 1,
                     *           "queued_at": "2026-11-22T13:14:56.789012Z",
                     *           "lease_expires_at": "2026-11-22T13:14:56.789012Z",
                     *           "lease_seconds": 60,
                     *           "max_run_seconds": 3600
                     *         }
                     *       ],
                     *       "completed": [
                     *         {
                     *           "lease": "019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1.199668378366677",
                     *           "outcome": "completed"
                     *         }
                     *       ],
                     *       "retry_after_seconds": 1
                     *     }
                     */
                    "application/json": components["schemas"]["PoppedJobs"];
                };
            };
        };
    };
    "queue.complete": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Opaque. Proves that a request comes from the worker that has the job now.
                 * @example 019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1.199668378366677
                 */
                lease: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job is completed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "queue.completeMany": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "leases": [
                 *         "019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1.199668378366677"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["Leases"];
            };
        };
        responses: {
            /** @description The result for each lease. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "lease": "019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1.199668378366677",
                     *           "outcome": "completed"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Completions"];
                };
            };
        };
    };
    "queue.fail": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Opaque. Proves that a request comes from the worker that has the job now.
                 * @example 019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1.199668378366677
                 */
                lease: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "error": "no such file"
                 *     }
                 */
                "application/json": components["schemas"]["Failure"];
            };
        };
        responses: {
            /** @description The new state of the job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "state": "scheduled",
                     *       "attempts": 1,
                     *       "run_at": "2026-11-22T13:14:58.123456Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Failed"];
                };
            };
        };
    };
    "queue.release": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Opaque. Proves that a request comes from the worker that has the job now.
                 * @example 019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1.199668378366677
                 */
                lease: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The new state of the job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "state": "ready"
                     *     }
                     */
                    "application/json": components["schemas"]["Released"];
                };
            };
        };
    };
    "queue.heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Opaque. Proves that a request comes from the worker that has the job now.
                 * @example 019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1.199668378366677
                 */
                lease: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "lease_seconds": 60
                 *     }
                 */
                "application/json": components["schemas"]["Heartbeat"];
            };
        };
        responses: {
            /** @description The lease is extended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "lease_expires_at": "2026-11-22T13:15:56.789012Z",
                     *       "cancel_requested": false
                     *     }
                     */
                    "application/json": components["schemas"]["Extension"];
                };
            };
        };
    };
    "queue.heartbeatMany": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "leases": [
                 *         "019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1.199668378366677"
                 *       ],
                 *       "lease_seconds": 60
                 *     }
                 */
                "application/json": components["schemas"]["Heartbeats"];
            };
        };
        responses: {
            /** @description The result for each lease. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "results": [
                     *         {
                     *           "lease": "019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77.1.199668378366677",
                     *           "outcome": "extended",
                     *           "lease_expires_at": "2026-11-22T13:14:56.789012Z",
                     *           "cancel_requested": false
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Extensions"];
                };
            };
        };
    };
    "queue.requeueInProgress": {
        parameters: {
            query?: {
                /** @description server: also those of the workers `<worker_id>-<digits>`, as pict-rs names the workers of a server. */
                match?: "exact" | "server";
            };
            header?: never;
            path: {
                /**
                 * @description The name of a worker, which no other running worker has. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example pict-1
                 */
                worker_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many jobs are in each state now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "requeued": 2,
                     *       "dead": 0,
                     *       "gone": 0
                     *     }
                     */
                    "application/json": components["schemas"]["Requeued"];
                };
            };
        };
    };
    "queue.queues": {
        parameters: {
            query?: {
                /** @description Queues whose name has this part; case does not matter. 1 to 255 bytes in UTF-8. */
                search?: string;
                /** @description name (by default), or a figure: then the largest come first, and equal ones in the order of their names. oldest: by `oldest_ready_seconds`. trouble: by the number of troubles. */
                sort?: "name" | "ready" | "scheduled" | "running" | "dead" | "oldest" | "trouble";
                /** @description true: only queues with a `trouble`. */
                trouble?: boolean;
                /** @description Maximum number of queues; by default all. */
                limit?: number;
                /** @description `next` of the page before, with the same `sort`. Opaque. */
                after?: string;
                /** @description How many seconds old the figures may be; by default 0. A page that asks again and again should send 2 or more: one count, and the answer made of it, then serve all such pages. */
                max_age?: number;
                /** @description true: with the last hour of each queue. */
                trend?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The queues in order of their names, or as `sort` says. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "as_of": "2026-11-22T13:14:56.789012Z",
                     *       "queues": [
                     *         {
                     *           "queue": "process",
                     *           "ready": 1,
                     *           "scheduled": 1,
                     *           "running": 1,
                     *           "dead": 1,
                     *           "oldest_ready_seconds": 1,
                     *           "parked": 1,
                     *           "paused": false,
                     *           "trouble": [
                     *             "paused"
                     *           ],
                     *           "trend": {
                     *             "pushed": [
                     *               1
                     *             ],
                     *             "completed": [
                     *               1
                     *             ],
                     *             "failed": [
                     *               1
                     *             ],
                     *             "ready": [
                     *               1
                     *             ]
                     *           }
                     *         }
                     *       ],
                     *       "matched": 1,
                     *       "total": 1,
                     *       "totals": {
                     *         "ready": 1,
                     *         "scheduled": 1,
                     *         "running": 1,
                     *         "dead": 1,
                     *         "parked": 1,
                     *         "paused": 1,
                     *         "troubled": 1
                     *       },
                     *       "next": "NDIgcHJvY2Vzcw",
                     *       "history": {
                     *         "since": "2026-11-22T13:14:56.789012Z",
                     *         "from": "2026-11-22T13:14:56.789012Z"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Queues"];
                };
            };
        };
    };
    "queue.history": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a queue. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example process
                 */
                queue: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The minutes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "queue": "process",
                     *       "since": "2026-11-22T13:14:56.789012Z",
                     *       "shared": false,
                     *       "minutes": [
                     *         {
                     *           "at": "2026-11-22T13:14:56.789012Z",
                     *           "pushed": 1,
                     *           "completed": 1,
                     *           "failed": 1,
                     *           "died": 1,
                     *           "wait_p50": 1,
                     *           "wait_p99": 1,
                     *           "run_p50": 1,
                     *           "run_p99": 1,
                     *           "ready": 1,
                     *           "running": 1
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["QueueHistory"];
                };
            };
        };
    };
    "queue.stats": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a queue. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example process
                 */
                queue: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The queue. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "queue": "process",
                     *       "ready": 1,
                     *       "scheduled": 1,
                     *       "running": 1,
                     *       "dead": 1,
                     *       "oldest_ready_seconds": 1,
                     *       "parked": 1,
                     *       "paused": false,
                     *       "trouble": [
                     *         "paused"
                     *       ],
                     *       "as_of": "2026-11-22T13:14:56.789012Z"
                     *     }
                     */
                    "application/json": components["schemas"]["QueueStats"];
                };
            };
        };
    };
    "queue.find": {
        parameters: {
            query?: {
                /** @description The name of a queue. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8. */
                queue?: string;
                state?: "scheduled" | "ready" | "running" | "dead";
                /** @description The name of a worker, which no other running worker has. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8. */
                worker?: string;
                /** @description The unique key of the job. 1 to 255 bytes in UTF-8. */
                unique_key?: string;
                /** @description A part of the last error. The case of ASCII letters does not matter. 1 to 1024 bytes in UTF-8. */
                error?: string;
                /** @description `next` of the answer before. Opaque. */
                after?: string;
                /** @description Maximum number of records; by default 100. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, at most 1 MiB of jobs and errors. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "jobs": [
                     *         {
                     *           "id": "019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77",
                     *           "queue": "process",
                     *           "state": "scheduled",
                     *           "job": {
                     *             "Identifier": {
                     *               "identifier": "3a/7d/01/9f/d3a91c5be2f4.webp"
                     *             }
                     *           },
                     *           "priority": 1,
                     *           "unique_key": "all-variants",
                     *           "attempts": 1,
                     *           "max_attempts": 1,
                     *           "queued_at": "2026-11-22T13:14:56.789012Z",
                     *           "ready_since": "2026-11-22T13:14:56.789012Z",
                     *           "run_at": "2026-11-22T13:14:56.789012Z",
                     *           "worker_id": "pict-1",
                     *           "running_since": "2026-11-22T13:14:56.789012Z",
                     *           "last_heartbeat_at": "2026-11-22T13:14:56.789012Z",
                     *           "lease_expires_at": "2026-11-22T13:14:56.789012Z",
                     *           "run_ends_at": "2026-11-22T13:14:56.789012Z",
                     *           "cancel_requested": false,
                     *           "last_error": "no such file",
                     *           "died_at": "2026-11-22T13:14:56.789012Z"
                     *         }
                     *       ],
                     *       "next": "1200"
                     *     }
                     */
                    "application/json": components["schemas"]["Jobs"];
                };
            };
        };
    };
    "queue.job": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, in lower case.
                 * @example 019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77",
                     *       "queue": "process",
                     *       "state": "scheduled",
                     *       "job": {
                     *         "Identifier": {
                     *           "identifier": "3a/7d/01/9f/d3a91c5be2f4.webp"
                     *         }
                     *       },
                     *       "priority": 1,
                     *       "unique_key": "all-variants",
                     *       "attempts": 1,
                     *       "max_attempts": 1,
                     *       "queued_at": "2026-11-22T13:14:56.789012Z",
                     *       "ready_since": "2026-11-22T13:14:56.789012Z",
                     *       "run_at": "2026-11-22T13:14:56.789012Z",
                     *       "worker_id": "pict-1",
                     *       "running_since": "2026-11-22T13:14:56.789012Z",
                     *       "last_heartbeat_at": "2026-11-22T13:14:56.789012Z",
                     *       "lease_expires_at": "2026-11-22T13:14:56.789012Z",
                     *       "run_ends_at": "2026-11-22T13:14:56.789012Z",
                     *       "cancel_requested": false,
                     *       "last_error": "no such file",
                     *       "died_at": "2026-11-22T13:14:56.789012Z"
                     *     }
                     */
                    "application/json": components["schemas"]["JobRecord"];
                };
            };
        };
    };
    "queue.cancel": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description A UUID, in lower case.
                 * @example 019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job is running; the cancel is requested. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description There is no such job now. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "queue.retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "match": {
                 *         "queue": "process",
                 *         "error": "no such file"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["RetryChoice"];
            };
        };
        responses: {
            /** @description What was done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "matched": 3,
                     *       "changed": 2,
                     *       "skipped": 1,
                     *       "more": false
                     *     }
                     */
                    "application/json": components["schemas"]["Chosen"];
                };
            };
        };
    };
    "queue.runNow": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "ids": [
                 *         "019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["RunNowChoice"];
            };
        };
        responses: {
            /** @description What was done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "matched": 1,
                     *       "changed": 1,
                     *       "skipped": 0,
                     *       "more": false,
                     *       "results": [
                     *         {
                     *           "id": "019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77",
                     *           "outcome": "ready"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Chosen"];
                };
            };
        };
    };
    "queue.remove": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "match": {
                 *         "queue": "process",
                 *         "state": "dead"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["RemoveChoice"];
            };
        };
        responses: {
            /** @description What was done. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "matched": 3,
                     *       "changed": 2,
                     *       "skipped": 1,
                     *       "more": false
                     *     }
                     */
                    "application/json": components["schemas"]["Chosen"];
                };
            };
        };
    };
    "queue.workers": {
        parameters: {
            query?: {
                /** @description The name of a queue. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8. */
                queue?: string;
                /** @description A part of the id of the worker. The case of ASCII letters does not matter. 1 to 255 bytes in UTF-8. */
                search?: string;
                /** @description The name of a worker, which no other running worker has. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8. */
                after?: string;
                /** @description Maximum number of records; by default 100. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of workers. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "workers": [
                     *         {
                     *           "worker_id": "pict-1",
                     *           "running": 1,
                     *           "queues": [
                     *             "process"
                     *           ],
                     *           "running_since": "2026-11-22T13:14:56.789012Z",
                     *           "last_heartbeat_at": "2026-11-22T13:14:56.789012Z",
                     *           "lease_expires_at": "2026-11-22T13:14:56.789012Z"
                     *         }
                     *       ],
                     *       "next": "pict-1"
                     *     }
                     */
                    "application/json": components["schemas"]["Workers"];
                };
            };
        };
    };
    "queue.worker": {
        parameters: {
            query?: {
                /** @description `next` of the answer before. Opaque. */
                after?: string;
                /** @description Maximum number of records; by default 100. */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The name of a worker, which no other running worker has. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example pict-1
                 */
                worker_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The worker, with a page of its jobs. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "worker_id": "pict-1",
                     *       "running": 1,
                     *       "queues": [
                     *         "process"
                     *       ],
                     *       "running_since": "2026-11-22T13:14:56.789012Z",
                     *       "last_heartbeat_at": "2026-11-22T13:14:56.789012Z",
                     *       "lease_expires_at": "2026-11-22T13:14:56.789012Z",
                     *       "jobs": [
                     *         {
                     *           "id": "019ab7c1-8a52-7c3e-b5d4-2f6a1e0c9b77",
                     *           "queue": "process",
                     *           "state": "scheduled",
                     *           "job": {
                     *             "Identifier": {
                     *               "identifier": "3a/7d/01/9f/d3a91c5be2f4.webp"
                     *             }
                     *           },
                     *           "priority": 1,
                     *           "unique_key": "all-variants",
                     *           "attempts": 1,
                     *           "max_attempts": 1,
                     *           "queued_at": "2026-11-22T13:14:56.789012Z",
                     *           "ready_since": "2026-11-22T13:14:56.789012Z",
                     *           "run_at": "2026-11-22T13:14:56.789012Z",
                     *           "worker_id": "pict-1",
                     *           "running_since": "2026-11-22T13:14:56.789012Z",
                     *           "last_heartbeat_at": "2026-11-22T13:14:56.789012Z",
                     *           "lease_expires_at": "2026-11-22T13:14:56.789012Z",
                     *           "run_ends_at": "2026-11-22T13:14:56.789012Z",
                     *           "cancel_requested": false,
                     *           "last_error": "no such file",
                     *           "died_at": "2026-11-22T13:14:56.789012Z"
                     *         }
                     *       ],
                     *       "next": "ZGVhZCAwIDEyMDAgcHJvY2Vzcw"
                     *     }
                     */
                    "application/json": components["schemas"]["WorkerRecord"];
                };
            };
        };
    };
    "queue.pause": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a queue. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example process
                 */
                queue: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The queue is paused. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "queue.resume": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a queue. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example process
                 */
                queue: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The queue is not paused. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "queue.purge": {
        parameters: {
            query: {
                /** @example dead */
                which: "waiting" | "dead";
            };
            header?: never;
            path: {
                /**
                 * @description The name of a queue. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example process
                 */
                queue: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many jobs were deleted. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "purged": 42
                     *     }
                     */
                    "application/json": components["schemas"]["Purged"];
                };
            };
        };
    };
    "queue.redrive": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The name of a queue. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example process
                 */
                queue: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description How many jobs are ready again. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "redriven": 3,
                     *       "skipped": 1
                     *     }
                     */
                    "application/json": components["schemas"]["Redriven"];
                };
            };
        };
    };
    "files.owner": {
        parameters: {
            query: {
                /**
                 * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
                 * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
                 */
                identifier: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The owner. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *       "kind": "original",
                     *       "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *       "variant": "thumbnail/256/webp",
                     *       "has_details": false
                     *     }
                     */
                    "application/json": components["schemas"]["FileOwner"];
                };
            };
        };
    };
    "files.owners": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "identifiers": [
                 *         "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["FileNames"];
            };
        };
        responses: {
            /** @description The owners. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "files": [
                     *         {
                     *           "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *           "kind": "original",
                     *           "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *           "variant": "thumbnail/256/webp",
                     *           "has_details": false
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Files"];
                };
            };
        };
    };
    "files.unowned": {
        parameters: {
            query: {
                /**
                 * @description RFC 3339. Answers are in UTC with microseconds.
                 * @example 2026-11-22T13:14:56.789012Z
                 */
                older_than: string;
                /** @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
                after?: string;
                /** @description Maximum number of rows. Without it all rows are sent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /**
             * @description The stream. Newline-delimited JSON: each line is an object, and the last one is the end line. Read it line by line, because the whole is no JSON document.
             *
             *     ```
             *     {"identifier":"3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"}
             *     {"end":true,"count":1}
             *     ```
             */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["FileLine"] | components["schemas"]["StreamEnd"];
                };
            };
        };
    };
    "files.condemn": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "identifiers": [
                 *         "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                 *       ],
                 *       "older_than": "2026-11-22T13:14:56.789012Z"
                 *     }
                 */
                "application/json": components["schemas"]["Condemnation"];
            };
        };
        responses: {
            /** @description What may be deleted. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "condemned": [
                     *         "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["Condemned"];
                };
            };
        };
    };
    "files.deleted": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "identifiers": [
                 *         "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["FileNames"];
            };
        };
        responses: {
            /** @description When the names are free. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "freed_at": "2026-11-22T13:14:56.789012Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Freed"];
                };
            };
        };
    };
    "blocklist.entry": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The sha256 of the bytes of a content, in hex: its hash, or what it begins with. Upper case is accepted, answers are lower case.
                 * @example 5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9
                 */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is blocked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "digest": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9",
                     *       "reason": "Reported by several instances.",
                     *       "blocked_at": "2026-11-22T13:14:56.789012Z"
                     *     }
                     */
                    "application/json": components["schemas"]["BlockedHash"];
                };
            };
        };
    };
    "blocklist.block": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The sha256 of the bytes of a content, in hex: its hash, or what it begins with. Upper case is accepted, answers are lower case.
                 * @example 5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9
                 */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "reason": "Reported by several instances."
                 *     }
                 */
                "application/json": components["schemas"]["Block"];
            };
        };
        responses: {
            /** @description It already was; another reason has replaced the one before. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "digest": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9",
                     *       "reason": "Reported by several instances.",
                     *       "blocked_at": "2026-11-22T13:14:56.789012Z"
                     *     }
                     */
                    "application/json": components["schemas"]["BlockedHash"];
                };
            };
            /** @description It is blocked now. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "digest": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9",
                     *       "reason": "Reported by several instances.",
                     *       "blocked_at": "2026-11-22T13:14:56.789012Z"
                     *     }
                     */
                    "application/json": components["schemas"]["BlockedHash"];
                };
            };
        };
    };
    "blocklist.unblock": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The sha256 of the bytes of a content, in hex: its hash, or what it begins with. Upper case is accepted, answers are lower case.
                 * @example 5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9
                 */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is not blocked now. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "blocklist.blocked": {
        parameters: {
            query?: {
                /** @description The sha256 of the bytes of a content, in hex: its hash, or what it begins with. Upper case is accepted, answers are lower case. */
                after?: string;
                /** @description Maximum number of rows. Without it all rows are sent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /**
             * @description The stream. Newline-delimited JSON: each line is an object, and the last one is the end line. Read it line by line, because the whole is no JSON document.
             *
             *     ```
             *     {"digest":"5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9","reason":"Reported by several instances.","blocked_at":"2026-11-22T13:14:56.789012Z"}
             *     {"end":true,"count":1}
             *     ```
             */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["BlockedHash"] | components["schemas"]["StreamEnd"];
                };
            };
        };
    };
    "blocklist.standing": {
        parameters: {
            query?: {
                /** @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case. */
                after?: string;
                /** @description Maximum number of contents; 50 where nothing is said. */
                limit?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The sha256 of the bytes of a content, in hex: its hash, or what it begins with. Upper case is accepted, answers are lower case.
                 * @example 5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9
                 */
                digest: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The contents. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "contents": [
                     *         {
                     *           "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *           "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                     *           "created_at": "2026-11-22T13:14:56.789012Z",
                     *           "aliases": [
                     *             {
                     *               "alias": "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg",
                     *               "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *               "owner": "https://lemmy.example.org/u/alice",
                     *               "expires_at": "2026-11-22T13:14:56.789012Z",
                     *               "created_at": "2026-11-22T13:14:56.789012Z",
                     *               "expired": true
                     *             }
                     *           ],
                     *           "aliases_more": false
                     *         }
                     *       ],
                     *       "next": "text"
                     *     }
                     */
                    "application/json": components["schemas"]["Standing"];
                };
            };
        };
    };
    "usage.usage": {
        parameters: {
            query: {
                /** @example format */
                by: "format" | "owner" | "kind" | "age";
                /** @description How many seconds ago the figures may have been begun; 0 where they are to have all from before the request. Where nothing is said, they may be kept for a while. */
                max_age?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The figures, as of the begin of the count. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "by": "format",
                     *       "as_of": "2026-11-22T13:14:56.789012Z",
                     *       "groups": [
                     *         {
                     *           "name": "jpeg",
                     *           "contents": 1200,
                     *           "files": 3650,
                     *           "bytes": 734003200,
                     *           "unsized": 50
                     *         }
                     *       ],
                     *       "total": {
                     *         "contents": 1200,
                     *         "files": 3650,
                     *         "bytes": 734003200,
                     *         "unsized": 50
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Usage"];
                };
            };
        };
    };
    "report.report": {
        parameters: {
            query?: {
                /** @description How many seconds ago the figures may have been begun; 0 where they are to have all from before the request. Where nothing is said, they may be kept for a while. */
                max_age?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The report, as of its begin. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "as_of": "2026-11-22T13:14:56.789012Z",
                     *       "findings": [
                     *         {
                     *           "kind": "details_without_owner",
                     *           "description": "Files that have had details for an hour at least, and that belong to no content.",
                     *           "count": 1,
                     *           "complete": true,
                     *           "samples": [
                     *             {
                     *               "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                     *             }
                     *           ],
                     *           "clean": {
                     *             "operation": "report.clean",
                     *             "method": "POST",
                     *             "path": "/v1/report/clean",
                     *             "body": {
                     *               "kind": "details_without_owner",
                     *               "older_than": "2026-11-22T13:14:56.789012Z",
                     *               "dry_run": true
                     *             }
                     *           }
                     *         }
                     *       ],
                     *       "oldest_access": {
                     *         "alias": null,
                     *         "variant": null
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Report"];
                };
            };
        };
    };
    "report.clean": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "kind": "hashes_without_alias",
                 *       "older_than": "2026-11-22T13:14:56.789012Z",
                 *       "limit": 100,
                 *       "enqueue": "cleanup",
                 *       "dry_run": true
                 *     }
                 */
                "application/json": components["schemas"]["CleanPass"];
            };
        };
        responses: {
            /** @description What this pass has done, or would do. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "removed": {
                     *         "aliases": [],
                     *         "hashes": [
                     *           "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"
                     *         ],
                     *         "variants": [],
                     *         "identifiers": [
                     *           "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                     *         ]
                     *       },
                     *       "repaired": [],
                     *       "more": false
                     *     }
                     */
                    "application/json": components["schemas"]["CleanedPass"];
                };
            };
        };
    };
    "storeMigration.isContinuingMigration": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The progress. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "continuing": true,
                     *       "migrated": 1240,
                     *       "total": 4800,
                     *       "done": 1237,
                     *       "rate": 41.5
                     *     }
                     */
                    "application/json": components["schemas"]["StoreMigration"];
                };
            };
        };
    };
    "storeMigration.clear": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description There are no marks now. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "storeMigration.isMigrated": {
        parameters: {
            query: {
                /**
                 * @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8.
                 * @example 3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp
                 */
                identifier: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "migrated": true
                     *     }
                     */
                    "application/json": components["schemas"]["Migrated"];
                };
            };
        };
    };
    "storeMigration.markMigrated": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "identifier": "3a/7d/cat.webp",
                 *       "new_identifier": "bucket/3a/7d/cat.webp"
                 *     }
                 */
                "application/json": components["schemas"]["MigratedIdentifier"];
            };
        };
        responses: {
            /** @description The file is marked. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "storeMigration.unmigrated": {
        parameters: {
            query?: {
                /** @description Where a file is stored: a path or an object key. 1 to 2048 bytes in UTF-8. */
                after?: string;
                /** @description Maximum number of rows. Without it all rows are sent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /**
             * @description The stream. Newline-delimited JSON: each line is an object, and the last one is the end line. Read it line by line, because the whole is no JSON document.
             *
             *     ```
             *     {"identifier":"3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"}
             *     {"end":true,"count":1}
             *     ```
             */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["FileLine"] | components["schemas"]["StreamEnd"];
                };
            };
        };
    };
    "storeMigration.move": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "identifier": "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp",
                 *       "new_identifier": "bucket/3a/7d/cat.webp"
                 *     }
                 */
                "application/json": components["schemas"]["Move"];
            };
        };
        responses: {
            /** @description What became of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "moved": true,
                     *       "removed": {
                     *         "identifiers": [
                     *           "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                     *         ]
                     *       },
                     *       "unneeded": []
                     *     }
                     */
                    "application/json": components["schemas"]["Moved"];
                };
            };
        };
    };
    "proxies.related": {
        parameters: {
            query: {
                /**
                 * @description The URL of a proxied image, as it was requested. 1 to 8192 bytes in UTF-8.
                 * @example https://images.example.org/a.png?size=large
                 */
                url: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The alias. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "alias": "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg"
                     *     }
                     */
                    "application/json": components["schemas"]["Related"];
                };
            };
        };
    };
    "proxies.relateUrl": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "url": "https://images.example.org/a.png?size=large",
                 *       "alias": "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg"
                 *     }
                 */
                "application/json": components["schemas"]["Proxy"];
            };
        };
        responses: {
            /** @description It was already related to this alias. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "url": "https://images.example.org/a.png?size=large",
                     *       "alias": "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg"
                     *     }
                     */
                    "application/json": components["schemas"]["Proxy"];
                };
            };
            /** @description The URL is related now. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "url": "https://images.example.org/a.png?size=large",
                     *       "alias": "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg"
                     *     }
                     */
                    "application/json": components["schemas"]["Proxy"];
                };
            };
        };
    };
    "proxies.removeRelation": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
                 */
                alias: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No URL is related to the alias now. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "uploads.create": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "enqueue": "cleanup"
                 *     }
                 */
                "application/json": components["schemas"]["NewUpload"];
            };
        };
        responses: {
            /** @description The upload is begun. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "5d0f6c1b9a3e48277c41d2b8e6a09f13",
                     *       "state": "completed",
                     *       "claimed": false,
                     *       "created_at": "2026-11-22T13:14:56.789012Z",
                     *       "expires_at": "2026-11-22T13:14:56.789012Z",
                     *       "message": "no such file",
                     *       "code": "validate-width"
                     *     }
                     */
                    "application/json": components["schemas"]["UploadState"];
                };
            };
        };
    };
    "uploads.complete": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Names an upload: 128 random bits in hex, so that nobody finds the upload of somebody else.
                 * @example 5d0f6c1b9a3e48277c41d2b8e6a09f13
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "alias": "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg",
                 *       "token": "0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10"
                 *     }
                 */
                "application/json": components["schemas"]["UploadResult"];
            };
        };
        responses: {
            /** @description The upload has this result. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "uploads.upload": {
        parameters: {
            query?: {
                /** @description Seconds to wait while there is nothing to tell; by default 0. The header `Prefer: wait=N` is an alternative. */
                wait?: number;
            };
            header?: never;
            path: {
                /**
                 * @description Names an upload: 128 random bits in hex, so that nobody finds the upload of somebody else.
                 * @example 5d0f6c1b9a3e48277c41d2b8e6a09f13
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The state of the upload. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "5d0f6c1b9a3e48277c41d2b8e6a09f13",
                     *       "state": "completed",
                     *       "claimed": false,
                     *       "created_at": "2026-11-22T13:14:56.789012Z",
                     *       "expires_at": "2026-11-23T13:15:02.123456Z"
                     *     }
                     */
                    "application/json": components["schemas"]["UploadState"];
                };
            };
        };
    };
    "uploads.discard": {
        parameters: {
            query?: {
                /** @description Where its alias is released, a job `{"Identifier":{"identifier":…}}` for each removed file is pushed to this queue; by default the queue of its creation. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8. */
                enqueue?: string;
            };
            header?: never;
            path: {
                /**
                 * @description Names an upload: 128 random bits in hex, so that nobody finds the upload of somebody else.
                 * @example 5d0f6c1b9a3e48277c41d2b8e6a09f13
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description There is no such upload now. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "removed": {
                     *         "aliases": [
                     *           "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg"
                     *         ],
                     *         "hashes": [
                     *           "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c"
                     *         ],
                     *         "variants": [
                     *           {
                     *             "hash": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
                     *             "variant": "thumbnail/256/webp"
                     *           }
                     *         ],
                     *         "identifiers": [
                     *           "3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp"
                     *         ]
                     *       },
                     *       "more": true
                     *     }
                     */
                    "application/json": components["schemas"]["ReleasedMedia"];
                };
            };
        };
    };
    "uploads.claim": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Names an upload: 128 random bits in hex, so that nobody finds the upload of somebody else.
                 * @example 5d0f6c1b9a3e48277c41d2b8e6a09f13
                 */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "claimer": "9f2b7c1e-48d0-4c35-a6e1-3b5d7f902c84"
                 *     }
                 */
                "application/json": components["schemas"]["UploadClaim"];
            };
        };
        responses: {
            /** @description The result. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "5d0f6c1b9a3e48277c41d2b8e6a09f13",
                     *       "state": "completed",
                     *       "alias": "7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg",
                     *       "token": "0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10"
                     *     }
                     */
                    "application/json": components["schemas"]["ClaimedUpload"];
                };
            };
        };
    };
    "variantClaims.wait": {
        parameters: {
            query: {
                /**
                 * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
                 * @example thumbnail/256/webp
                 */
                variant: string;
                /** @description Seconds to wait while there is nothing to tell; by default 0. The header `Prefer: wait=N` is an alternative. */
                wait?: number;
            };
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The state of the variant. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "state": "done",
                     *       "identifier": "b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp"
                     *     }
                     */
                    "application/json": components["schemas"]["VariantClaimState"];
                };
            };
        };
    };
    "variantClaims.claim": {
        parameters: {
            query: {
                /**
                 * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
                 * @example thumbnail/256/webp
                 */
                variant: string;
            };
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "claimer": "9f2b7c1e-48d0-4c35-a6e1-3b5d7f902c84",
                 *       "lease_seconds": 60
                 *     }
                 */
                "application/json": components["schemas"]["VariantClaim"];
            };
        };
        responses: {
            /** @description It was yours already, or the variant exists. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "state": "done",
                     *       "identifier": "b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp"
                     *     }
                     */
                    "application/json": components["schemas"]["ClaimedVariant"];
                };
            };
            /** @description The claim is yours. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "state": "claimed",
                     *       "token": "7c0f5e2b91d84a36b0e3f8127d6a49c5",
                     *       "lease_seconds": 60,
                     *       "lease_expires_at": "2026-11-22T13:15:56.789012Z"
                     *     }
                     */
                    "application/json": components["schemas"]["ClaimedVariant"];
                };
            };
        };
    };
    "variantClaims.heartbeat": {
        parameters: {
            query: {
                /**
                 * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
                 * @example thumbnail/256/webp
                 */
                variant: string;
            };
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "7c0f5e2b91d84a36b0e3f8127d6a49c5",
                 *       "lease_seconds": 60
                 *     }
                 */
                "application/json": components["schemas"]["VariantHeartbeat"];
            };
        };
        responses: {
            /** @description The claim is extended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "lease_expires_at": "2026-11-22T13:14:56.789012Z"
                     *     }
                     */
                    "application/json": components["schemas"]["ExtendedVariantClaim"];
                };
            };
        };
    };
    "variantClaims.finish": {
        parameters: {
            query: {
                /**
                 * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
                 * @example thumbnail/256/webp
                 */
                variant: string;
            };
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "7c0f5e2b91d84a36b0e3f8127d6a49c5",
                 *       "identifier": "b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp"
                 *     }
                 */
                "application/json": components["schemas"]["VariantFinish"];
            };
        };
        responses: {
            /** @description The claim has ended. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "state": "done",
                     *       "identifier": "b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp",
                     *       "unneeded": []
                     *     }
                     */
                    "application/json": components["schemas"]["FinishedVariant"];
                };
            };
        };
    };
    "aliasAccess.accessed": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
                 */
                alias: string;
            };
            cookie?: never;
        };
        /** @description Without `at`, or with a future `at`, the time is now, by the clock of the database. */
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": {
                    /**
                     * Format: date-time
                     * @description RFC 3339. Answers are in UTC with microseconds.
                     * @example 2026-11-22T13:14:56.789012Z
                     */
                    at?: string;
                };
            };
        };
        responses: {
            /** @description The access is noted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "aliasAccess.removeAccess": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description The public name of an image. Not "." or "..", without "/", "\" and control characters. 1 to 255 bytes in UTF-8.
                 * @example 7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg
                 */
                alias: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No access of the alias is stored now. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "aliasAccess.olderAliases": {
        parameters: {
            query: {
                /**
                 * @description RFC 3339. Answers are in UTC with microseconds.
                 * @example 2026-11-22T13:14:56.789012Z
                 */
                older_than: string;
                /** @description The last key received, to resume after: `<accessed>,<alias>`. */
                after?: string;
                /** @description Maximum number of rows. Without it all rows are sent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /**
             * @description The stream. Newline-delimited JSON: each line is an object, and the last one is the end line. Read it line by line, because the whole is no JSON document.
             *
             *     ```
             *     {"alias":"7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg","accessed":"2026-11-22T13:14:56.789012Z"}
             *     {"end":true,"count":1}
             *     ```
             */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["AliasAccess"] | components["schemas"]["StreamEnd"];
                };
            };
        };
    };
    "variantAccess.containsVariant": {
        parameters: {
            query: {
                /**
                 * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
                 * @example thumbnail/256/webp
                 */
                variant: string;
            };
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "contains": true,
                     *       "accessed": "2026-11-22T13:14:56.789012Z"
                     *     }
                     */
                    "application/json": components["schemas"]["ContainsVariant"];
                };
            };
        };
    };
    "variantAccess.accessed": {
        parameters: {
            query: {
                /**
                 * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
                 * @example thumbnail/256/webp
                 */
                variant: string;
            };
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        /** @description Without `at`, or with a future `at`, the time is now, by the clock of the database. */
        requestBody?: {
            content: {
                /** @example {} */
                "application/json": {
                    /**
                     * Format: date-time
                     * @description RFC 3339. Answers are in UTC with microseconds.
                     * @example 2026-11-22T13:14:56.789012Z
                     */
                    at?: string;
                };
            };
        };
        responses: {
            /** @description The access is noted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "variantAccess.removeAccess": {
        parameters: {
            query: {
                /**
                 * @description The name of a processed version of a content. 1 to 2048 bytes in UTF-8.
                 * @example thumbnail/256/webp
                 */
                variant: string;
            };
            header?: never;
            path: {
                /**
                 * @description The digest that names a content: 1 to 64 bytes in hex. Upper case is accepted, answers are lower case.
                 * @example b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c
                 */
                hash: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description No access of the variant is stored now. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    "variantAccess.olderVariants": {
        parameters: {
            query: {
                /**
                 * @description RFC 3339. Answers are in UTC with microseconds.
                 * @example 2026-11-22T13:14:56.789012Z
                 */
                older_than: string;
                /** @description The last key received, to resume after: `<accessed>,<hash>,<variant>`. */
                after?: string;
                /** @description Maximum number of rows. Without it all rows are sent. */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /**
             * @description The stream. Newline-delimited JSON: each line is an object, and the last one is the end line. Read it line by line, because the whole is no JSON document.
             *
             *     ```
             *     {"hash":"b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c","variant":"thumbnail/256/webp","accessed":"2026-11-22T13:14:56.789012Z"}
             *     {"end":true,"count":1}
             *     ```
             */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": components["schemas"]["VariantAccess"] | components["schemas"]["StreamEnd"];
                };
            };
        };
    };
}
