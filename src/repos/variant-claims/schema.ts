import Type from 'typebox';
import { component } from '../../schema.js';
import { Claimer, ErrorText, FileBytes, queueName, RANDOM_128, Timestamp, VariantFile } from '../values.js';

const LeaseSeconds = Type.Integer({
  minimum: 1,
  maximum: 43_200,
  description:
    'How long the claim is kept without a heartbeat; then another worker may take it over. By default 60, or for a ' +
    'heartbeat as long as before.',
  examples: [60],
});

const Token = Type.String({
  pattern: RANDOM_128,
  description:
    'Proves that a request comes from the worker that has the claim now. Only the claimer gets it.',
  examples: ['7c0f5e2b91d84a36b0e3f8127d6a49c5'],
});

export const ClaimBody = component(
  'VariantClaim',
  Type.Object(
    { claimer: Claimer, lease_seconds: Type.Optional(LeaseSeconds) },
    { additionalProperties: false },
  ),
);

export const Claimed = component(
  'ClaimedVariant',
  Type.Object({
    state: Type.Enum(['claimed', 'done'], {
      description: 'claimed: make it, with this token. done: it exists, with this identifier.',
    }),
    token: Type.Optional(Token),
    lease_seconds: Type.Optional(LeaseSeconds),
    lease_expires_at: Type.Optional(Timestamp),
    identifier: Type.Optional(VariantFile),
  }),
);

export const HeartbeatBody = component(
  'VariantHeartbeat',
  Type.Object({ token: Token, lease_seconds: Type.Optional(LeaseSeconds) }, { additionalProperties: false }),
);

export const Extended = component('ExtendedVariantClaim', Type.Object({ lease_expires_at: Timestamp }));

interface End {
  identifier?: string;
  bytes?: number;
  enqueue?: string;
  error?: string;
}

/** Either a file, which may have a size and a queue, or an error. */
const isEither = ({ identifier, bytes, enqueue, error }: End): boolean =>
  error === undefined ? identifier !== undefined : (identifier ?? bytes ?? enqueue) === undefined;

export const FinishBody = component(
  'VariantFinish',
  Type.Refine(
    Type.Object(
      {
        token: Token,
        identifier: Type.Optional(VariantFile),
        bytes: Type.Optional(FileBytes),
        enqueue: Type.Optional(
          queueName(
            'Pushes a job `{"Identifier":{"identifier":…}}` to this queue if the file is not needed, in the same ' +
              'transaction.',
          ),
        ),
        error: Type.Optional(ErrorText),
      },
      {
        additionalProperties: false,
        examples: [
          {
            token: '7c0f5e2b91d84a36b0e3f8127d6a49c5',
            identifier: 'b8/10/94/5e/77/02/ad/3c/f6/19/0c4d8e2f7a61.webp',
          },
        ],
      },
    ),
    isEither,
    () => 'must have identifier or error, and with error neither bytes nor enqueue',
  ),
);

export const Finished = component(
  'FinishedVariant',
  Type.Object({
    state: Type.Enum(['done', 'failed']),
    identifier: Type.Optional(VariantFile),
    unneeded: Type.Optional(
      Type.Array(VariantFile, {
        description: 'Your file, if another one was related without a claim. It may be deleted now.',
      }),
    ),
  }),
);

export const ClaimState = component(
  'VariantClaimState',
  Type.Object({
    state: Type.Enum(['done', 'claimed', 'expired', 'failed', 'unclaimed'], {
      description:
        'done: the variant exists, with this identifier. claimed: a worker makes it. expired: its worker sent no ' +
        'heartbeat in time; claim it. failed: it could not be made, because of this error. unclaimed: nobody makes it.',
    }),
    identifier: Type.Optional(VariantFile),
    error: Type.Optional(ErrorText),
    lease_expires_at: Type.Optional(Timestamp),
  }),
);
