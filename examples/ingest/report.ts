import { printable, quoted } from '../printable.js';

/** The records of an upload, and whether this upload has created each of them. */
export type Uploaded = Partial<Record<What, { created: boolean }>>;
type What = 'files' | 'aliases' | 'jobs';

const ORDER: What[] = ['files', 'aliases', 'jobs'];

/** Counts what has become of the files. */
export class Report {
  /** The number of files, and of folders that cannot be read. */
  total = 0;
  /** Hidden files, stores and the like. */
  leftOut = 0;
  readonly #counts = new Map<What, { created: number; there: number }>();
  readonly #tooLarge: string[] = [];
  readonly #broken: string[] = [];
  readonly #failed: string[] = [];
  #images = 0;
  #duplicates = 0;
  #others = 0;

  uploaded(uploaded: Uploaded): void {
    this.#images += 1;
    for (const what of ORDER) {
      const outcome = uploaded[what];
      if (!outcome) continue;
      const count = this.#counts.get(what) ?? { created: 0, there: 0 };
      count[outcome.created ? 'created' : 'there'] += 1;
      this.#counts.set(what, count);
    }
  }

  /** The same content as another file of the folder. */
  duplicate(): void {
    this.#duplicates += 1;
  }

  /** Not an image, or of a format that is not supported. */
  other(): void {
    this.#others += 1;
  }

  tooLarge(name: Buffer, pixels: number): void {
    this.#tooLarge.push(line(name, `${Math.ceil(pixels / 1_000_000)} megapixels`));
  }

  broken(name: Buffer, reason: string): void {
    this.#broken.push(line(name, reason));
  }

  failed(name: Buffer, error: unknown): void {
    this.#failed.push(line(name, reasonOf(error)));
  }

  /** Whether each image was uploaded. */
  get isGood(): boolean {
    return this.total === this.#images + this.#duplicates + this.#others;
  }

  progress(): string {
    return `${this.#done} of ${this.total} files, ${this.#failed.length} failed`;
  }

  text(): string {
    return [
      row('', 'created', 'was there'),
      ...[...this.#counts].map(([what, { created, there }]) => row(what, created, there)),
      '',
      row('images', this.#images),
      row('duplicates', this.#duplicates),
      row('other files', this.#others),
      row('left out', this.leftOut),
      ...list('too large', this.#tooLarge),
      ...list('broken', this.#broken),
      ...list('failed', this.#failed),
      ...(this.#done < this.total ? [row('not tried', this.total - this.#done)] : []),
    ].join('\n');
  }

  get #done(): number {
    const notIn = this.#tooLarge.length + this.#broken.length + this.#failed.length;
    return this.#images + this.#duplicates + this.#others + notIn;
  }
}

function line(name: Buffer, reason: string): string {
  return `${quoted(name)}: ${printable(reason)}`;
}

function list(name: string, lines: string[]): string[] {
  return [row(name, lines.length), ...lines.toSorted().map((line) => `  ${line}`)];
}

function row(name: string, ...values: (number | string)[]): string {
  return name.padEnd(10) + values.map((value) => String(value).padStart(11)).join('');
}

/** The code of a problem or of a system error, with its message. */
export function reasonOf(error: unknown): string {
  const message = messageOf(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
  // The messages of system errors begin with their code.
  return message.startsWith(`${code}: `) ? message : `${code}: ${message}`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
