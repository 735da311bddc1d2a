import Type from 'typebox';
import { ndjson, ok } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import type { ProblemCode } from '../../problems.js';
import { lineOf, StreamLimit } from '../keyset.js';
import { Identifier, Timestamp } from '../values.js';
import type { FilesRepo } from './repo.js';
import {
  Condemnation,
  Condemned,
  FILES_BYTES,
  FileLine,
  FileNames,
  FileRecord,
  FileRecords,
  Freed,
} from './schema.js';

const route = routesOf<FilesRepo>();
const bodyLimit: [number, ProblemCode] = [FILES_BYTES, 'batch_too_large'];
const LEFT_OUT =
  'Files whose details are younger than `older_than` are left out, because an upload may be between two of its requests. ' +
  'A time less than an hour ago counts as an hour ago.';

export const filesRoutes = {
  owner: route({
    method: 'GET',
    url: '/files',
    summary: 'The owner of a file',
    description: 'A file belongs to one content, as its original, its motion file or one of its variants.',
    query: { identifier: Identifier },
    answers: { 200: { description: 'The owner.', schema: FileRecord } },
    problems: ['identifier_too_long', 'file_not_found'],
    handle: (repo, { query }) => ok(repo.owner(query.identifier)),
  }),

  owners: route({
    method: 'POST',
    scope: 'read',
    url: '/files/lookup',
    summary: 'The owners of several files',
    description: 'For up to 1,000 files. A program that cleans a store asks this first.',
    body: FileNames,
    bodyLimit,
    answers: { 200: { description: 'The owners.', schema: FileRecords } },
    problems: ['identifier_too_long'],
    handle: (repo, { body }) => ok(repo.owners(body.identifiers)),
  }),

  unowned: route({
    method: 'GET',
    url: '/files/unowned',
    summary: 'Stream the files without an owner',
    description:
      'The files that have details but no owner, in the order of their bytes, one JSON object per line. The last line is ' +
      '`{"end":true,"count":N}`, with `next` if `limit` left rows. Such files are few, so a request with `limit` ends after ' +
      'about a second with those that it has found, perhaps none, and with `next` to go on. Delete only what ' +
      '`files.condemn` then returns. ' +
      LEFT_OUT,
    query: {
      older_than: Timestamp,
      after: Type.Optional(Identifier),
      limit: Type.Optional(StreamLimit),
    },
    answers: { 200: { description: 'The stream.', type: 'application/x-ndjson', schema: lineOf(FileLine) } },
    problems: ['identifier_too_long'],
    stream: true,
    handle: async (repo, { query: { older_than, ...range } }) =>
      ndjson(await repo.unowned(older_than, range)),
  }),

  condemn: route({
    method: 'POST',
    scope: 'admin',
    url: '/files/condemn',
    summary: 'Condemn files without an owner',
    description:
      'A condemned file may be deleted, and its name cannot be used until some time after `files.deleted` has ' +
      'reported the deletion. Checks and condemns in one step, so delete only what the answer names. The details ' +
      'of these files are removed. Can be sent again, and then names the same files. ' +
      LEFT_OUT,
    body: Condemnation,
    bodyLimit,
    answers: { 200: { description: 'What may be deleted.', schema: Condemned } },
    problems: ['identifier_too_long'],
    handle: (repo, { body }) => ok(repo.condemn(body.identifiers, body.older_than)),
  }),

  deleted: route({
    method: 'POST',
    url: '/files/deleted',
    summary: 'Report that condemned files were deleted',
    description:
      'For a client that has deleted files which an answer named. Their names can be used again ' +
      '`CONDEMNED_GRACE_SECONDS` later, or without this report after `CONDEMNED_RETENTION_DAYS`. Can be sent ' +
      'again, which changes nothing. If somebody owns one of the files, the answer is 409 and nothing is changed.',
    body: FileNames,
    bodyLimit,
    answers: { 200: { description: 'When the names can be used again.', schema: Freed } },
    problems: ['identifier_too_long', 'identifier_already_used'],
    handle: (repo, { body }) => ok(repo.deleted(body.identifiers)),
  }),
} satisfies Record<keyof FilesRepo, Route<FilesRepo>>;
