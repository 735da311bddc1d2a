import assert from 'node:assert/strict';
import type { Enqueuer } from '../../src/repos/enqueue.js';

/** For repos whose tested methods push no job. */
export const NO_QUEUE: Enqueuer = {
  into: (_sql, queue) => (typeof queue === 'string' ? assert.fail('a job is pushed') : undefined),
  pushed: () => assert.fail('a job was pushed'),
};
