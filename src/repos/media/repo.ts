import { createHash } from 'node:crypto';
import type { Database, Sql } from '../../database/database.js';
import { notFound, Problem } from '../../problems.js';
import type { AliasAccessRepo } from '../alias-access/repo.js';
import { readSeveral } from '../bounded.js';
import type { Enqueuer } from '../enqueue.js';
import { utcOf } from '../values.js';
import type { VariantAccessRepo } from '../variant-access/repo.js';
import { AccessRecorder } from './access-recorder.js';
import { expiredAliases, expireProxiedStatement, expireVariantsStatement } from './expiry.js';
import { type Asked, gatheredRecords, recordAt } from './record.js';
import { type PassRow, releaseManyStatement, releaseStatement } from './release.js';
import { REMOVAL_CONFLICTS, type RemovalOptions, type Removed } from './removal.js';

/** Which image: by its alias, or by the URL of a proxied one. */
export interface ImageKey {
  alias?: string;
  url?: string;
  variant?: string;
}

/** A bounded removal, in its own words of the API. */
export interface Pass {
  limit?: number;
  /** The queue that is told of each removed file. */
  enqueue?: string;
  delay_seconds?: number;
  dry_run?: boolean;
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
const DEFAULT_LIMIT = 100;
/** So many statements of a pass may find nothing to remove, only what was used since they last looked. */
const MAX_ROUNDS = 10;

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

  async function remove<Row extends { removed: Removed }>(
    { enqueue: queue, delay_seconds: delay, dry_run: isDry = false }: Pass,
    statement: (sql: Sql, options: RemovalOptions) => PromiseLike<readonly Row[]>,
  ): Promise<Row> {
    const [row] = await db.run(
      (sql) => {
        const enqueue =
          queue === undefined || isDry
            ? undefined
            : (jobs: Parameters<Enqueuer['insert']>[2]) => enqueuer.insert(sql, queue, jobs, delay);
        return statement(sql, { enqueue, isDry });
      },
      // Not repeated after a lost connection: a second run could not return what the first one removed.
      { conflicts: REMOVAL_CONFLICTS, idempotent: false },
    );
    if (!row) throw new Error('A removal returns one row.');
    const count = row.removed.identifiers.length;
    if (queue !== undefined && !isDry && count > 0) enqueuer.pushed(queue, count, delay);
    return row;
  }

  async function removeSome(
    pass: Pass,
    statement: (sql: Sql, limit: number, options: RemovalOptions) => PromiseLike<readonly PassRow[]>,
  ): Promise<PassRow> {
    for (let round = 1; ; round++) {
      const { removed, more } = await remove(pass, (sql, options) =>
        statement(sql, pass.limit ?? DEFAULT_LIMIT, options),
      );
      const isEmpty = removed.aliases.length + removed.variants.length === 0;
      if (!isEmpty || !more || round === MAX_ROUNDS) return { removed, more };
    }
  }

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

    /**
     * Removes an alias, and with the last one its content. Again it removes nothing.
     *
     * @param token undefined where any will do
     */
    async releaseAlias(alias: string, token: string | undefined, enqueue?: string) {
      const digest = token === undefined ? null : createHash('sha256').update(token).digest();
      const { fits, removed } = await remove({ ...(enqueue !== undefined && { enqueue }) }, (sql, options) =>
        releaseStatement(sql, alias, digest, options),
      );
      if (fits === false)
        throw new Problem('invalid_delete_token', `This is not the delete token of "${alias}".`);
      return { removed };
    },

    /** Releases aliases of an owner, the oldest first. */
    releaseOwner: ({ owner, ...pass }: Pass & { owner: string }) =>
      removeSome(pass, (sql, limit, options) => {
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
      removeSome(pass, (sql, limit, options) =>
        expireVariantsStatement(sql, { before: before(sql, older_than), limit }, options),
      ),

    /** Releases aliases of proxied URLs by their last access; one that was never accessed is counted from its relation. */
    expireProxied: ({ older_than, ...pass }: ExpiryPass) =>
      removeSome(pass, (sql, limit, options) =>
        expireProxiedStatement(sql, { before: before(sql, older_than), limit }, options),
      ),

    /** Releases aliases whose time was over before. */
    expireAliases: ({ older_than, ...pass }: ExpiryPass) =>
      removeSome(pass, (sql, limit, options) =>
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
