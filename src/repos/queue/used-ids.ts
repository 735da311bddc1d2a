import type { Database } from '../../database/database.js';
import { Problem } from '../../problems.js';
import { findStanding } from './insert.js';
import type { Item, Placed } from './push.js';

/** The ids that clients made, and that were given to another job before: of several jobs none may be pushed then. */

/** The same id, in another queue or with other bytes. */
export function isOtherThan(item: Item, namesake: Item | undefined): boolean {
  return namesake !== undefined && (item.queue !== namesake.queue || item.job !== namesake.job);
}

export function idUsed(id: string): Problem {
  return new Problem(
    'job_id_used',
    `The id ${id} was given to another job: in another queue, or with other bytes.`,
  );
}

/** Fails where two of these have the same id, but are not the same job. */
export function refuseTwins(items: Item[]): void {
  const clash = findClash(items, new Map());
  if (clash) throw idUsed(clash.id);
}

/** What a group is answered that shares an id with another job of the same statement: it is to be tried after that. */
export const NOT_YET: Placed[] = [];

/** The groups of several jobs that cannot be pushed now, with what they are answered. Of a single job its statement tells. */
export async function findRefused(db: Database, groups: Item[][]): Promise<Map<Item[], Placed[]>> {
  const refused = new Map<Item[], Placed[]>();
  const several = groups.filter((group) => group.length > 1);
  const named = several.flatMap((group) => group.filter(isNamed));
  if (named.length === 0) return refused;
  const standing = await findStanding(db, named);
  const used = new Set(named.filter((_, at) => standing[at]?.isOther));
  const pushed = new Map<string, Item>();
  for (const group of groups) {
    if (group.length > 1 && group.some((item) => used.has(item))) refused.set(group, group.map(answer));
    else if (group.length > 1 && findClash(group, pushed)) refused.set(group, NOT_YET);
    else for (const item of group.filter(isNamed)) pushed.set(item.id, pushed.get(item.id) ?? item);
  }
  return refused;

  function answer(item: Item): Placed {
    return {
      id: item.id,
      duplicate: true,
      handedOver: false,
      adrift: undefined,
      isOther: used.has(item),
    };
  }
}

/** The first whose id has another job, here or among those. */
function findClash(items: Item[], known: Map<string, Item>): Item | undefined {
  const own = new Map<string, Item>();
  return items.filter(isNamed).find((item) => {
    const namesake = known.get(item.id) ?? own.get(item.id);
    own.set(item.id, item);
    return isOtherThan(item, namesake);
  });
}

function isNamed({ ownId }: Item): boolean {
  return !ownId;
}
