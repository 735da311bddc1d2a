import { conflict, notFound, type Problem } from '../../problems.js';

export function hashNotFound(hash: string): Problem {
  return notFound('hash_not_found', `There is no hash ${hash.toLowerCase()}.`);
}

/** @param existing the record that has the identifier */
export function identifierUsed(identifier: string, existing: Record<string, unknown>): Problem {
  return conflict('identifier_already_used', `"${identifier}" belongs to another content.`, existing);
}
