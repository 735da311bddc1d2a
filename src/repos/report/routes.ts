import Type from 'typebox';
import { ok } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import { MaxAge } from '../shared-result.js';
import type { ReportRepo } from './repo.js';
import { CleanBody, CleanedPass, Report } from './schema.js';

const route = routesOf<ReportRepo>();

export const reportRoutes = {
  report: route({
    method: 'GET',
    url: '/report',
    summary: 'What is left over or does not fit',
    description:
      'Contents without alias, files without owner, URLs of expired aliases, rows of `files` that do not fit the contents, ' +
      'files that wait for their deletion, ' +
      'blocked contents that stand, stale uploads, claims that ran out, and dead jobs: how many there are, ten of each, and what cleans them. Each kind is looked ' +
      'for for twenty seconds at most, beside other requests; where that was not enough, `complete` is false. What is ' +
      'younger than an hour may be work in progress and is not counted. Found once for all who ask meanwhile and kept, as ' +
      '`usage.usage` does.',
    query: { max_age: Type.Optional(MaxAge) },
    answers: {
      200: {
        description: 'The report, as of its begin.',
        schema: Report,
        example: {
          as_of: '2026-11-22T13:14:56.789012Z',
          findings: [
            {
              kind: 'details_without_owner',
              description: 'Files that have had details for an hour at least, and that belong to no content.',
              count: 1,
              complete: true,
              samples: [{ identifier: '3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp' }],
              clean: {
                operation: 'report.clean',
                method: 'POST',
                path: '/v1/report/clean',
                body: {
                  kind: 'details_without_owner',
                  older_than: '2026-11-22T13:14:56.789012Z',
                  dry_run: true,
                },
              },
            },
          ],
          oldest_access: { alias: null, variant: null },
        },
      },
    },
    problems: ['figures_not_ready'],
    handle: (repo, { query }) => ok(repo.report(query.max_age)),
  }),

  clean: route({
    method: 'POST',
    scope: 'admin',
    url: '/report/clean',
    summary: 'Clean what a report has found',
    description:
      'Some of one kind, in one pass: ask again while the answer says `more`, with its `next` as `after`. What is found is ' +
      'locked, judged again and removed in one statement, and the answer names every file that may be deleted now.\n\n' +
      '* `hashes_without_alias`: the contents are removed, as by `hashes.cleanup`.\n' +
      '* `details_without_owner`: the files are condemned, as by `files.condemn`.\n' +
      '* `proxies_of_expired_aliases`: the aliases are released, as by `media.expireAliases`.\n' +
      '* `blocked_contents`: the contents are removed with all their aliases.\n' +
      '* `files_without_owner`: files that nobody has are condemned, the others get their owner.\n' +
      '* `owners_without_file`: the files are registered.\n\n' +
      'The first three need `older_than`, and a time that is less than an hour ago counts as an hour ago. A content with more than ' +
      '1,000 aliases, variants and URLs needs `enqueue`, and goes in steps afterwards.',
    body: CleanBody,
    answers: {
      200: {
        description: 'What this pass has done, or would do.',
        schema: CleanedPass,
        example: {
          removed: {
            aliases: [],
            hashes: ['b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c'],
            variants: [],
            identifiers: ['3a/7d/01/9f/c2/44/8e/51/0b/66/d3a91c5be2f4.webp'],
          },
          repaired: [],
          more: false,
        },
      },
    },
    problems: ['queue_too_long', 'enqueue_required'],
    handle: (repo, { body }) => ok(repo.clean(body)),
  }),
} satisfies Record<keyof ReportRepo, Route<ReportRepo>>;
