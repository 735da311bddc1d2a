import type { Reason } from '../outcome.js';
import type { Source } from './source.js';

/**
 * What a dry run has to remember, because it adds nothing: which parents and files an import would have left behind, and
 * which files it would have given to an owner.
 */
export class Rehearsal {
  /** Files that the source uses more than once, and whether a row before has got the file. */
  readonly #repeated: Map<string, boolean>;
  readonly #missing = new Set<string>();
  readonly #keys = new Set<string>();

  private constructor(repeated: string[]) {
    this.#repeated = new Map(repeated.map((file) => [file, false]));
  }

  static async of({ sql }: Source): Promise<Rehearsal> {
    const rows = await sql<{ identifier: string }[]>`
      select identifier
      from (
        select identifier from hashes
        union all
        select motion_identifier from hashes where motion_identifier is not null
        union all
        select identifier from variants
      ) as file
      group by identifier
      having count(*) > 1`;
    return new Rehearsal(rows.map(({ identifier }) => identifier));
  }

  /** Gives files to an owner. Returns false if a row before has got one of them. */
  take(files: string[]): boolean {
    if (files.some((file) => this.#repeated.get(file))) return false;
    for (const file of files) if (this.#repeated.has(file)) this.#repeated.set(file, true);
    return true;
  }

  /** Gives a unique key to a row. Returns false if a row before has it. */
  takeKey(key: string | undefined): boolean {
    if (key === undefined) return true;
    const isFree = !this.#keys.has(key);
    this.#keys.add(key);
    return isFree;
  }

  /** @param brings the names that other rows need, as `table key` */
  leave(brings: string[], reason: Reason): void {
    for (const name of brings) {
      // Another row brings a file that is used twice.
      const isBrought = reason === 'identifier_used' && this.#repeated.has(name.replace(/^files /, ''));
      if (!isBrought) this.#missing.add(name);
    }
  }

  lacks(name: string): boolean {
    return this.#missing.has(name);
  }
}
