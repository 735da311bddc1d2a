import { conflict, notFound, type Problem } from '../../problems.js';
import { hashBeingRemoved } from '../doomed.js';
import { identifierCondemned, identifierUsed } from '../hashes/refusals.js';
import type { MoveRow } from './move.js';

/** Why a file was not moved. */
export function refusalOf(identifier: string, to: string, row: MoveRow): Problem {
  const { outcome, known, unneeded } = row;
  const holder = row.holder ?? { hash: '' };
  switch (outcome) {
    case 'moved_before':
      return conflict(
        'identifier_already_moved',
        `"${identifier}" was moved to "${known}".`,
        { identifier, new_identifier: known },
        { unneeded },
      );
    case 'taken':
      return identifierUsed(to, holder);
    case 'condemned':
      return identifierCondemned(to);
    case 'shared':
      return conflict(
        'file_shared',
        `Several contents use "${identifier}". Give all but one of them a copy of its own (hashes.updateIdentifier and the ` +
          'like), and then move the file of the last one.',
        { ...holder, identifier },
      );
    case 'doomed':
      return hashBeingRemoved();
    default:
      return notFound('file_not_found', `Nobody owns "${identifier}", and it was not moved before.`);
  }
}
