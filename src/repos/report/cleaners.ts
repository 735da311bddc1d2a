import type { Database, Sql } from '../../database/database.js';
import type { InsertJobs } from '../enqueue.js';
import { FILE_CONFLICTS } from '../file-owner.js';
import type { Remover } from '../media/remover.js';
import { type Finder, type Look, nextPlace, type Place } from './look.js';
import type { RemovalPass, removeWithoutAlias } from './remove-contents.js';

interface CleanPass {
  look: Look;
  limit: number;
  enqueue?: string | undefined;
  dry_run?: boolean | undefined;
}

/** What a pass has cleaned, or what a dry run would clean. */
export interface Cleaned {
  removed: RemovalPass['removed'];
  repaired: string[];
  next: Place | null;
}

export type Cleaner = (pass: CleanPass) => Promise<Cleaned>;

/** Makes the cleaners of contents and of files from their statements. One statement decides and removes. */
export function cleanersOf(db: Database, remover: Remover) {
  function ofContents(statement: typeof removeWithoutAlias): Cleaner {
    return async ({ look, limit, ...pass }) => {
      for (let atOnce = limit; ; atOnce = Math.ceil(atOnce / 2)) {
        const { removed, next } = await remover.remove(pass, (sql, options) =>
          statement(sql, { look, limit: atOnce, options }),
        );
        // Contents were left for the next pass, which begins at the same place. A dry run would find the same ones again.
        const isStuck = pass.dry_run === true && next?.join() === look.after.join();
        if (!isStuck || atOnce === 1) return { removed, repaired: [], next };
      }
    };
  }

  /** Finds files, and condemns or repairs them by a second statement, which checks them again. */
  function ofFiles(
    finder: Finder,
    decide: (sql: Sql, identifiers: string[], look: Look, insertJobs: InsertJobs) => Decision,
    isRepaired = false,
  ): Cleaner {
    return async ({ look, limit, ...pass }) => {
      const [found] = await db.run((sql) => findStatement(sql, finder, look, limit));
      const { identifiers = [], next = null } = found ?? {};
      if (pass.dry_run || identifiers.length === 0) {
        const [removed, repaired] = isRepaired ? [[], identifiers] : [identifiers, []];
        return { removed: ofIdentifiers(removed), repaired, next };
      }
      const [decided] = await db.run(
        (sql) => decide(sql, identifiers, look, remover.optionsFor(sql, pass).insertJobs),
        // Not repeated after a lost connection: a second run could not return what the first one condemned.
        { conflicts: FILE_CONFLICTS, idempotent: false },
      );
      const { removed = [], repaired = [] } = decided ?? {};
      remover.pushed(pass, removed.length);
      return { removed: ofIdentifiers(removed), repaired, next };
    };
  }

  return { ofContents, ofFiles };
}

type Decision = PromiseLike<readonly { removed: string[]; repaired: string[] }[]>;

function ofIdentifiers(identifiers: string[]): Cleaned['removed'] {
  return { aliases: [], hashes: [], variants: [], identifiers };
}

function findStatement(sql: Sql, finder: Finder, look: Look, limit: number) {
  return sql<{ identifiers: string[]; next: Place | null }[]>`
    with ${finder.looked(sql, look)}
    select
      coalesce((select json_agg(identifier order by m) from found where m <= ${limit}), '[]') as identifiers,
      ${nextPlace(sql, finder, look, limit)} as next`;
}
