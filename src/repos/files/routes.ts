import Type from 'typebox';
import { ndjson, ok } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import type { ProblemCode } from '../../problems.js';
import { Limit } from '../access.js';
import { lineOf } from '../keyset.js';
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
const SPARED =
  'Files whose details are younger than `older_than` are spared, as an upload may be between two calls. A time that is ' +
  'less than an hour ago counts as an hour ago.';

export const filesRoutes = {
  owner: route({
    method: 'GET',
    url: '/files',
    summary: 'Whose a file is',
    description: 'A file belongs to one content: as its original, its motion file or one of its variants.',
    query: { identifier: Identifier },
    answers: { 200: { description: 'The owner.', schema: FileRecord } },
    problems: ['identifier_too_long', 'file_not_found'],
    handle: (repo, { query }) => ok(repo.owner(query.identifier)),
  }),

  owners: route({
    method: 'POST',
    scope: 'read',
    url: '/files/lookup',
    summary: 'Whose many files are',
    description: 'For up to 1000 files. What the cleaner of a store asks first.',
    body: FileNames,
    bodyLimit,
    answers: { 200: { description: 'The owners.', schema: FileRecords } },
    problems: ['identifier_too_long'],
    handle: (repo, { body }) => ok(repo.owners(body.identifiers)),
  }),

  unowned: route({
    method: 'GET',
    url: '/files/unowned',
    summary: 'Stream the files that nobody owns',
    description:
      'The files that have details and no owner, in the order of their bytes, one JSON object per line. The last line is ' +
      '`{"end":true,"count":N}`, with `next` if `limit` left rows. Nobody owns few files, so a request with `limit` ends after about a ' +
      'second with those that it has found, perhaps none, and with `next` to go on. Delete only what `files.condemn` then returns. ' +
      SPARED,
    query: {
      older_than: Timestamp,
      after: Type.Optional(Identifier),
      limit: Type.Optional(Limit),
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
    summary: 'Condemn files that nobody owns',
    description:
      'Decides and condemns at once: what the answer names may be deleted, and nobody gets its name until ' +
      '`files.deleted` says that it is gone. Their details are removed. Can be sent again, and names the same files. ' +
      SPARED,
    body: Condemnation,
    bodyLimit,
    answers: { 200: { description: 'What may be deleted.', schema: Condemned } },
    problems: ['identifier_too_long'],
    handle: (repo, { body }) => ok(repo.condemn(body.identifiers, body.older_than)),
  }),

  deleted: route({
    method: 'POST',
    url: '/files/deleted',
    summary: 'Say that condemned files are deleted',
    description:
      'For whoever has deleted files that an answer named. Their names are free `CONDEMNED_GRACE_SECONDS` later; nobody ' +
      'having said so, after `CONDEMNED_RETENTION_DAYS`. Can be sent again, which changes nothing. A file that somebody ' +
      'owns is refused with 409, and nothing is changed.',
    body: FileNames,
    bodyLimit,
    answers: { 200: { description: 'When the names are free.', schema: Freed } },
    problems: ['identifier_too_long', 'identifier_already_used'],
    handle: (repo, { body }) => ok(repo.deleted(body.identifiers)),
  }),
} satisfies Record<keyof FilesRepo, Route<FilesRepo>>;
