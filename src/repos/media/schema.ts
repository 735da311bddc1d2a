import Type from 'typebox';
import type { ProblemCode } from '../../problems.js';
import { batch, component } from '../../schema.js';
import { resultsOf } from '../bounded.js';
import { Details } from '../details/schema.js';
import {
  Alias,
  aliasText,
  Blurhash,
  Hash,
  Identifier,
  Owner,
  orNull,
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
          { description: 'Null where none was asked for, or where it is not made yet.' },
        ),
      ),
    },
    { description: 'What is not known is null. Details are byte for byte as they were stored.' },
  ),
);

const key = { alias: Type.Optional(Alias), url: Type.Optional(Url), variant: Type.Optional(Variant) };

export const imageQuery = {
  ...key,
  // The page at /docs sends no example of what is optional, but one of alias and url is needed.
  alias: Type.Optional(aliasText({ 'x-needed': true })),
  record_access: Type.Optional(
    Type.Boolean({
      description:
        'Also notes an access of the alias, and of the variant if there is one. The answer does not wait for it. Needs ' +
        'the scope `write`.',
    }),
  ),
};

/** Tells whether a request names one image. */
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
        'Each is answered by itself.',
      ),
    },
    { additionalProperties: false },
  ),
);

export const IMAGES_BYTES: [number, ProblemCode] = [8 * 1024 * 1024, 'batch_too_large'];

export const ImageResults = component('ImageResults', resultsOf(Image, ['image', 'images']));
