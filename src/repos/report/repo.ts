import type { Database, Sql } from '../../database/database.js';
import type { InsertJobs } from '../enqueue.js';
import { condemnStatement } from '../files/condemnation.js';
import type { Remover } from '../media/remover.js';
import { SharedResult } from '../shared-result.js';
import { throughSlices } from '../slices.js';
import { utcTextOf } from '../time-text.js';
import { utcOf } from '../values.js';
import { type Cleaned, type Cleaner, cleanersOf } from './cleaners.js';
import { readCursor, toCursor } from './cursor.js';
import { detailsWithoutOwner, filesWithoutOwner, ownersWithoutFile } from './find-files.js';
import { type CleanableKind, KINDS, type Kind, type KindName, WITH_AGE, WITHOUT_AGE } from './kinds.js';
import { lookStatement, type Place } from './look.js';
import { removeBlocked, removeExpiredProxies, removeWithoutAlias } from './remove-contents.js';
import { repairMissing, repairOwners } from './repair-files.js';

interface CleanRequest {
  kind: CleanableKind;
  older_than?: string;
  limit?: number;
  after?: string;
  enqueue?: string;
  dry_run?: boolean;
}

const SAMPLES = 10;
/** How long a report looks for one kind. It then counts only what it has found so far. */
const MAX_KIND_MS = 20_000;
/** How many rows a statement of a pass reads, and how long a pass goes on without a finding. */
const PASS_SIZE = 5000;
const MAX_PASS_MS = 2000;
const DEFAULT_LIMIT = 100;

/** Finds what is left over or inconsistent, and cleans it. */
export function reportRepo(db: Database, remover: Remover) {
  const { ofContents, ofFiles } = cleanersOf(db, remover);

  const cleaners: Record<CleanableKind, Cleaner> = {
    hashes_without_alias: ofContents(removeWithoutAlias),
    blocked_contents: ofContents(removeBlocked),
    proxies_of_expired_aliases: ofContents(removeExpiredProxies),
    details_without_owner: ofFiles(detailsWithoutOwner, (sql, identifiers, { olderThan }, insertJobs) =>
      condemnedDetails(sql, identifiers, olderThan, insertJobs),
    ),
    files_without_owner: ofFiles(filesWithoutOwner, (sql, identifiers, _look, insertJobs) =>
      repairOwners(sql, identifiers, insertJobs),
    ),
    owners_without_file: ofFiles(
      ownersWithoutFile,
      (sql, identifiers) => repairMissing(sql, identifiers),
      true,
    ),
  };

  async function findingOf(kind: KindName, asOf: string) {
    const { description, finder, cleanedBy }: Kind = KINDS[kind];
    const found = { count: 0, samples: [] as object[] };
    const complete = await throughSlices<Place>(
      finder.start,
      async (after, size) => {
        const wanted = SAMPLES - found.samples.length;
        const [row] = await db.run(
          (sql) => lookStatement(sql, finder, { after, size, olderThan: 'infinity' }, wanted),
          { class: 'bulk' },
        );
        if (!row) return undefined;
        found.count += row.count;
        found.samples.push(...row.samples);
        return row.last ?? undefined;
      },
      MAX_KIND_MS,
    );
    return { kind, description, ...found, complete, clean: cleanedBy ?? cleaningOf(kind, asOf) };
  }

  async function make() {
    const [first] = await db.run((sql) => oldestAccess(sql), { class: 'bulk' });
    if (!first) throw new Error('The oldest accesses are one row.');
    const { as_of, ...oldest_access } = first;
    const findings = [];
    for (const kind of kindNames()) findings.push(await findingOf(kind, as_of));
    return { as_of, findings, oldest_access };
  }

  const report = new SharedResult(make);

  return {
    /** Everything that can be cleaned. One search serves all concurrent requests. */
    report: (maxAgeSeconds?: number) => report.read(maxAgeSeconds),

    /**
     * Cleans one kind, up to a limit. `next` says where to continue, also if a pass has found nothing for some time.
     */
    async clean({ kind, older_than, limit = DEFAULT_LIMIT, after, ...pass }: CleanRequest) {
      const olderThan = older_than === undefined ? 'infinity' : utcOf(older_than);
      const until = performance.now() + MAX_PASS_MS;
      let place = after === undefined ? undefined : readCursor(kind, after);
      for (;;) {
        const look = { after: place ?? KINDS[kind].finder.start, size: PASS_SIZE, olderThan };
        const { next, ...cleaned } = await cleaners[kind]({ ...pass, look, limit });
        if (next === null) return { ...cleaned, more: false };
        if (!isEmpty(cleaned) || performance.now() > until)
          return { ...cleaned, more: true, next: toCursor(kind, next) };
        place = next;
      }
    },
  };
}

function kindNames(): KindName[] {
  const names = Object.keys(KINDS);
  const isKind = (name: string): name is KindName => names.includes(name);
  return names.filter(isKind);
}

/** The request that cleans a kind, as a dry run. */
function cleaningOf(kind: KindName, asOf: string) {
  const hasAge = WITH_AGE.some((name) => name === kind);
  const isCleanable = hasAge || WITHOUT_AGE.some((name) => name === kind);
  if (!isCleanable) throw new TypeError(`"${kind}" has neither a cleaner nor a route that cleans it.`);
  return {
    operation: 'report.clean',
    method: 'POST',
    path: '/v1/report/clean',
    body: { kind, ...(hasAge && { older_than: asOf }), dry_run: true },
  };
}

function isEmpty({ removed, repaired }: Omit<Cleaned, 'next'>): boolean {
  return removed.aliases.length + removed.hashes.length + removed.identifiers.length + repaired.length === 0;
}

async function condemnedDetails(
  sql: Sql,
  identifiers: string[],
  olderThan: string,
  insertJobs: InsertJobs,
): Promise<{ removed: string[]; repaired: string[] }[]> {
  const rows = await condemnStatement(sql, identifiers, olderThan, insertJobs);
  return [{ removed: rows.map(({ identifier }) => identifier), repaired: [] }];
}

interface Oldest {
  as_of: string;
  alias: { alias: string; accessed: string } | null;
  variant: { hash: string; variant: string; accessed: string } | null;
}

function oldestAccess(sql: Sql) {
  return sql<Oldest[]>`
    select
      ${utcTextOf(sql, sql`clock_timestamp()`)} as as_of,
      (
        select json_build_object(
          'alias', alias,
          'accessed', ${utcTextOf(sql, sql`accessed`)}
        )
        from alias_accesses
        order by accessed, alias
        limit 1
      ) as alias,
      (
        select json_build_object(
          'hash', encode(hash, 'hex'),
          'variant', variant,
          'accessed', ${utcTextOf(sql, sql`accessed`)}
        )
        from variant_accesses
        order by accessed, variant_accesses.hash, variant
        limit 1
      ) as variant`;
}

export type ReportRepo = ReturnType<typeof reportRepo>;
