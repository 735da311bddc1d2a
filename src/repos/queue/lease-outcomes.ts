import { Problem } from '../../problems.js';
import type { LostState } from './sql/lost-leases.js';

export interface Completion {
  lease: string;
  outcome: 'completed' | 'gone' | 'lost';
}

/** The answer for a lease that a client wanted to complete. */
export function completion(lease: string, lost: LostState | null): Completion {
  return { lease, outcome: outcomeOf(lost, 'completed') };
}

export function outcomeOf<Done extends string>(lost: LostState | null, done: Done): Done | 'gone' | 'lost' {
  if (lost === null) return done;
  return lost === 'gone' ? 'gone' : 'lost';
}

export function leaseLost(state: LostState): Problem {
  const where = state === 'gone' ? 'The job is gone: completed, or cancelled' : `The job is ${state} now`;
  return new Problem('lease_lost', `${where}. Nothing was changed.`, { state });
}
