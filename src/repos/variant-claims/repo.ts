import { randomBytes } from 'node:crypto';
import type { Database } from '../../database/database.js';
import { gatheredRead } from '../../database/gathered-read.js';
import { Problem } from '../../problems.js';
import { hashNotFound, identifierCondemned, identifierUsed } from '../hashes/refusals.js';
import type { Remover } from '../media/remover.js';
import { sha256, type VariantKey } from '../values.js';
import type { WaitingReads, WaitOptions } from '../waiting-reads.js';
import { claimStatement } from './claim.js';
import { FINISH_CONFLICTS, failStatement, finishStatement } from './finish.js';
import { heartbeatStatement } from './heartbeat.js';
import { type StateRow, statesStatement } from './state.js';

interface Dependencies {
  waits: WaitingReads;
  remover: Remover;
}

/** The result of a claim: the claim itself, or the existing variant. */
export type Claimed =
  | { state: 'claimed'; token: string; lease_seconds: number; lease_expires_at: string }
  | { state: 'done'; identifier: string };

/** How a claim ends: with a file or with an error. */
interface End {
  error?: string | undefined;
  identifier?: string | undefined;
  bytes?: number | undefined;
  enqueue?: string | undefined;
}

/** Claims: the right to make a variant, which one worker has at a time. */
export function variantClaimsRepo(db: Database, { waits, remover }: Dependencies) {
  const states = waits.of<VariantKey, StateRow>({
    kind: 'variant',
    nameOf: ({ hash, variant }) => sha256(`${hash.toLowerCase()} ${variant}`).toString('base64url'),
    read: gatheredRead(db, statesStatement, { sizeOf: ({ variant }) => variant.length }),
    isSettled: ({ state }) => state !== 'claimed',
    settlesAfter: ({ milliseconds }) => milliseconds ?? undefined,
  });

  async function related(key: VariantKey, token: string, { identifier = '', bytes, enqueue }: End) {
    const finish = { ...key, tokenSha256: sha256(token), identifier, bytes };
    const [row] = await db.run(
      (sql) => finishStatement(sql, finish, 'long', remover.optionsFor(sql, { enqueue })),
      { conflicts: FINISH_CONFLICTS },
    );
    if (!row) throw new Error('A finish returns one row.');
    remover.pushed({ enqueue }, row.condemned);
    const { outcome, unneeded, obstacle } = row;
    if (outcome === 'orphan') throw hashNotFound(key.hash, unneeded);
    if (outcome === 'lost') throw claimLost(key, unneeded);
    if (outcome === 'condemned') throw identifierCondemned(identifier);
    if (outcome === 'taken') throw identifierUsed(identifier, obstacle ?? key);
    states.changed(key);
    return { state: 'done', identifier: row.identifier, unneeded };
  }

  async function failed(key: VariantKey, token: string, error: string) {
    const [row] = await db.run((sql) => failStatement(sql, key, sha256(token), error, 'long'));
    if (!row || row.outcome === 'orphan') throw hashNotFound(key.hash);
    if (row.outcome === 'lost') throw claimLost(key);
    states.changed(key);
    return { state: 'failed' };
  }

  return {
    /** Claims a variant. The same claimer gets the same claim again, and its lease is extended. */
    async claim(
      key: VariantKey,
      claimer: string,
      leaseSeconds: number | undefined,
    ): Promise<{ created: boolean; record: Claimed }> {
      const token = randomBytes(16).toString('hex');
      const claim = { ...key, claimerSha256: sha256(claimer), token, leaseSeconds };
      const [row] = await db.run((sql) => claimStatement(sql, claim, 'long'), {
        conflicts: ['variant_claims_pkey'],
      });
      if (!row || row.outcome === 'orphan') throw hashNotFound(key.hash);
      const { outcome, identifier, lease_seconds, lease_expires_at } = row;
      if (identifier !== null && outcome === 'done')
        return { created: false, record: { state: 'done', identifier } };
      if (row.token !== null && lease_seconds !== null && lease_expires_at !== null) {
        const record = { state: 'claimed', token: row.token, lease_seconds, lease_expires_at } as const;
        return { created: outcome === 'created', record };
      }
      throw new Problem(
        'variant_claimed',
        `Another worker makes "${key.variant}", until ${lease_expires_at}.`,
        {
          existing: { hash: key.hash.toLowerCase(), variant: key.variant, lease_expires_at },
        },
      );
    },

    async heartbeat(key: VariantKey, token: string, leaseSeconds: number | undefined) {
      const [row] = await db.run((sql) => heartbeatStatement(sql, key, sha256(token), leaseSeconds, 'long'));
      if (!row?.is_there) throw hashNotFound(key.hash);
      if (row.lease_expires_at === null) throw claimLost(key);
      return { lease_expires_at: row.lease_expires_at };
    },

    /**
     * Ends a claim with the file of the variant, which is related unless the claim is lost, or with an error. It can be
     * sent again.
     */
    finish: (key: VariantKey, token: string, end: End) =>
      end.error === undefined ? related(key, token, end) : failed(key, token, end.error),

    /** Waits until the claim has ended or expired, or the time is over. */
    async wait(key: VariantKey, wait: WaitOptions) {
      const { state, identifier, error, lease_expires_at } = await states.read(key, wait);
      if (state === null) throw hashNotFound(key.hash);
      return {
        state,
        ...(state === 'done' && { identifier }),
        ...(state === 'failed' && { error }),
        ...(state === 'claimed' && { lease_expires_at }),
      };
    },
  };
}

export type VariantClaimsRepo = ReturnType<typeof variantClaimsRepo>;

/** @param unneeded the caller's file, which is not needed */
function claimLost({ variant }: VariantKey, unneeded: string[] = []): Problem {
  const detail = `The claim of "${variant}" has ended, or somebody else has taken it over.`;
  return new Problem('claim_lost', detail, { ...(unneeded.length > 0 && { unneeded }) });
}
