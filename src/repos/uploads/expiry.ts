import type { Database } from '../../database/database.js';
import type { ReleaseAlias } from '../media/release.js';
import { Repeater } from '../repeater.js';
import { expireStatement, forgetStatement, type Unclaimed } from './removal.js';

interface Dependencies {
  db: Database;
  release: ReleaseAlias;
  onError: (error: unknown, message: string) => void;
}

const UPLOADS_PER_RUN = 100;

/**
 * Removes expired uploads, and releases those of their aliases that nobody has claimed, each in a statement of its own.
 * If a release fails or waits for a lock too long, the upload is tried again later, and the others go on.
 */
export class UploadExpiry {
  readonly #with: Dependencies;
  readonly #repeater: Repeater;
  #isStopped = false;

  constructor(dependencies: Dependencies) {
    this.#with = dependencies;
    this.#repeater = new Repeater(dependencies.onError);
  }

  start(): void {
    this.#repeater.every([1000, 2000], () => this.#expire(), 'the search for expired uploads failed');
  }

  stop(): void {
    this.#isStopped = true;
    this.#repeater.stop();
  }

  async #expire(): Promise<number> {
    for (;;) {
      const beganAt = performance.now();
      const [row] = await this.#with.db.run((sql) => expireStatement(sql, UPLOADS_PER_RUN));
      for (const one of row?.unclaimed ?? []) {
        if (this.#isStopped) break;
        await this.#release(one);
      }
      if (!row || row.due < UPLOADS_PER_RUN || this.#isStopped) return performance.now() - beganAt;
    }
  }

  async #release({ id, alias, token, queue }: Unclaimed): Promise<void> {
    const { db, release, onError } = this.#with;
    try {
      await release(alias, token, { enqueue: queue ?? undefined, lockTimeout: 'long' });
      await db.run((sql) => forgetStatement(sql, id));
    } catch (error) {
      onError(
        error,
        `the alias of the unclaimed upload ${id} could not be released, and is tried again later`,
      );
    }
  }
}
