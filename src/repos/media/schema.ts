import Type from 'typebox';
import type { ProblemCode } from '../../problems.js';
import { batch, component, jsonText, text } from '../../schema.js';
import { DETAILS_BYTES, Details } from '../details/schema.js';
import { resultsOf } from '../read-several.js';
import {
  Alias,
  aliasText,
  Blurhash,
  CleanupQueue,
  DeleteToken,
  FileBytes,
  Hash,
  Identifier,
  Owner,
  orNull,
  queueName,
  Timestamp,
  Url,
  Variant,
} from '../values.js';

const File = { identifier: Identifier, details: orNull(Details) };

export const Image = component(
  'Image',
  Type.Object(
    {
      alias: Alias,
      hash: Hash,
      identifier: Identifier,
      motion_identifier: orNull(Identifier),
      blurhash: orNull(Blurhash),
      details: File.details,
      owner: orNull(Owner),
      expires_at: orNull(Timestamp),
      variant: orNull(
        Type.Object(
          { variant: Variant, ...File },
          { description: 'Null if none was requested, or if it is not made yet.' },
        ),
      ),
    },
    { description: 'Unknown values are null. Details are byte for byte as they were stored.' },
  ),
);

const first100 = (what: string) => ({ description: `The first 100, in the order of ${what}.` });
const more = (what: string) => Type.Boolean({ description: `Whether there are further ${what} than these.` });

export const Content = component(
  'Content',
  Type.Object({
    hash: Hash,
    identifier: Identifier,
    motion_identifier: orNull(Identifier),
    blurhash: orNull(Blurhash),
    bytes: orNull(FileBytes),
    created_at: orNull(Timestamp),
    details: File.details,
    aliases: Type.Array(
      Type.Object({
        alias: Alias,
        owner: orNull(Owner),
        expires_at: orNull(Timestamp),
        expired: Type.Boolean({ description: 'Whether the alias has expired.' }),
        created_at: orNull(Timestamp),
        accessed_at: orNull(Timestamp),
        urls: Type.Array(Url, { description: 'The URLs that are related to it, at most three of them.' }),
        urls_more: more('URLs'),
      }),
      first100('their names, including expired ones'),
    ),
    aliases_more: more('aliases'),
    variants: Type.Array(
      Type.Object({
        variant: Variant,
        identifier: Identifier,
        bytes: orNull(FileBytes),
        accessed_at: orNull(Timestamp),
      }),
      first100('their names'),
    ),
    variants_more: more('variants'),
  }),
);

export const Name = text('name_too_long', 8192, {
  description:
    'An alias, a hash or at least 8 digits of its beginning, a proxied URL, an identifier or an owner.',
  examples: ['7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg'],
});

export const Findings = component(
  'MediaFindings',
  Type.Object({
    found: Type.Array(
      Type.Object({
        kind: Type.Enum(['alias', 'hash', 'url', 'original', 'motion', 'variant', 'owner'], {
          description:
            'What the name refers to. original, motion and variant: it is the identifier of such a file.',
        }),
        name: Type.String({
          description: 'The name. For a URL it is the alias, and for the beginning of a hash the whole hash.',
          examples: ['7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg'],
        }),
        hash: orNull(Hash),
      }),
      { description: 'Up to 10 of a kind. An owner has no hash.' },
    ),
  }),
);

const key = { alias: Type.Optional(Alias), url: Type.Optional(Url), variant: Type.Optional(Variant) };

export const imageQuery = {
  ...key,
  // The page at /docs leaves optional members out of its example request, but alias or url is needed.
  alias: Type.Optional(aliasText({ 'x-needed': true })),
  record_access: Type.Optional(
    Type.Boolean({
      description:
        'Also records an access of the alias, and of the variant if there is one. The answer does not wait for it. Needs ' +
        'the scope `write`.',
    }),
  ),
};

/** Whether a request names exactly one image. */
export const namesOneImage = ({ alias, url }: { alias?: string; url?: string }): boolean =>
  (alias === undefined) !== (url === undefined);

export const ONE_IMAGE = 'must have alias or url, and not both';

export const Images = component(
  'Images',
  Type.Object(
    {
      items: batch(
        Type.Refine(
          Type.Object(key, {
            additionalProperties: false,
            description: 'An alias or a URL, and not both.',
            examples: [{ alias: '7f6a2a44-5a0c-4b0e-9d55-0a7f3ef6f2c1.jpeg', variant: 'thumbnail/256/webp' }],
          }),
          namesOneImage,
          () => ONE_IMAGE,
        ),
        1000,
        'Each gets its own result.',
      ),
    },
    { additionalProperties: false },
  ),
);

export const IMAGES_BYTES: [number, ProblemCode] = [8 * 1024 * 1024, 'batch_too_large'];

export const ImageResults = component('ImageResults', resultsOf(Image, ['image', 'images']));

export const Release = component(
  'Release',
  Type.Refine(
    Type.Object(
      {
        delete_token: Type.Optional(DeleteToken),
        force: Type.Optional(
          Type.Literal(true, { description: 'In place of the token. Needs the scope `admin`.' }),
        ),
        enqueue: Type.Optional(CleanupQueue),
      },
      {
        additionalProperties: false,
        examples: [{ delete_token: '0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10', enqueue: 'cleanup' }],
      },
    ),
    ({ delete_token, force }) => (delete_token === undefined) !== (force === undefined),
    () => 'must have delete_token or force, and not both',
  ),
);

const pass = {
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1000,
      description: 'Maximum number of aliases, or of variants; by default 100.',
    }),
  ),
  enqueue: Type.Optional(CleanupQueue),
  dry_run: Type.Optional(Type.Boolean({ description: 'Tells what would be removed, and removes nothing.' })),
};

export const OwnerRelease = component(
  'OwnerRelease',
  Type.Object({ owner: Owner, ...pass }, { additionalProperties: false }),
);

export const ExpiryBody = component(
  'ExpiryPass',
  Type.Object(
    {
      older_than: Timestamp,
      ...pass,
      delay_seconds: Type.Optional(
        Type.Number({
          minimum: 0,
          maximum: 315_360_000,
          description:
            'The jobs of `enqueue` are ready after so many seconds, because somebody may still be reading a file.',
        }),
      ),
    },
    {
      additionalProperties: false,
      examples: [{ older_than: '2026-11-22T13:14:56.789012Z', enqueue: 'cleanup', delay_seconds: 60 }],
    },
  ),
);

/** Details are stored as text, byte for byte, so only their first character is checked here. */
const isObjectText = (text: string): boolean => /^\s*\{/.test(text);

export const UploadBody = component(
  'Upload',
  Type.Refine(
    Type.Object(
      {
        hash: Hash,
        identifier: Identifier,
        delete_token: DeleteToken,
        details: Type.Optional(
          Type.Refine(
            Type.Refine(
              jsonText({
                description: 'Of the file: any JSON object of at most 1 MiB. It is kept byte for byte.',
              }),
              isObjectText,
              () => 'must be an object',
            ),
            (text) => Buffer.byteLength(text) <= DETAILS_BYTES,
            () => 'details_too_large' satisfies ProblemCode,
          ),
        ),
        bytes: Type.Optional(FileBytes),
        motion_identifier: Type.Optional(Identifier),
        blurhash: Type.Optional(Blurhash),
        owner: Type.Optional(orNull(Owner)),
        expires_at: Type.Optional(orNull(Timestamp)),
        proxy_url: Type.Optional(Url),
        enqueue: Type.Optional(
          queueName(
            'Pushes a job `{"Identifier":{"identifier":…}}` for each uploaded file that is not needed to this queue, in the ' +
              'same transaction.',
          ),
        ),
      },
      {
        additionalProperties: false,
        examples: [
          {
            hash: '7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730',
            identifier: '9c/41/7e/02/bb/5d/f0/13/a8/6e/0f7b24c9d1e5.webp',
            delete_token: '0c2d8a6e-31b7-4f4e-8f0d-6a4f2b9f5a10',
            details: { width: 1920, height: 1080, content_type: 'image/webp' },
            enqueue: 'cleanup',
          },
        ],
      },
    ),
    ({ identifier, motion_identifier }) => identifier !== motion_identifier,
    () => 'must have two different files',
  ),
);

/** The limit of an upload: details of 1 MiB, and the other members. */
export const UPLOAD_BYTES: [number, ProblemCode] = [DETAILS_BYTES + 64 * 1024, 'details_too_large'];

export const Committed = component(
  'CommittedUpload',
  Type.Object({
    alias: Alias,
    hash: Hash,
    identifier: Identifier,
    content: Type.Enum(['created', 'standing'], {
      description:
        'created: its file is the uploaded one. standing: it existed already, with another file, `identifier`.',
    }),
    unneeded: Type.Array(Identifier, {
      description: 'The uploaded files that are not needed. They may be deleted now.',
    }),
  }),
);

const removed = Type.Object({
  aliases: Type.Array(Alias),
  hashes: Type.Array(Hash, { description: 'Contents that lost their last alias.' }),
  variants: Type.Array(Type.Object({ hash: Hash, variant: Variant })),
  identifiers: Type.Array(Identifier, { description: 'The files that may be deleted now.' }),
});

export const Released = component(
  'ReleasedMedia',
  Type.Object({
    removed,
    more: Type.Optional(
      Type.Literal(true, {
        description:
          'The content has so many variants that it is removed in steps afterwards. The queue gets a job for each of its files.',
      }),
    ),
  }),
);

export const Pass = component(
  'Pass',
  Type.Object({
    removed,
    more: Type.Boolean({
      description:
        'There may be more to remove: send the request again. This can also be true of a pass that removed nothing.',
    }),
  }),
);
