import Type from 'typebox';
import { created, noContent, ok, preferring, secret } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import { Released } from '../media/schema.js';
import { WaitSeconds, waitOf } from '../preferred-wait.js';
import type { UploadsRepo } from './repo.js';
import {
  ClaimBody,
  ClaimedUpload,
  Enqueue,
  NewUpload,
  UploadId,
  UploadResult,
  UploadState,
} from './schema.js';

const route = routesOf<UploadsRepo>();
const ofUpload = { id: UploadId };

export const uploadsRoutes = {
  create: route({
    method: 'POST',
    url: '/uploads',
    summary: 'Begin an upload that is processed later',
    description:
      'A server that accepts a file from a user answers with this id at once, and reports the result with ' +
      '`uploads.complete` when the file is processed. Sent again it begins another upload. An upload without a ' +
      'result is forgotten after UPLOAD_RETENTION_HOURS.',
    body: NewUpload,
    bodyKind: 'optional',
    answers: { 201: { description: 'The upload is begun.', schema: UploadState } },
    problems: ['queue_too_long'],
    handle: (repo, { body }) => secret(created(repo.create(body.enqueue))),
  }),

  complete: route({
    method: 'PUT',
    url: '/uploads/{id}/result',
    summary: 'Report the result of an upload',
    description:
      'An alias with its token, which `media.commitUpload` has created before, or a failure. All clients that wait ' +
      'get the answer. Can be sent again; another result is 409 `upload_completed`. The service does not check ' +
      'that the alias exists. After 404 nobody will claim the alias: release it. If an upload was claimed and ' +
      'then discarded, the answer is not 404 for `UPLOAD_RETENTION_HOURS` after the claim.',
    params: ofUpload,
    body: UploadResult,
    answers: { 204: { description: 'The upload has this result.' } },
    problems: [
      'alias_too_long',
      'delete_token_too_long',
      'error_too_long',
      'error_code_too_long',
      'upload_not_found',
      'upload_completed',
    ],
    handle: (repo, { params, body }) => noContent(repo.complete(params.id, body)),
  }),

  upload: route({
    method: 'GET',
    url: '/uploads/{id}',
    summary: 'Wait for the result of an upload',
    description:
      'A long poll: answers as soon as there is a result, or with the state `pending` when the wait ends. The ' +
      'answer has neither alias nor token, which only the claimer gets. After 503 ask again.',
    params: ofUpload,
    query: { wait: Type.Optional(WaitSeconds) },
    answers: {
      200: {
        description: 'The state of the upload.',
        schema: UploadState,
        example: {
          id: '5d0f6c1b9a3e48277c41d2b8e6a09f13',
          state: 'completed',
          claimed: false,
          created_at: '2026-11-22T13:14:56.789012Z',
          expires_at: '2026-11-23T13:15:02.123456Z',
        },
      },
    },
    problems: ['upload_not_found'],
    handle: (repo, input) => {
      const { wait, applied } = waitOf(input);
      return secret(preferring(ok(repo.upload(input.params.id, wait)), applied));
    },
  }),

  claim: route({
    method: 'POST',
    url: '/uploads/{id}/claim',
    summary: 'Claim the result of an upload',
    description:
      'Gives the alias and its token, or the failure, to the first claimer only. The same claimer can ask again, ' +
      'so that a lost answer loses no token. A claimed upload is forgotten after UPLOAD_RETENTION_HOURS; its ' +
      'alias stays.',
    params: ofUpload,
    body: ClaimBody,
    answers: {
      200: {
        description: 'The result.',
        schema: ClaimedUpload,
        example: {
          id: '5d0f6c1b9a3e48277c41d2b8e6a09f13',
          state: 'completed',
          alias: '7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg',
          token: '0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10',
        },
      },
    },
    problems: ['claimer_too_long', 'upload_not_found', 'upload_pending', 'upload_claimed'],
    handle: (repo, { params, body }) => secret(ok(repo.claim(params.id, body.claimer))),
  }),

  discard: route({
    method: 'DELETE',
    url: '/uploads/{id}',
    summary: 'Forget an upload',
    description:
      'If nobody has claimed the upload, its alias is released, as by `media.releaseAlias`, and the answer names ' +
      'what was removed. The alias of a claimed upload stays. Can be sent again: the lists are then empty.',
    params: ofUpload,
    query: { enqueue: Type.Optional(Enqueue) },
    answers: { 200: { description: 'There is no such upload now.', schema: Released } },
    problems: ['queue_too_long', 'enqueue_required'],
    handle: (repo, { params, query }) => ok(repo.discard(params.id, query.enqueue)),
  }),
} satisfies Record<keyof UploadsRepo, Route<UploadsRepo>>;
