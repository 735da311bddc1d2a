import { conflict, notFound, Problem } from '../../problems.js';

/** @param unneeded files of the refused request that nobody owns, and that the client may delete now */
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
    `"${identifier}" is a condemned file. Use another identifier, or delete the file, report it with files.deleted, and ` +
      'wait until the identifier can be used again.',
  );
}
