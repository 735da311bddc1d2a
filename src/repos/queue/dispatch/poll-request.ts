import type { ClaimedJob } from '../sql/claim.js';
import type { DoneLease } from '../sql/keep-completed.js';

export interface PollOptions {
  worker_id: string;
  /** Maximum number of jobs. */
  max: number;
  waitSeconds: number;
  lease_seconds?: number | undefined;
  idempotency_key?: string | undefined;
  /** Leases of jobs that the worker has done. The first claim completes them in its transaction. */
  leases: DoneLease[];
}

/** What a poll is answered with. */
export interface PollAnswer {
  /** None if the wait ended. */
  jobs: ClaimedJob[];
  /** For each lease that the poll brought, whether its job was completed; undefined if no claim took the leases. */
  completed: boolean[] | undefined;
}
