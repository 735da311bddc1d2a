import type { Database } from '../../database/database.js';
import { throughSlicesUntil } from '../slices.js';
import { add, bySize, figuresOf, type Group, Largest, none } from './figures.js';
import { addVariants, variantsAfter } from './heavy.js';
import { type OwnerPlace, ownerSlice } from './owner-slice.js';
import type { Heavy, OfVariants } from './variants-sql.js';

/**
 * Counts the contents of each owner, one owner after the other, so that any number of owners needs little memory. It
 * takes longer than the pass over all contents, because the contents of an owner are not together on disk.
 */
export async function countOwners(db: Database, until: number): Promise<Largest> {
  const remainders = new Map<string, Promise<OfVariants>>();

  /** Adds the remaining variants of contents that have too many for a slice. They are counted once for all owners. */
  async function complete(group: OfVariants & { heavy: Heavy[] }): Promise<void> {
    for (const heavy of group.heavy) {
      const remainder = remainders.get(heavy.hash) ?? variantsAfter(db, heavy, until);
      remainders.set(heavy.hash, remainder);
      addVariants(group, await remainder);
    }
  }

  const owners = new Largest(bySize);
  // One group is open at a time, because the slices are in the order of the owners.
  let current: Group | undefined;
  await throughSlicesUntil(until, { owner: '', hash: '' }, async (place: OwnerPlace, size) => {
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
  return owners;
}
