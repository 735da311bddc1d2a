import { Problem } from '../../problems.js';
import type { LeaseEnd } from './dispatch/lease-calls.js';
import type { Extended } from './sql/extend-leases.js';
import type { LostState } from './sql/lost-leases.js';

/** What became of one of the leases in a request. */
type Outcome<Done extends string> = Done | 'gone' | 'lost' | 'contended';

export interface Completion {
  lease: string;
  outcome: Outcome<'completed'>;
}

/** The answer for a lease that a client wanted to complete. */
export function completion(lease: string, end: LeaseEnd): Completion {
  return { lease, outcome: outcomeOf(end, 'completed') };
}

/** The answer for a lease that a client wanted to extend. */
export function extensionResult(extended: Extended | { lost: 'contended' }) {
  const outcome = outcomeOf(extended.lost, 'extended');
  if (extended.lost !== null) return { outcome };
  return {
    outcome,
    lease_expires_at: extended.lease_expires_at,
    cancel_requested: extended.cancel_requested,
  };
}

function outcomeOf<Done extends string>(end: LeaseEnd, done: Done): Outcome<Done> {
  if (end === null) return done;
  return end === 'gone' || end === 'contended' ? end : 'lost';
}

export function leaseLost(state: LostState): Problem {
  const where = state === 'gone' ? 'The job is gone: completed, or cancelled' : `The job is ${state} now`;
  return new Problem('lease_lost', `${where}. Nothing was changed.`, { state });
}
