import Type from 'typebox';

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

/** 1 MiB. */
export const DETAILS_BYTES = 1024 * 1024;
