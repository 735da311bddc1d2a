import { conflict, notFound, Problem } from '../../problems.js';

/** @param unneeded files of the refused request that may be deleted now */
export function hashNotFound(hash: string, unneeded: string[] = []): Problem {
  const more = unneeded.length > 0 ? { unneeded } : {};
  return notFound('hash_not_found', `There is no hash ${hash.toLowerCase()}.`, more);
}

/** @param variant of the owner; empty for an original or a motion file */
export function identifierUsed(
  identifier: string,
  { hash, variant = '' }: { hash: string; variant?: string },
): Problem {
  const existing = { hash, ...(variant !== '' && { variant }), identifier };
  return conflict('identifier_already_used', `"${identifier}" already belongs to a content.`, existing);
}

export function identifierCondemned(identifier: string): Problem {
  return new Problem(
    'identifier_condemned',
    `"${identifier}" was named for deletion. Use another name, or delete the file, say so at /v1/files/deleted, and ` +
      'wait until the name is free.',
  );
}
