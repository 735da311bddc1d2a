import { noContent, ok } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import { Identifier } from '../values.js';
import type { StoreMigrationRepo } from './repo.js';
import { Mark, Migrated, Progress } from './schema.js';

const route = routesOf<StoreMigrationRepo>();

export const storeMigrationRoutes = {
  isContinuingMigration: route({
    method: 'GET',
    url: '/store-migration',
    summary: 'Whether a migration is under way',
    description: 'True from the first mark until the marks are cleared.',
    answers: {
      200: { description: 'The progress.', schema: Progress, example: { continuing: true, migrated: 1240 } },
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
    description: 'True for its old and its new identifier, so that a migration can resume.',
    query: { identifier: Identifier },
    answers: { 200: { description: 'The answer.', schema: Migrated, example: { migrated: true } } },
    problems: ['identifier_too_long'],
    handle: (repo, { query }) => ok(repo.isMigrated(query.identifier)),
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
