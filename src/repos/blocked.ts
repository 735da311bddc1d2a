import type { Fragment, Sql } from '../database/database.js';
import { Problem } from '../problems.js';

/**
 * Blocked contents: nobody may create one, but existing ones are kept (docs/media.md). A block names the digest of the
 * bytes, which is the first part of a hash.
 */

/** An expression: the digest in a hash. A shorter hash has no digest, and cannot be blocked. */
function digestOf(sql: Sql, hash: Fragment): Fragment {
  return sql`substr(${hash}, 1, 32)`;
}

/** The end of the range of hashes that begin with a digest: with the digest before it, none of them is greater. */
export const END_OF_DIGEST = Buffer.alloc(32, 0xff);

/** A condition: the hash is not blocked. */
export function isAllowed(sql: Sql, hash: Fragment): Fragment {
  return sql`(select true from blocked_hashes where digest = ${digestOf(sql, hash)}) is null`;
}

/** An expression: the reason for the block of a hash, as JSON with the member `reason`; null if it is not blocked. */
export function blockOf(sql: Sql, hash: Fragment): Fragment {
  return sql`(
    select json_build_object('reason', reason) from blocked_hashes where digest = ${digestOf(sql, hash)}
  )`;
}

export interface Block {
  reason: string | null;
}

/** @param unneeded files of the refused upload that nobody owns, and that the client may delete now */
export function hashBlocked(hash: string, { reason }: Block, unneeded?: string[]): Problem {
  const detail = `The content ${hash.slice(0, 64)} is blocked${reason === null ? '' : `: ${reason}`}.`;
  return new Problem('hash_blocked', detail, {
    ...(reason !== null && { reason }),
    ...(unneeded && { unneeded }),
  });
}
