import type { Fragment, Sql } from '../database/database.js';
import { Problem } from '../problems.js';

/**
 * Blocked contents: nobody may create one, but what stands already is not touched (docs/media.md). What is blocked is the
 * digest of the bytes, with which a hash begins.
 */

/** An expression: the digest of a hash. That of a shorter hash is none, and so cannot be blocked. */
function digestOf(sql: Sql, hash: Fragment): Fragment {
  return sql`substr(${hash}, 1, 32)`;
}

/** A condition: the hash is not blocked. */
export function isAllowed(sql: Sql, hash: Fragment): Fragment {
  return sql`(select true from blocked_hashes where digest = ${digestOf(sql, hash)}) is null`;
}

/** An expression: why the hash is blocked, as JSON with the member `reason`; null where it is not blocked. */
export function blockOf(sql: Sql, hash: Fragment): Fragment {
  return sql`(
    select json_build_object('reason', reason) from blocked_hashes where digest = ${digestOf(sql, hash)}
  )`;
}

export interface Block {
  reason: string | null;
}

/** @param unneeded files of a refused upload, which may be deleted now */
export function hashBlocked(hash: string, { reason }: Block, unneeded?: string[]): Problem {
  const detail = `The content ${hash.slice(0, 64)} is blocked${reason === null ? '' : `: ${reason}`}.`;
  return new Problem('hash_blocked', detail, {
    ...(reason !== null && { reason }),
    ...(unneeded && { unneeded }),
  });
}
