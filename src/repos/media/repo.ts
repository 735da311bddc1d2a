import type { Database, Sql } from '../../database/database.js';
import { notFound, Problem } from '../../problems.js';
import type { AliasAccessRepo } from '../alias-access/repo.js';
import { readSeveral } from '../bounded.js';
import type { Enqueuer } from '../enqueue.js';
import { hashNotFound } from '../hashes/refusals.js';
import { utcOf } from '../values.js';
import type { VariantAccessRepo } from '../variant-access/repo.js';
import { AccessRecorder } from './access-recorder.js';
import { uploadCommits } from './commit-upload.js';
import { contentStatement } from './content.js';
import { expiredAliases, expireProxiedStatement, expireVariantsStatement } from './expiry.js';
import { type Asked, gatheredRecords, recordAt } from './record.js';
import { releaseManyStatement } from './release.js';
import { aliasReleases } from './release-alias.js';
import { type Pass, removerOf } from './remover.js';
import type { Upload } from './upload.js';

/** Which image: by its alias, or by the URL of a proxied one. */
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

/** An access may wait for so long until it is written. */
const MAX_ACCESS_DELAY_SECONDS = 10;
/** What an image host does in one request, each in one statement over the tables of the other repos. */
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
  const commit = uploadCommits(db, remover);

  /** Accesses may not be written yet, and a stored time may be too early by the granularity. */
  const before = (sql: Sql, olderThan: string) => sql`
    least(
      ${utcOf(olderThan)}::text::timestamptz,
      statement_timestamp() - make_interval(secs => ${accessGranularitySeconds + MAX_ACCESS_DELAY_SECONDS})
    )`;

  return {
    /** Everything that serving an image needs, as JSON. */
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

    /** For each image the same, or null where it is not found; as JSON. */
    resolveMany(keys: ImageKey[]): Promise<string> {
      const asked = keys.map(askedBy);
      return readSeveral(db, asked.length, (sql, n) => recordAt(sql, asked, n));
    },

    /** A content with what hangs on it, as JSON: for people, who want to see all of it. */
    async content(hash: string): Promise<string> {
      const [row] = await db.run((sql) => contentStatement(sql, hash));
      if (!row) throw hashNotFound(hash);
      return row.record;
    },

    /** Content, details, alias and URL of an upload, in one statement. It can be sent again. */
    commitUpload(
      alias: string,
      { hash, expires_at, ...upload }: Omit<Upload, 'alias'>,
      enqueue: string | undefined,
    ) {
      const until = typeof expires_at === 'string' ? utcOf(expires_at) : expires_at;
      return commit({ alias, hash: hash.toLowerCase(), expires_at: until, ...upload }, enqueue);
    },

    /**
     * Removes an alias, and with the last one its content. Again it removes nothing.
     *
     * @param token undefined where any will do
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

    /** Removes variants by their last access; one that was never accessed is counted from its making. */
    expireVariants: ({ older_than, ...pass }: ExpiryPass) =>
      removeSome(pass, (sql, options, limit) =>
        expireVariantsStatement(sql, { before: before(sql, older_than), limit }, options),
      ),

    /** Releases aliases of proxied URLs by their last access; one that was never accessed is counted from its relation. */
    expireProxied: ({ older_than, ...pass }: ExpiryPass) =>
      removeSome(pass, (sql, options, limit) =>
        expireProxiedStatement(sql, { before: before(sql, older_than), limit }, options),
      ),

    /** Releases aliases whose time was over before. */
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
