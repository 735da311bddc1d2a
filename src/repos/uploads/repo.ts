import { randomBytes } from 'node:crypto';
import type { Database } from '../../database/database.js';
import { gatheredRead } from '../../database/gathered-read.js';
import { notFound, Problem } from '../../problems.js';
import type { ReleaseAlias } from '../media/release.js';
import { sha256 } from '../values.js';
import type { WaitingReads, WaitOptions } from '../waiting-reads.js';
import { discardStatement, forgetStatement } from './removal.js';
import {
  CLAIM_CONFLICTS,
  claimStatement,
  completeStatement,
  createStatement,
  type Result,
  type StateRow,
  statesStatement,
} from './statements.js';

interface Dependencies {
  waits: WaitingReads;
  release: ReleaseAlias;
  retentionHours: number;
}

/** What a discard without an alias has removed. */
const NOTHING_REMOVED = { aliases: [], hashes: [], variants: [], identifiers: [] };

/** UploadRepo of pict-rs: uploads that are accepted now, processed later, and then claimed by their sender. */
export function uploadsRepo(db: Database, { waits, release, retentionHours }: Dependencies) {
  const states = waits.of<string, StateRow>({
    kind: 'upload',
    nameOf: (id) => id,
    read: gatheredRead(db, statesStatement),
    isSettled: ({ state }) => state !== 'pending',
  });

  return {
    async create(queue: string | undefined) {
      const id = randomBytes(16).toString('hex');
      const [times] = await db.run((sql) => createStatement(sql, id, queue, retentionHours));
      return { id, state: 'pending', claimed: false, ...times };
    },

    /** Stores the result. The same result again changes nothing. */
    async complete(id: string, result: Result): Promise<void> {
      const digest = sha256(result.token ?? '');
      const [row] = await db.run((sql) => completeStatement(sql, id, result, digest, retentionHours));
      if (!row) throw uploadNotFound(id);
      if (row.was_complete && !row.is_same)
        throw new Problem('upload_completed', 'The upload was completed with another result.');
      states.changed(id);
    },

    /** Waits until there is a result or the time is over. */
    async upload(id: string, wait: WaitOptions) {
      const { state, message, code, ...rest } = await states.read(id, wait);
      if (state === null) throw uploadNotFound(id);
      return { id, state, ...rest, ...(message !== null && { message }), ...(code !== null && { code }) };
    },

    /** Gives the result to one claimer only, which can ask for it again. */
    async claim(id: string, claimer: string) {
      const [row] = await db.run((sql) => claimStatement(sql, id, sha256(claimer), retentionHours), {
        conflicts: CLAIM_CONFLICTS,
      });
      if (!row) throw uploadNotFound(id);
      const { outcome, alias, token, message, code } = row;
      if (outcome === 'pending') throw new Problem('upload_pending', 'The upload has no result yet.');
      if (outcome === 'foreign')
        throw new Problem('upload_claimed', 'Another claimer has claimed the upload before.');
      return alias === null
        ? { id, state: 'failed', message, code }
        : { id, state: 'completed', alias, token };
    },

    /** Removes an upload, and releases its alias if nobody has claimed it. Returns what was removed. */
    async discard(id: string, enqueue: string | undefined) {
      const [unclaimed] = await db.run((sql) => discardStatement(sql, id));
      states.changed(id);
      if (!unclaimed) return { removed: NOTHING_REMOVED };
      const { alias, token, queue } = unclaimed;
      const released = await release(alias, token, { enqueue: enqueue ?? queue ?? undefined });
      await db.run((sql) => forgetStatement(sql, id));
      return released ?? { removed: NOTHING_REMOVED };
    },
  };
}

export type UploadsRepo = ReturnType<typeof uploadsRepo>;

function uploadNotFound(id: string): Problem {
  return notFound('upload_not_found', `There is no upload ${id}: never created, expired or discarded.`);
}
