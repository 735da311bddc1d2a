import type { Database } from '../../database/database.js';
import { FORMATS, UNKNOWN } from '../formats.js';
import { SharedResult } from '../shared-result.js';
import { throughSlicesUntil } from '../slices.js';
import { type ContentGroup, type ContentPlace, contentSlice, type HeavyContent } from './content-slice.js';
import { countOwners } from './count-owners.js';
import {
  add,
  byMonth,
  bySize,
  type Figures,
  figuresOf,
  type Groups,
  Largest,
  none,
  Tally,
} from './figures.js';
import { ownersOfContent, variantsAfter } from './heavy.js';
import type { By } from './schema.js';

/** A count is given up after this time. */
const MAX_MS = 30 * 60_000;
/** The most owners whose figures are kept in memory at once, about 50 MB. */
const MAX_OWNERS = 250_000;

export interface AllUsage {
  /** When the count began. */
  as_of: string;
  total: Figures;
  by: Record<By, Groups>;
}

/** The use of the disk. */
export function usageRepo(db: Database) {
  const counted = new SharedResult(() => countUsage(db));
  return {
    /**
     * Numbers and bytes of files, grouped by one aspect. One count gives all aspects, and serves all concurrent
     * requests.
     */
    async usage(by: By, maxAgeSeconds?: number) {
      const { as_of, total, by: all } = await counted.read(maxAgeSeconds);
      return { by, as_of, ...all[by], total };
    },
  };
}

export type UsageRepo = ReturnType<typeof usageRepo>;

/**
 * Counts everything in one pass over all contents. If there are more than `maxOwners` owners, theirs is a second pass.
 */
export async function countUsage(db: Database, maxOwners: number = MAX_OWNERS): Promise<AllUsage> {
  const until = performance.now() + MAX_MS;
  const tallies = { format: new Tally(), kind: new Tally(), age: new Tally() };
  const [total, unowned] = [none(), none()];
  let owners: Map<string, Figures> | undefined = new Map();
  let asOf: string | undefined;

  function count(group: ContentGroup): void {
    const figures = figuresOf(group);
    add(total, figures);
    tallies.format.add(group.format === null ? UNKNOWN : (FORMATS[group.format] ?? UNKNOWN), figures);
    tallies.age.add(group.month ?? 'unknown', figures);
    const { contents, bytes, unsized, motions, variants, variant_bytes, variants_unsized } = group;
    tallies.kind.add('original', { contents, files: contents, bytes, unsized });
    tallies.kind.add('motion', { contents: motions, files: motions, bytes: 0, unsized: motions });
    tallies.kind.add('variant', {
      contents: group.with_variants,
      files: variants,
      bytes: variant_bytes,
      unsized: variants_unsized,
    });
  }

  function countFor(owner: string, figures: Figures): void {
    const known = owners?.get(owner);
    if (known) add(known, figures);
    else owners?.set(owner, { ...figures });
    if (owners && owners.size > maxOwners) owners = undefined;
  }

  async function countHeavy(content: HeavyContent): Promise<void> {
    const hash = content.heavy;
    const whole = { ...content, ...(await variantsAfter(db, { hash, variant: '' }, until)) };
    count(whole);
    const figures = figuresOf(whole);
    const names = await ownersOfContent(db, hash, { max: maxOwners, until });
    if (names.size === 0) add(unowned, figures);
    for (const name of names) countFor(name, figures);
  }

  /** Reads a slice, or a smaller one if its contents have too many owners. */
  async function read(place: ContentPlace, size: number) {
    for (let smaller = size; ; smaller = Math.ceil(smaller / 4)) {
      const [slice] = await db.run((sql) => contentSlice(sql, place, smaller), { class: 'bulk' });
      if (!slice || slice.owned) return slice;
    }
  }

  await throughSlicesUntil(until, { at: '-infinity', hash: '' }, async (place: ContentPlace, size) => {
    const slice = await read(place, size);
    if (!slice) return undefined;
    asOf ??= slice.now;
    for (const group of slice.groups) count(group);
    for (const { owner, ...group } of slice.owned ?? []) {
      if (owner === null) add(unowned, figuresOf(group));
      else countFor(owner, figuresOf(group));
    }
    for (const content of slice.heavy) await countHeavy(content);
    return slice.last ?? undefined;
  });

  const byOwner = owners ? largestOf(owners) : await countOwners(db, until);
  if (unowned.files > 0) byOwner.add({ name: null, ...unowned });

  return {
    as_of: asOf ?? '',
    total,
    by: {
      format: tallies.format.in(bySize),
      kind: tallies.kind.in(bySize),
      age: tallies.age.in(byMonth),
      owner: byOwner.groups(),
    },
  };
}

function largestOf(owners: Map<string, Figures>): Largest {
  const largest = new Largest(bySize);
  for (const [name, figures] of owners) largest.add({ name, ...figures });
  return largest;
}
