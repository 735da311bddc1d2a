import type { Database, Sql } from '../../database/database.js';
import { notFound, Problem } from '../../problems.js';
import { currentRequesters, runFor } from '../../requester.js';
import type { AliasAccessRepo } from '../alias-access/repo.js';
import type { Enqueuer } from '../enqueue.js';
import { hashNotFound } from '../hashes/refusals.js';
import { readSeveral } from '../read-several.js';
import { utcOf } from '../values.js';
import type { VariantAccessRepo } from '../variant-access/repo.js';
import { AccessRecorder } from './access-recorder.js';
import { uploadCommits } from './commit.js';
import { newUploads } from './commit-new.js';
import { contentStatement } from './content.js';
import { expireProxiedStatement } from './expire-proxied.js';
import { expireVariantsStatement } from './expire-variants.js';
import { expiredAliases } from './expiry.js';
import { type Found, findStatement } from './find.js';
import { type Asked, gatheredRecords, recordAt } from './record.js';
import { aliasReleases, releaseManyStatement } from './release.js';
import { type Pass, removerOf } from './remover.js';
import type { Committed, Upload } from './upload.js';

/** An image by its alias, or by the URL of a proxied image. */
export interface ImageKey {
  alias?: string;
  url?: string;
  variant?: string;
}

export interface ExpiryPass extends Pass {
  older_than: string;
}

interface Dependencies {
  aliasAccess: Pick<AliasAccessRepo, 'accessed'>;
  variantAccess: Pick<VariantAccessRepo, 'accessed'>;
  enqueuer: Enqueuer;
  accessGranularitySeconds: number;
}

/** The longest time until a recorded access is written. */
const MAX_ACCESS_DELAY_SECONDS = 10;

/** What an image host does in one request. Each method is one statement over the tables of several repos. */
export function mediaRepo(db: Database, dependencies: Dependencies) {
  const { aliasAccess, variantAccess, enqueuer, accessGranularitySeconds } = dependencies;
  const recorder = new AccessRecorder();

  const readRecord = gatheredRecords(db);

  function recordAccess(text: string): void {
    const { alias, hash, variant: version }: Resolved = JSON.parse(text);
    recorder.record(alias, () => aliasAccess.accessed(alias, undefined));
    if (version === null) return;
    const { variant } = version;
    recorder.record(`${hash}/${variant}`, () => variantAccess.accessed(hash, variant, undefined));
  }

  const remover = removerOf(db, enqueuer);
  const { removeSome } = remover;
  const release = aliasReleases(remover);
  const commitNew = newUploads(db);
  const commitAlone = uploadCommits(db, remover);

  /**
   * An expression: the time limit of an expiry. It is never too recent: a stored time may be too early by the
   * granularity, and the latest accesses may not be written yet.
   */
  const before = (sql: Sql, olderThan: string) => sql`
    least(
      ${utcOf(olderThan)}::text::timestamptz,
      statement_timestamp() - make_interval(secs => ${accessGranularitySeconds + MAX_ACCESS_DELAY_SECONDS})
    )`;

  return {
    /** Everything that is needed to serve an image, as JSON. */
    async resolve(key: ImageKey, options: { recordsAccess: boolean }): Promise<string> {
      const { record } = await readRecord(askedBy(key));
      if (record === null) {
        throw key.url === undefined
          ? notFound('alias_not_found', `There is no alias "${key.alias}".`)
          : notFound('proxy_not_found', 'The URL is not related to an alias.');
      }
      if (options.recordsAccess) recordAccess(record);
      return record;
    },

    /** The same for several images, or null for those that are not found; as JSON. */
    resolveMany(keys: ImageKey[]): Promise<string> {
      const asked = keys.map(askedBy);
      return readSeveral(db, asked.length, (sql, n) => recordAt(sql, asked, n));
    },

    /** A content with its aliases, variants and details as JSON, for people who look into it. */
    async content(hash: string): Promise<string> {
      const [row] = await db.run((sql) => contentStatement(sql, hash));
      if (!row) throw hashNotFound(hash);
      return row.record;
    },

    /** What a name refers to: an alias, a hash or its beginning, a proxied URL, a file, an owner. */
    async find(name: string): Promise<{ found: Found[] }> {
      return { found: await db.run((sql) => findStatement(sql, name)) };
    },

    /** Commits the content, details, alias and URL of an upload in one statement. It can be sent again. */
    async commitUpload(
      alias: string,
      { hash, expires_at: expiresAt, ...rest }: Omit<Upload, 'alias'>,
      enqueue: string | undefined,
    ): Promise<Committed> {
      const requesters = currentRequesters();
      const expires_at = typeof expiresAt === 'string' ? utcOf(expiresAt) : expiresAt;
      const upload = { alias, hash: hash.toLowerCase(), expires_at, ...rest };
      return (await commitNew(upload)) ?? (await runFor(requesters, () => commitAlone(upload, enqueue)));
    },

    /**
     * Removes an alias, and its content if that has no other alias. Removing it again is a success without effect.
     *
     * @param token undefined if the caller does not have to know the token
     */
    async releaseAlias(alias: string, token: string | undefined, enqueue?: string) {
      const released = await release(alias, token, { enqueue });
      if (!released) throw new Problem('invalid_delete_token', `This is not the delete token of "${alias}".`);
      return released;
    },

    /** Releases aliases of an owner, the oldest first. */
    releaseOwner: ({ owner, ...pass }: Pass & { owner: string }) =>
      removeSome(pass, (sql, options, limit) => {
        const condition = sql`owner = ${owner}`;
        const candidates = sql`
          select alias, hash
          from aliases
          where ${condition}
          order by created_at, alias`;
        return releaseManyStatement(sql, { candidates, condition }, limit, options);
      }),

    /** Removes variants by their last access. If there was none, the time of their creation counts. */
    expireVariants: ({ older_than, ...pass }: ExpiryPass) =>
      removeSome(pass, (sql, options, limit) =>
        expireVariantsStatement(sql, { before: before(sql, older_than), limit }, options),
      ),

    /**
     * Releases aliases of proxied URLs by their last access. If there was none, the time when they were related counts.
     */
    expireProxied: ({ older_than, ...pass }: ExpiryPass) =>
      removeSome(pass, (sql, options, limit) =>
        expireProxiedStatement(sql, { before: before(sql, older_than), limit }, options),
      ),

    /** Releases aliases that expired before a time. */
    expireAliases: ({ older_than, ...pass }: ExpiryPass) =>
      removeSome(pass, (sql, options, limit) =>
        releaseManyStatement(sql, expiredAliases(sql, utcOf(older_than)), limit, options),
      ),
  };
}

interface Resolved {
  alias: string;
  hash: string;
  variant: { variant: string } | null;
}

function askedBy({ alias = '', url = '', variant = '' }: ImageKey): Asked {
  return { alias, url, variant };
}

export type MediaRepo = ReturnType<typeof mediaRepo>;
