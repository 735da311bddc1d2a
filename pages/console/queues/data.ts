import { change } from '../api.js';

/** What the console reads of the queues and changes in them. */

export type State = 'ready' | 'scheduled' | 'running' | 'dead' | 'completed';

export const STATE_LABELS: Record<State, string> = {
  ready: 'waiting',
  scheduled: 'scheduled',
  running: 'running',
  dead: 'dead',
  completed: 'completed',
};

export type TroubleName = 'paused' | 'dead' | 'stalled' | 'old';

export interface Queue {
  queue: string;
  ready: number;
  scheduled: number;
  running: number;
  dead: number;
  oldest_ready_seconds: number | null;
  /** Workers that wait for jobs. */
  parked: number;
  paused: boolean;
  trouble: TroubleName[];
  trend?: { pushed: number[]; completed: number[]; failed: number[]; ready: (number | null)[] };
}

export interface Queues {
  as_of: string;
  queues: Queue[];
  matched: number;
  total: number;
  totals: Record<'ready' | 'scheduled' | 'running' | 'dead' | 'parked' | 'paused' | 'troubled', number>;
  next?: string;
  history?: { since: string; from: string };
}

export interface Minute {
  at: string;
  pushed: number;
  completed: number;
  failed: number;
  died: number;
  wait_p50: number | null;
  wait_p99: number | null;
  run_p50: number | null;
  run_p99: number | null;
  ready: number | null;
  running: number | null;
}

export interface History {
  since: string;
  /** Whether the figures are those of several queues together. */
  shared: boolean;
  minutes: Minute[];
}

export interface Job {
  id: string;
  queue: string;
  state: State;
  job: unknown;
  priority: number;
  unique_key?: string;
  attempts: number;
  max_attempts: number;
  queued_at: string;
  run_at?: string;
  ready_since?: string;
  running_since?: string;
  last_heartbeat_at?: string;
  worker_id?: string;
  lease_expires_at?: string;
  run_ends_at?: string;
  cancel_requested?: boolean;
  last_error?: string;
  died_at?: string;
  completed_at?: string;
  ran_seconds?: number;
  result?: unknown;
}

export interface JobPage {
  jobs: Job[];
  next?: string;
}

export interface Worker {
  worker_id: string;
  running: number;
  queues: string[];
  running_since?: string | null;
  last_heartbeat_at?: string | null;
  lease_expires_at?: string | null;
}

/** Which jobs: those with these ids, or all that match. */
export type Which = { ids: string[] } | { match: Match };

export interface Match {
  queue?: string;
  state?: string;
  worker?: string;
  unique_key?: string;
  error?: string;
  payload?: string;
}

export interface Changed {
  matched: number;
  changed: number;
  skipped: number;
  more: boolean;
  next?: string;
}

export type Action = 'retry' | 'run-now' | 'remove';

/** In seconds: pages that poll may all get the same count. */
export const MOST_AGE = 3;

export const ofQueue = (queue: string): string => `/queues/${encodeURIComponent(queue)}`;

export const setPaused = (queue: string, isPaused: boolean): Promise<object> =>
  change('POST', `${ofQueue(queue)}/${isPaused ? 'pause' : 'resume'}`);

export const purge = (queue: string, which: 'waiting' | 'dead'): Promise<{ purged: number }> =>
  change('POST', `${ofQueue(queue)}/purge`, { query: { which } });

/** One pass over the jobs of an action. */
function act(action: Action, body: object): Promise<Changed> {
  return change('POST', `/jobs/${action}`, { body });
}

/** How many jobs match; `more` where there are others. */
export const countMatching = (action: Action, match: Match): Promise<Changed> =>
  act(action, { match, limit: 10_000, dry_run: true });

/** Does it in passes until nothing is left, so that no pass takes long. */
export async function actOnAll(
  action: Action,
  which: Which,
  onPass: (soFar: Changed) => void = () => {},
): Promise<Changed> {
  if ('ids' in which) return act(action, which);
  const sum = { matched: 0, changed: 0, skipped: 0, more: true };
  let after: string | undefined;
  while (sum.more) {
    const pass = await act(action, { ...which, limit: 1000, ...(after !== undefined && { after }) });
    sum.matched += pass.matched;
    sum.changed += pass.changed;
    sum.skipped += pass.skipped;
    sum.more = pass.more && pass.next !== undefined;
    after = pass.next;
    onPass(sum);
  }
  return sum;
}
