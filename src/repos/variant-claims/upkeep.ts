import type { Database } from '../../database/database.js';
import { Repeater } from '../repeater.js';
import { forgetStatement } from './forget.js';

interface Dependencies {
  db: Database;
  onError: (error: unknown, message: string) => void;
}

const AT_ONCE = 1000;

/** Removes claims that ended or expired some time ago, in the background. */
export class ClaimUpkeep {
  readonly #db: Database;
  readonly #repeater: Repeater;
  #isStopped = false;

  constructor({ db, onError }: Dependencies) {
    this.#db = db;
    this.#repeater = new Repeater(onError);
  }

  start(): void {
    this.#repeater.every([2000, 4000], () => this.#forget(), 'ended claims could not be removed');
  }

  stop(): void {
    this.#isStopped = true;
    this.#repeater.stop();
  }

  async #forget(): Promise<number> {
    for (;;) {
      const beganAt = performance.now();
      const [row] = await this.#db.run((sql) => forgetStatement(sql, AT_ONCE));
      if (!row || row.forgotten < AT_ONCE || this.#isStopped) return performance.now() - beganAt;
    }
  }
}
