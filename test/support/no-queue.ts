import assert from 'node:assert/strict';

/** For repos whose tested methods push no job. */
export const NO_QUEUE = { insert: () => assert.fail('a job was pushed'), pushed: () => {} };
