import { blockedContents, hashesWithoutAlias, proxiesOfExpiredAliases } from './find-contents.js';
import { detailsWithoutOwner, filesToDelete, filesWithoutOwner, ownersWithoutFile } from './find-files.js';
import { claimsThatRanOut, deadJobs, staleUploads } from './find-work.js';
import type { Finder } from './look.js';

/** What a report looks for, a line for each kind. A kind that report.clean cleans also has a cleaner (repo.ts). */
export interface Kind {
  description: string;
  finder: Finder;
  /** The route that cleans the kind, if it is not report.clean. */
  cleanedBy?: { operation: string; method: string; path: string };
}

export const KINDS = {
  hashes_without_alias: {
    description: 'Contents that have had no alias for an hour at least: nobody can see them.',
    finder: hashesWithoutAlias,
  },
  details_without_owner: {
    description: 'Files that have had details for an hour at least, and that belong to no content.',
    finder: detailsWithoutOwner,
  },
  proxies_of_expired_aliases: {
    description: 'Aliases of proxied URLs that expired an hour ago or earlier.',
    finder: proxiesOfExpiredAliases,
  },
  files_without_owner: {
    description: 'Files that are registered for a content that does not have them.',
    finder: filesWithoutOwner,
  },
  owners_without_file: {
    description: 'Files of contents that are not registered, or are registered as condemned.',
    finder: ownersWithoutFile,
  },
  files_to_delete: {
    description:
      'Files that were named for deletion an hour ago or earlier, and that nobody has said to be deleted. Without that their ' +
      'names are free after CONDEMNED_RETENTION_DAYS.',
    finder: filesToDelete,
    cleanedBy: { operation: 'files.deleted', method: 'POST', path: '/v1/files/deleted' },
  },
  blocked_contents: {
    description: 'Blocked contents that still exist.',
    finder: blockedContents,
  },
  stale_uploads: {
    description:
      'Uploads that have had no result, or no claimer, for an hour at least, and those whose alias could not be released. They ' +
      'expire by themselves; an alias can be released at once.',
    finder: staleUploads,
    cleanedBy: { operation: 'media.releaseAlias', method: 'POST', path: '/v1/media/{alias}/release' },
  },
  claims_that_ran_out: {
    description: 'Claims of variants whose worker sent no heartbeat in time. The next claimer takes over.',
    finder: claimsThatRanOut,
    cleanedBy: { operation: 'variantClaims.claim', method: 'POST', path: '/v1/hashes/{hash}/variant/claim' },
  },
  dead_jobs: {
    description: 'Jobs that have failed for good. Look at their errors, and then retry or purge them.',
    finder: deadJobs,
    cleanedBy: { operation: 'queue.redrive', method: 'POST', path: '/v1/queues/{queue}/redrive' },
  },
} satisfies Record<string, Kind>;

export type KindName = keyof typeof KINDS;

/** Kinds that look like work in progress while they are young. A request to clean them must say from which age on. */
export const WITH_AGE = [
  'hashes_without_alias',
  'details_without_owner',
  'proxies_of_expired_aliases',
] as const;
/** The other kinds that report.clean cleans. */
export const WITHOUT_AGE = ['files_without_owner', 'owners_without_file', 'blocked_contents'] as const;

export type CleanableKind = (typeof WITH_AGE)[number] | (typeof WITHOUT_AGE)[number];
