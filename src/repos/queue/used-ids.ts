import { Problem } from '../../problems.js';
import type { Item } from './push.js';

/** Ids that clients made, and that were given to another job. */

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
  const firsts = new Map<string, Item>();
  for (const item of items) {
    const first = firsts.get(item.id);
    if (isOtherThan(item, first)) throw idUsed(item.id);
    if (!first) firsts.set(item.id, item);
  }
}
