import type { Database } from '../../database/database.js';
import { currentOrigin, runFor } from '../../origin.js';
import { conflict, Problem } from '../../problems.js';
import { hashBlocked } from '../blocked.js';
import { hashBeingRemoved } from '../doomed.js';
import { identifierCondemned, identifierUsed } from '../hashes/refusals.js';
import { type CommitRow, commitStatement } from './commit.js';
import { newUploads } from './commit-new.js';
import type { Remover } from './remover.js';
import { UPLOAD_CONFLICTS, type Upload } from './upload.js';

interface Committed {
  created: boolean;
  record: {
    alias: string;
    hash: string;
    identifier: string;
    content: 'created' | 'standing';
    unneeded: string[];
  };
}

/** Commits uploads. Uploads of which everything is new share a statement; each of the others has its own. */
export function uploadCommits(db: Database, remover: Remover) {
  const commitNew = newUploads(db);
  return async (upload: Upload, queue: string | undefined): Promise<Committed> => {
    const origin = currentOrigin();
    const { alias, hash } = upload;
    if (await commitNew(upload)) {
      const { identifier } = upload;
      return { created: true, record: { alias, hash, identifier, content: 'created', unneeded: [] } };
    }
    const [row] = await runFor(origin, () =>
      db.run((sql) => commitStatement(sql, upload, remover.optionsFor(sql, { enqueue: queue })), {
        conflicts: UPLOAD_CONFLICTS,
        retryIf: ([row]) => row?.outcome === null,
      }),
    );
    if (!row) throw new Error('A commit returns one row.');
    remover.pushed({ enqueue: queue }, row.condemned);
    const { outcome, identifier, unneeded } = row;
    if (outcome !== 'created' && outcome !== 'repeated') throw refusalOf(upload, row);
    const content = identifier === upload.identifier ? 'created' : 'standing';
    return { created: outcome === 'created', record: { alias, hash, identifier, content, unneeded } };
  };
}

function refusalOf({ alias, hash, expires_at }: Upload, row: CommitRow): Problem {
  const { outcome, unneeded, known_hash, related_alias, obstacle, block } = row;
  if (block) return hashBlocked(hash, block, unneeded);
  if (outcome === 'other_alias') {
    const detail = `"${alias}" already exists with another hash or token.`;
    return conflict('alias_already_exists', detail, { alias, hash: known_hash ?? hash }, { unneeded });
  }
  if (outcome === 'other_url') {
    const detail = `The URL is related to "${related_alias}".`;
    return conflict('proxy_already_exists', detail, { alias: related_alias }, { unneeded });
  }
  if (outcome === 'expired') {
    const reason = 'must be in the future';
    const errors = [{ path: '/body/expires_at', reason }];
    return new Problem('invalid_request', `/body/expires_at ${reason} (it is ${expires_at}).`, { errors });
  }
  if (outcome === 'doomed') return hashBeingRemoved();
  const { identifier = '', ...holder } = obstacle ?? { hash };
  return outcome === 'condemned' ? identifierCondemned(identifier) : identifierUsed(identifier, holder);
}
