import Type from 'typebox';
import { component } from '../../schema.js';
import { resultsOf } from '../read-several.js';
import { Hash, Identifier, orNull } from '../values.js';

export const Details = Type.Object(
  {},
  {
    additionalProperties: true,
    description: 'Any JSON object of at most 1 MiB. It is kept byte for byte.',
    examples: [
      {
        width: 1920,
        height: 1080,
        frames: null,
        content_type: 'image/webp',
        created_at: '2026-11-22T13:14:56.789012345Z',
        format: { Image: 'webp' },
      },
    ],
  },
);

export const DetailsResults = component(
  'DetailsResults',
  resultsOf(
    Type.Object(
      { hash: Hash, identifier: Identifier, details: orNull(Details) },
      { description: 'The details are null if there are none.' },
    ),
  ),
);

/** 1 MiB. */
export const DETAILS_BYTES = 1024 * 1024;
