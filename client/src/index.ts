export type { CallOptions } from './call-options.js';
export { type ClientOptions, createClient } from './client.js';
export { ConnectionError, isProblem, ProblemError, type ProblemOf, StreamError } from './errors.js';
export type { ProblemCode } from './generated/problems.js';
export type { PictRepo } from './generated/repos.js';
export type * as Schemas from './generated/schemas.js';
export type { FailedRunEnd, Handler, Job, RunEnd, WorkOptions } from './worker/options.js';
export { JobCancelled, JobFailure, LeaseLost, RanTooLong, WorkerStopping } from './worker/reasons.js';
export { work } from './worker/work.js';
