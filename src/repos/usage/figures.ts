import { MAX_GROUPS } from './schema.js';
import type { OfVariants } from './variants-sql.js';

/** The figures of a group. */
export interface Figures {
  contents: number;
  files: number;
  bytes: number;
  unsized: number;
}

export interface Group extends Figures {
  name: string | null;
}

export interface Groups {
  groups: Group[];
  others?: Figures & { groups: number };
}

export function none(): Figures {
  return { contents: 0, files: 0, bytes: 0, unsized: 0 };
}

export function add(to: Figures, { contents, files, bytes, unsized }: Figures): void {
  to.contents += contents;
  to.files += files;
  to.bytes += bytes;
  to.unsized += unsized;
}

/** The figures of contents with their motion files and variants. */
export function figuresOf(
  group: { contents: number; motions: number; bytes: number; unsized: number } & OfVariants,
): Figures {
  const { contents, motions, variants } = group;
  return {
    contents,
    files: contents + motions + variants,
    bytes: group.bytes + group.variant_bytes,
    unsized: group.unsized + motions + group.variants_unsized,
  };
}

/** Adds figures up by the name of their group. All groups are kept in memory, so it is for few names. */
export class Tally {
  readonly #groups = new Map<string | null, Group>();

  add(name: string | null, figures: Figures): void {
    const group = this.#groups.get(name);
    if (group) add(group, figures);
    else this.#groups.set(name, { name, ...figures });
  }

  /** The groups that have files, sorted. */
  in(order: (one: Group, other: Group) => number): Groups {
    const largest = new Largest(order);
    for (const group of this.#groups.values()) if (group.files > 0) largest.add(group);
    return largest.groups();
  }
}

/** Keeps the first groups by an order, out of any number of groups. The others are only added up. */
export class Largest {
  readonly #order: (one: Group, other: Group) => number;
  readonly #others = { groups: 0, ...none() };
  #groups: Group[] = [];

  constructor(order: (one: Group, other: Group) => number) {
    this.#order = order;
  }

  add(group: Group): void {
    this.#groups.push(group);
    if (this.#groups.length > 2 * MAX_GROUPS) this.#cut();
  }

  groups(): Groups {
    this.#cut();
    return { groups: this.#groups, ...(this.#others.groups > 0 && { others: this.#others }) };
  }

  #cut(): void {
    this.#groups.sort(this.#order);
    for (const group of this.#groups.splice(MAX_GROUPS)) {
      this.#others.groups++;
      add(this.#others, group);
    }
  }
}

export function bySize(one: Group, other: Group): number {
  return other.bytes - one.bytes || other.files - one.files || compare(one.name ?? '', other.name ?? '');
}

/** Orders months, the newest first and the unknown month last. */
export function byMonth(one: Group, other: Group): number {
  return compare(monthOf(other), monthOf(one));
}

const monthOf = ({ name }: Group): string => (name === 'unknown' ? '' : (name ?? ''));

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
