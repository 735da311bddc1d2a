export type { CallArguments, CallOptions, CallResult, OperationId } from './calls.js';
export { type ClientOptions, createClient, type PictRepo } from './client.js';
export { ConnectionError, isProblem, type Problem, ProblemError, StreamError } from './errors.js';
export type { ProblemCode } from './generated/problem-code.js';
export type { components } from './generated/schema.js';
export type { Handler, Job, WorkOptions } from './worker/options.js';
export { JobCancelled, JobFailure, LeaseLost, RanTooLong, WorkerStopping } from './worker/reasons.js';
export { work } from './worker/work.js';
