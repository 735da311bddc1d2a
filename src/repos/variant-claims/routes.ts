import Type from 'typebox';
import { createdOrExisting, ok, preferring, secret } from '../../http/answer.js';
import { type Route, routesOf } from '../../http/route.js';
import { WaitSeconds, waitOf } from '../preferred-wait.js';
import { Hash, Variant } from '../values.js';
import type { VariantClaimsRepo } from './repo.js';
import { ClaimBody, Claimed, ClaimState, Extended, FinishBody, Finished, HeartbeatBody } from './schema.js';

const route = routesOf<VariantClaimsRepo>();
const one = { params: { hash: Hash }, query: { variant: Variant } };

export const variantClaimsRoutes = {
  claim: route({
    method: 'POST',
    url: '/hashes/{hash}/variant/claim',
    summary: 'Claim the making of a variant',
    description:
      'Of all workers that want to make a variant, one gets the claim. It extends its lease with heartbeats, and ' +
      'ends the claim with `variantClaims.finish`. The others get 409 `variant_claimed`, and wait with ' +
      '`variantClaims.wait`. Sent again by the same claimer, the answer is the same claim, with its lease ' +
      'extended. Anybody can claim a variant whose claim has failed or expired.',
    ...one,
    body: ClaimBody,
    answers: {
      201: {
        description: 'The claim is yours.',
        schema: Claimed,
        example: {
          state: 'claimed',
          token: '7c0f5e2b91d84a36b0e3f8127d6a49c5',
          lease_seconds: 60,
          lease_expires_at: '2026-11-22T13:15:56.789012Z',
        },
      },
      200: {
        description: 'The claim was yours already, or the variant exists.',
        schema: Claimed,
        example: { state: 'done', identifier: 'b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp' },
      },
    },
    problems: ['variant_too_long', 'claimer_too_long', 'hash_not_found', 'variant_claimed'],
    handle: (repo, { params, query: { variant }, body }) =>
      secret(createdOrExisting(repo.claim({ ...params, variant }, body.claimer, body.lease_seconds))),
  }),

  heartbeat: route({
    method: 'POST',
    url: '/hashes/{hash}/variant/claim/heartbeat',
    summary: 'Extend a claim',
    description:
      'Also extends an expired claim, as long as nobody else has taken it over. After 409 `claim_lost`, stop ' +
      'making the variant.',
    ...one,
    body: HeartbeatBody,
    answers: { 200: { description: 'The claim is extended.', schema: Extended } },
    problems: ['variant_too_long', 'hash_not_found', 'claim_lost'],
    handle: (repo, { params, query: { variant }, body }) =>
      ok(repo.heartbeat({ ...params, variant }, body.token, body.lease_seconds)),
  }),

  finish: route({
    method: 'POST',
    url: '/hashes/{hash}/variant/claim/finish',
    summary: 'End a claim with a file or an error',
    description:
      'With `identifier` the file is related to the variant in the same statement, as by ' +
      '`hashes.relateVariantIdentifier`. This also works after the lease has expired, if nobody else has taken ' +
      'the claim over. Otherwise the answer is 409 `claim_lost`: `unneeded` names the file, which is condemned ' +
      'unless somebody owns it. The same holds for 404 `hash_not_found`. With `error` everybody who waits gets ' +
      'the error, and the variant can be claimed again. Can be sent again.',
    ...one,
    body: FinishBody,
    answers: {
      200: {
        description: 'The claim has ended.',
        schema: Finished,
        example: {
          state: 'done',
          identifier: 'b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp',
          unneeded: [],
        },
      },
    },
    problems: [
      'variant_too_long',
      'identifier_too_long',
      'queue_too_long',
      'error_too_long',
      'hash_not_found',
      'claim_lost',
      'identifier_already_used',
      'identifier_condemned',
    ],
    handle: (repo, { params, query: { variant }, body: { token, ...end } }) =>
      ok(repo.finish({ ...params, variant }, token, end)),
  }),

  wait: route({
    method: 'GET',
    url: '/hashes/{hash}/variant/claim',
    summary: 'Wait for the end of a claim',
    description:
      'A long poll: answers as soon as the variant exists, or its claim has failed or expired, or with the state ' +
      '`claimed` when the wait ends. After 503 ask again.',
    params: { hash: Hash },
    query: { variant: Variant, wait: Type.Optional(WaitSeconds) },
    answers: {
      200: {
        description: 'The state of the variant.',
        schema: ClaimState,
        example: { state: 'done', identifier: 'b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp' },
      },
    },
    problems: ['variant_too_long', 'hash_not_found'],
    handle: (repo, input) => {
      const { wait, applied } = waitOf(input);
      const key = { ...input.params, variant: input.query.variant };
      return secret(preferring(ok(repo.wait(key, wait)), applied));
    },
  }),
} satisfies Record<keyof VariantClaimsRepo, Route<VariantClaimsRepo>>;
