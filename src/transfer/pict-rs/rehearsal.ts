import type { Reason } from '../outcome.js';
import type { Source } from './source.js';
import { repairedUuid } from './values.js';

/** What the database says of a row, or what it would say after the rows before. */
type Verdict = 'new' | 'existing' | Reason;

/** A row that was judged. */
interface Judged {
  verdict: Verdict;
  /** The names that it brings to other rows, as `table key`. */
  brings: string[];
  /** Its files, as they are stored. */
  files: string[];
  uniqueKey: string | undefined;
  item: object;
}

/** A parent of rows. */
export interface Parent {
  /** As `table key`. */
  name: string;
  content?: string | undefined;
}

/** What a dry run has to remember, because it adds nothing: which names an import would have brought, and which not. */
export class Rehearsal {
  /** Names that several rows of the source bring, with the row that an import would have added. */
  readonly #repeated: Map<string, { item: object } | undefined>;
  readonly #missing = new Set<string>();
  readonly #keys = new Set<string>();

  private constructor(repeated: string[]) {
    this.#repeated = new Map(repeated.map((name) => [name, undefined]));
  }

  static async of({ sql, has }: Source): Promise<Rehearsal> {
    const files = await sql<{ identifier: string }[]>`
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
    // The alias that a garbled one is repaired to may have a row of its own.
    const garbled = await sql<{ alias: string }[]>`
      select alias
      from (
        select alias from aliases
        ${has('proxies', 'url') ? sql`union select alias from proxies` : sql``}
        ${has('uploads', 'id') ? sql`union select result -> 'Success' ->> 'alias' from uploads` : sql``}
      ) as name
      where case
        when octet_length(alias) between 16 and 22 then get_byte(convert_to(alias, 'UTF8'), 6) >> 4 = 4
      end`;
    return new Rehearsal([
      ...files.map(({ identifier }) => `files ${identifier}`),
      ...garbled.flatMap(({ alias }) => {
        const uuid = repairedUuid(alias);
        return uuid === undefined ? [] : [`aliases ${uuid}`];
      }),
    ]);
  }

  /** The verdict on a row, in view of those before. */
  judge({ verdict, brings, files, uniqueKey, item }: Judged): Verdict {
    const isTaken = (file: string | undefined): boolean =>
      file !== undefined && this.#repeated.get(`files ${file}`) !== undefined;
    // An import looks at the first file first.
    if (verdict === 'identifier_condemned' && isTaken(files[0])) return 'identifier_used';
    if (verdict !== 'new') return verdict;
    if (files.some(isTaken)) return 'identifier_used';
    for (const name of brings) {
      const before = this.#repeated.get(name);
      if (before) return JSON.stringify(before.item) === JSON.stringify(item) ? 'existing' : 'differs';
    }
    if (uniqueKey !== undefined && this.#keys.has(uniqueKey)) return 'unique_key_used';
    if (uniqueKey !== undefined) this.#keys.add(uniqueKey);
    for (const name of brings) if (this.#repeated.has(name)) this.#repeated.set(name, { item });
    return 'new';
  }

  /** @param brings the names that the row would have brought. Another row may bring those that are repeated. */
  leave(brings: string[]): void {
    for (const name of brings) if (!this.#repeated.has(name)) this.#missing.add(name);
  }

  /** Whether an import has not brought a parent. Undefined if the source alone tells. */
  lacks({ name, content }: Parent): boolean | undefined {
    if (this.#repeated.has(name)) {
      const brought = this.#repeated.get(name)?.item;
      const isOther = content !== undefined && brought && 'hash' in brought && brought.hash !== content;
      return !brought || isOther === true;
    }
    return this.#missing.has(name) ? true : undefined;
  }
}
