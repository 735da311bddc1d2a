import type { Database } from '../../database/database.js';
import { TransferError } from '../error.js';
import { Outcome } from '../outcome.js';
import { type Output, Progress } from '../progress.js';
import { hashes, variants } from './contents.js';
import { jobQueue } from './jobs.js';
import { aliases, proxies } from './names.js';
import { details, settings, storeMigrations } from './others.js';
import type { RunnablePart } from './part.js';
import { Rehearsal } from './rehearsal.js';
import { readSource, type Source } from './source.js';
import { uploads } from './uploads.js';

/** The tables, parents before children. Details belong to the files of hashes and variants. */
const PARTS: RunnablePart[] = [
  settings,
  storeMigrations,
  hashes,
  variants,
  aliases,
  proxies,
  details,
  uploads,
  jobQueue,
];

/** About how many rows of a table are compared again after an import. */
const SAMPLE_ROWS = 20_000;

interface ImportOptions {
  url: string;
  passwordFile: string | undefined;
  dryRun: boolean;
  outcome: Outcome;
  /** Where progress is shown. */
  output: Output;
  /** Gets a function that ends the session of the source. */
  onOpen: (close: () => Promise<void>) => void;
}

/**
 * Imports the database of a pict-rs 0.5. Existing rows are not changed, so an import that was interrupted can be
 * continued, and a second run changes nothing.
 *
 * @throws TransferError if imported rows differ from the source afterwards
 */
export async function importPictRs(db: Database, options: ImportOptions): Promise<void> {
  const { dryRun, outcome, output } = options;
  await readSource(
    options,
    async (source) => {
      const parts = PARTS.filter(({ table }) => source.has(table, KEYS[table] ?? ''));
      const counts = new Map<string, number>();
      for (const part of parts) {
        counts.set(part.table, await part.count(source));
        outcome.tally(part.table);
      }
      const progress = new Progress(
        [...counts.values()].reduce((sum, rows) => sum + rows, 0),
        output,
      );
      const rehearsal = dryRun ? { rehearsal: await Rehearsal.of(source) } : {};
      const way = { db, outcome, progress, adds: !dryRun, oneOf: 1, ...rehearsal };
      for (const part of parts) await part.run(source, way);
      if (!dryRun) await verify(db, source, parts, counts, outcome);
      progress.end();
    },
    options.onOpen,
  );
}

/** The key column of each table. If the source has no such column, it has no such table. */
const KEYS: Record<string, string> = {
  settings: 'key',
  store_migrations: 'old_identifier',
  hashes: 'hash',
  variants: 'variant',
  aliases: 'alias',
  proxies: 'url',
  details: 'identifier',
  uploads: 'id',
  job_queue: 'id',
};

/** Checks that every row was counted, and that a sample of them is stored byte for byte with its parents. */
async function verify(
  db: Database,
  source: Source,
  parts: RunnablePart[],
  counts: Map<string, number>,
  outcome: Outcome,
): Promise<void> {
  for (const part of parts) {
    const { read, added, existing, left } = outcome.tally(part.table);
    const rows = counts.get(part.table) ?? 0;
    if (read !== rows || added + existing + left !== rows) {
      throw new TransferError(
        `${part.table} has ${rows} rows, of which ${read} were read and ${added + existing + left} accounted for.`,
      );
    }
    const again = new Outcome(undefined);
    const way = { db, outcome: again, progress: new Progress(0, SILENT), adds: false };
    await part.run(source, { ...way, oneOf: 2 ** Math.max(0, Math.ceil(Math.log2(rows / SAMPLE_ROWS))) });
    const { added: missing } = again.tally(part.table);
    // A row that was left behind for another reason may differ from one with its key that was added.
    const other = again.leftFor(part.table, 'differs') - left;
    if (missing > 0 || other > 0) {
      throw new TransferError(
        `Of a sample of the imported rows of ${part.table}, ${missing} are missing and ${Math.max(other, 0)} are others. ` +
          'If nobody has changed them meanwhile, this is a fault of pict-repo.',
      );
    }
  }
}

const SILENT = { write: () => true };
