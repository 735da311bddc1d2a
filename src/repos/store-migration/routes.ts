import Type from 'typebox';
import { ndjson, noContent, ok } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import { FileLine } from '../files/schema.js';
import { lineOf, StreamLimit } from '../keyset.js';
import { Identifier } from '../values.js';
import type { StoreMigrationRepo } from './repo.js';
import { Mark, Migrated, Move, Moved, Progress } from './schema.js';

const route = routesOf<StoreMigrationRepo>();

export const storeMigrationRoutes = {
  isContinuingMigration: route({
    method: 'GET',
    url: '/store-migration',
    summary: 'Whether a migration is running, and how far it is',
    description:
      '`continuing` is true from the first mark until the marks are cleared; it and `rate` are of this moment. The files are ' +
      'counted once for all concurrent requests. With many files the counts are kept, for twenty times as long as they ' +
      'took: `as_of` tells when they began. It and the counts are null until the first count has ended.',
    answers: {
      200: {
        description: 'The progress.',
        schema: Progress,
        example: {
          continuing: true,
          as_of: '2026-11-22T13:14:56.789012Z',
          migrated: 1240,
          total: 4800,
          done: 1237,
          rate: 41.5,
        },
      },
    },
    problems: [],
    handle: (repo) => ok(repo.isContinuingMigration()),
  }),

  markMigrated: route({
    method: 'PUT',
    url: '/store-migration/identifiers',
    summary: 'Mark a file as migrated',
    description: 'Can be sent again. `new_identifier` is the identifier in the new store.',
    body: Mark,
    answers: { 204: { description: 'The file is marked.' } },
    problems: ['identifier_too_long'],
    handle: (repo, { body }) => noContent(repo.markMigrated(body.identifier, body.new_identifier)),
  }),

  isMigrated: route({
    method: 'GET',
    url: '/store-migration/identifiers',
    summary: 'Whether a file is migrated',
    description: 'True for its old and its new identifier, so that a migration can be resumed.',
    query: { identifier: Identifier },
    answers: { 200: { description: 'The answer.', schema: Migrated, example: { migrated: true } } },
    problems: ['identifier_too_long'],
    handle: (repo, { query }) => ok(repo.isMigrated(query.identifier)),
  }),

  unmigrated: route({
    method: 'GET',
    url: '/store-migration/unmigrated',
    summary: 'Stream the files that are not migrated',
    description:
      'The originals, motion files and variants that have no mark, in the order of their bytes, one JSON object ' +
      'per line. The last line is `{"end":true,"count":N}`, with `next` if `limit` left rows. A request with `limit` ends ' +
      'after about a second with those that it has found, perhaps none, and with `next` to go on. Files that others ' +
      'move or upload meanwhile may be included or not: the move is complete once a stream from the beginning is ' +
      'empty.',
    query: { after: Type.Optional(Identifier), limit: Type.Optional(StreamLimit) },
    answers: { 200: { description: 'The stream.', type: 'application/x-ndjson', schema: lineOf(FileLine) } },
    problems: ['identifier_too_long'],
    stream: true,
    handle: async (repo, { query }) => ndjson(await repo.unmigrated(query)),
  }),

  move: route({
    method: 'POST',
    url: '/store-migration/move',
    summary: 'Give a content the copy of its file in another store',
    description:
      'Send it once the copy is complete. One transaction gives the original, motion file or variant its new ' +
      'identifier, moves its details (unless the copy has some), marks the file as migrated, and condemns the old ' +
      'file, which `removed` names. If the content was removed meanwhile, `moved` is false, and `unneeded` names ' +
      'the copy, which is condemned and may be deleted. With `enqueue` a job `{"Identifier":{"identifier":…}}` is ' +
      'pushed once for each of these files. Can be sent again, and gives the same answer. If the file was already ' +
      'moved to another identifier (409 `identifier_already_moved`), `existing` has that identifier, and ' +
      '`unneeded` names the copy.',
    body: Move,
    answers: { 200: { description: 'The result of the move.', schema: Moved } },
    problems: [
      'identifier_too_long',
      'queue_too_long',
      'file_not_found',
      'identifier_already_moved',
      'identifier_already_used',
      'identifier_condemned',
      'file_shared',
      'hash_being_removed',
    ],
    handle: (repo, { body }) => ok(repo.move(body)),
  }),

  clear: route({
    method: 'DELETE',
    scope: 'admin',
    url: '/store-migration',
    summary: 'Clear all marks',
    description: 'Ends the migration. Can be sent again.',
    answers: { 204: { description: 'There are no marks now.' } },
    problems: [],
    handle: (repo) => noContent(repo.clear()),
  }),
} satisfies Record<keyof StoreMigrationRepo, Route<StoreMigrationRepo>>;
