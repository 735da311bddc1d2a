import type { Static } from 'typebox';
import { Coalescer } from '../../database/coalescer.js';
import type { Database } from '../../database/database.js';
import { type LockTimeout, withinLockTimeout } from '../../database/lock-timeout.js';
import { notFound } from '../../problems.js';
import { splitAccessKey } from '../access.js';
import { isLive, isOfLiveHash } from '../doomed.js';
import { type Chunk, keysetStream, type Range, type ReadPage, toPage } from '../keyset.js';
import { utcText } from '../time-text.js';
import { utcOf } from '../values.js';
import type { AliasAccess } from './schema.js';

type Line = Static<typeof AliasAccess>;

interface Access {
  alias: string;
  /** RFC 3339 in UTC; null means now. */
  at: string | null;
}

/** AliasAccessRepo of pict-rs: when a cached alias was last requested. */
export function aliasAccessRepo(db: Database, granularitySeconds: number) {
  const writes = new Coalescer<Access, boolean>({ run: writeAccesses, lockOf: ({ alias }) => alias });

  /**
   * Writes many accesses in one statement. Returns for each whether its alias exists. Like cleanups it locks parents
   * before children and both in the order of their keys, so that no two deadlock. It reads the clock after locking, and
   * replaces a later time by the clock's.
   */
  async function writeAccesses(accesses: Access[], lockTimeout: LockTimeout): Promise<boolean[]> {
    const rows = await db.run(
      (sql) => sql<{ alias: string }[]>`
        with asked as (
          select alias, max(at) as at, bool_or(at = 'infinity') as is_now
          from unnest(${accesses.map(({ alias }) => alias)}::text[], ${accesses.map(({ at }) => at ?? 'infinity')}::text[]::timestamptz[])
            as access (alias, at)
          group by alias
        ),
        parent as materialized (
          select alias
          from aliases
          where ${withinLockTimeout(sql, lockTimeout)}
            and alias = any(array(select alias from asked))
            and ${isLive(sql, sql`aliases.hash`)}
          order by alias
          for key share
        ),
        written as (
          insert into alias_accesses as stored (alias, accessed)
          select parent.alias, case when is_now then clock_timestamp() else least(at, clock_timestamp()) end
          from parent
          join asked on asked.alias = parent.alias
          where not (is_now and exists (
            select
            from alias_accesses as fresh
            where fresh.alias = parent.alias
              and fresh.accessed > clock_timestamp() - make_interval(secs => ${granularitySeconds})
          ))
          order by parent.alias
          on conflict (alias) do update
            set accessed = excluded.accessed
            where stored.accessed < excluded.accessed
        )
        select alias
        from parent`,
      { conflicts: ['alias_accesses_alias_fkey'] },
    );
    const known = new Set(rows.map(({ alias }) => alias));
    return accesses.map(({ alias }) => known.has(alias));
  }

  function readOlder(olderThan: string): ReadPage {
    return async (after, size, signal) => {
      const { accessed = '-infinity', rest = '' } = (after !== undefined && splitAccessKey(after)) || {};
      return toPage(
        await db.run(
          (sql) =>
            sql`
            select
              '{"alias":' || string_agg(
                to_json(alias)::text || ',"accessed":"' || accessed,
                E'"}\\n{"alias":'
              ) || E'"}\\n',
              count(*)
            from (
              select alias, ${utcText(sql, 'accessed')}
              from alias_accesses
              where accessed < ${olderThan}::text::timestamptz
                and ${isOfLiveHash(sql, sql`alias_accesses.alias`)}
                and (accessed, alias) > (${accessed}::text::timestamptz, ${rest}::text)
              order by alias_accesses.accessed, alias
              limit ${size}
            ) as page`.raw(),
          { class: 'bulk', signal },
        ),
        ({ accessed, alias }: Line) => `${accessed},${alias}`,
      );
    };
  }

  return {
    /** Records an access. A stored time never moves backwards. */
    async accessed(alias: string, at: string | undefined): Promise<void> {
      const known = await writes.call({ alias, at: at === undefined ? null : utcOf(at) });
      if (!known) throw notFound('alias_not_found', `There is no alias "${alias}".`);
    },

    /** Streams the aliases whose last access is before a time, oldest first. */
    olderAliases(olderThan: string, range: Range): Promise<AsyncIterable<Chunk>> {
      return keysetStream(readOlder(utcOf(olderThan)), range);
    },

    async removeAccess(alias: string): Promise<void> {
      await db.run((sql) => sql`delete from alias_accesses where alias = ${alias}`);
    },
  };
}

export type AliasAccessRepo = ReturnType<typeof aliasAccessRepo>;
