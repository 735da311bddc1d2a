import type { Database } from '../../database/database.js';
import { unavailable } from '../../problems.js';
import { FORMATS, UNKNOWN } from '../formats.js';
import { throughSlices } from '../slices.js';
import { bytes } from '../values.js';
import {
  add,
  byMonth,
  bySize,
  type Figures,
  type Group,
  type Groups,
  Largest,
  none,
  Tally,
} from './figures.js';
import type { By } from './schema.js';
import {
  type ContentGroup,
  type ContentPlace,
  contentSlice,
  type Heavy,
  moreVariants,
  type OfVariants,
  type OwnerPlace,
  ownerSlice,
} from './slice-sql.js';

/** What takes longer than this is given up. */
const MAX_MS = 30 * 60_000;

export interface AllUsage {
  /** When the count began. */
  as_of: string;
  total: Figures;
  by: Record<By, Groups>;
}

/** Counts everything, in two passes: of the contents, and of the contents of each owner. */
export async function countUsage(db: Database): Promise<AllUsage> {
  const until = performance.now() + MAX_MS;
  const remainders = new Map<string, Promise<OfVariants>>();
  const tallies = { format: new Tally(), kind: new Tally(), age: new Tally() };
  const [total, unowned] = [none(), none()];
  let asOf: string | undefined;

  /** The variants of a content beyond those that its slice has looked at. */
  async function remainderOf({ hash, variant }: Heavy): Promise<OfVariants> {
    const sum = { variants: 0, variant_bytes: 0, variants_unsized: 0 };
    await within(until, variant, async (place: string, size) => {
      const [row] = await db.run((sql) => moreVariants(sql, { hash: bytes(hash), variant: place }, size), {
        class: 'bulk',
      });
      if (row) addVariants(sum, row);
      return row?.last ?? undefined;
    });
    return sum;
  }

  /** Adds what is left of the contents that have too many variants for a slice; each is counted once. */
  async function complete(group: OfVariants & { heavy: Heavy[] }): Promise<void> {
    for (const heavy of group.heavy) {
      const remainder = remainders.get(heavy.hash) ?? remainderOf(heavy);
      remainders.set(heavy.hash, remainder);
      addVariants(group, await remainder);
    }
  }

  function count(group: ContentGroup): void {
    const figures = figuresOf(group);
    add(total, figures);
    if (!group.has_owner) add(unowned, figures);
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

  await within(until, { at: '-infinity', hash: '' }, async (place: ContentPlace, size) => {
    const [slice] = await db.run((sql) => contentSlice(sql, place, size), { class: 'bulk' });
    asOf ??= slice?.now;
    const groups = slice?.groups ?? [];
    for (const group of groups) await complete(group);
    for (const group of groups) count(group);
    return slice?.last ?? undefined;
  });

  const owners = new Largest(bySize);
  // The contents of an owner come one after the other.
  let current: Group | undefined;
  await within(until, { owner: '', hash: '' }, async (place: OwnerPlace, size) => {
    const [slice] = await db.run((sql) => ownerSlice(sql, place, size), { class: 'bulk' });
    const groups = slice?.groups ?? [];
    for (const group of groups) await complete(group);
    for (const group of groups) {
      if (current?.name !== group.owner) {
        if (current) owners.add(current);
        current = { name: group.owner, ...none() };
      }
      add(current, figuresOf(group));
    }
    return slice?.last ?? undefined;
  });
  if (current) owners.add(current);
  if (unowned.files > 0) owners.add({ name: null, ...unowned });

  return {
    as_of: asOf ?? '',
    total,
    by: {
      format: tallies.format.in(bySize),
      kind: tallies.kind.in(bySize),
      age: tallies.age.in(byMonth),
      owner: owners.groups(),
    },
  };
}

/** @throws Problem 503 `overloaded` where the time is over */
async function within<Place>(
  until: number,
  first: Place,
  read: (place: Place, size: number) => Promise<Place | undefined>,
): Promise<void> {
  const isDone = await throughSlices(first, read, until - performance.now());
  if (!isDone) throw unavailable('overloaded', 'The count took too long.');
}

function figuresOf(
  group: Pick<ContentGroup, 'contents' | 'motions' | 'bytes' | 'unsized'> & OfVariants,
): Figures {
  const { contents, motions, variants } = group;
  return {
    contents,
    files: contents + motions + variants,
    bytes: group.bytes + group.variant_bytes,
    unsized: group.unsized + motions + group.variants_unsized,
  };
}

function addVariants(to: OfVariants, { variants, variant_bytes, variants_unsized }: OfVariants): void {
  to.variants += variants;
  to.variant_bytes += variant_bytes;
  to.variants_unsized += variants_unsized;
}
