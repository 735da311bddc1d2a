import { ProblemError } from '../errors.js';
import type { PictRepo } from '../generated/repos.js';
import type { Extensions } from '../generated/schemas.js';
import { contended, Gathered } from './gathered.js';
import type { Job, Worker } from './options.js';

/** A running job whose lease is to be extended. */
interface Beat {
  job: Job;
  leaseSeconds: number;
}

/** Whether a cancel was requested, or the problem that a heartbeat of this job alone would get. */
type Answer = { isCancelled: boolean } | { lost: ProblemError };

type Extension = Extensions['results'][number];

export type Heartbeats = Gathered<Beat, Answer>;

/** The requests that extend the leases of running jobs. */
export function heartbeatsOf({ queue }: PictRepo, worker: Worker): Heartbeats {
  const length = worker.leaseSeconds === undefined ? {} : { lease_seconds: worker.leaseSeconds };
  return new Gathered<Beat, Answer>({
    worker,
    send: async (beats, options) => {
      const leases = beats.map(({ job }) => job.lease);
      const { results } = await queue.heartbeatMany({ leases, ...length }, options);
      return new Map(results.map(({ lease, ...result }) => [lease, answerOf(result)]));
    },
  });
}

function answerOf({ outcome, cancel_requested = false }: Omit<Extension, 'lease'>): Answer | ProblemError {
  if (outcome === 'extended') return { isCancelled: cancel_requested };
  return outcome === 'contended' ? contended() : { lost: lostBy(outcome) };
}

function lostBy(outcome: 'gone' | 'lost'): ProblemError {
  const detail = outcome === 'gone' ? 'The job is gone: completed, or cancelled.' : 'The lease is not held.';
  return new ProblemError(409, { code: 'lease_lost', detail });
}
