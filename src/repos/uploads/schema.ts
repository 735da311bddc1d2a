import Type from 'typebox';
import { component, text } from '../../schema.js';
import { Alias, Claimer, DeleteToken, ErrorText, queueName, RANDOM_128, Timestamp } from '../values.js';

export const UploadId = Type.String({
  pattern: RANDOM_128,
  description: 'Names an upload: 128 random bits in hex, so that nobody finds the upload of somebody else.',
  examples: ['5d0f6c1b9a3e48277c41d2b8e6a09f13'],
});

const JOBS = 'a job `{"Identifier":{"identifier":…}}` for each removed file is pushed to this queue';

export const NewUpload = component(
  'NewUpload',
  Type.Object(
    {
      enqueue: Type.Optional(
        queueName(
          `If the alias is released because nobody claims the upload, ${JOBS}. Without it no jobs are pushed.`,
        ),
      ),
    },
    { additionalProperties: false, 'x-optional': true, examples: [{ enqueue: 'cleanup' }] },
  ),
);

export const Enqueue = queueName(`If its alias is released, ${JOBS}; by default the queue of its creation.`);

const FailureCode = text('error_code_too_long', 255, {
  description: 'What kind of failure it was, for programs.',
  examples: ['validate-width'],
});

interface Result {
  alias?: string;
  token?: string;
  message?: string;
  code?: string;
}

const isEither = ({ alias, token, message, code }: Result): boolean =>
  [alias, token].every((given) => given !== undefined) !==
    [message, code].every((given) => given !== undefined) &&
  [alias, token, message, code].filter((given) => given !== undefined).length === 2;

const result = {
  alias: Type.Optional(Alias),
  token: Type.Optional(DeleteToken),
  message: Type.Optional(ErrorText),
  code: Type.Optional(FailureCode),
};

export const UploadResult = component(
  'UploadResult',
  Type.Refine(
    Type.Object(result, {
      additionalProperties: false,
      description: 'An alias with its token, or the message and the code of a failure.',
      examples: [
        {
          alias: '7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg',
          token: '0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10',
        },
      ],
    }),
    isEither,
    () => 'must have alias and token, or message and code',
  ),
);

const State = Type.Enum(['pending', 'completed', 'failed'], {
  description: 'pending: it has no result yet. completed: there is an alias, which `uploads.claim` answers.',
  examples: ['completed'],
});

export const UploadState = component(
  'UploadState',
  Type.Object({
    id: UploadId,
    state: State,
    claimed: Type.Boolean({ description: 'Whether somebody has claimed it.' }),
    created_at: Timestamp,
    expires_at: Type.Unsafe<string>({
      ...Timestamp,
      description: 'When the upload is forgotten, or its alias is released.',
    }),
    message: result.message,
    code: result.code,
  }),
);

export const ClaimBody = component(
  'UploadClaim',
  Type.Object({ claimer: Claimer }, { additionalProperties: false }),
);

export const ClaimedUpload = component(
  'ClaimedUpload',
  Type.Object({ id: UploadId, state: Type.Enum(['completed', 'failed']), ...result }),
);
