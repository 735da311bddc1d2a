import type { Database } from '../../database/database.js';
import { isFaultOfAnItem, isLockTimeout } from '../../database/errors.js';
import type { LockTimeout } from '../../database/lock-timeout.js';
import { type JobEvent, observeQueues, type QueueObserver } from './observer.js';
import { readSearchCursor, toSearchCursor } from './search-cursor.js';
import {
  type ChangeJobs,
  type ChosenJob,
  findStates,
  removeJobs,
  retryJobs,
  runJobsNow,
} from './sql/chosen-jobs.js';
import type { JobFilter } from './sql/job-filter.js';
import type { JobState } from './sql/job-row.js';
import type { ReadyJob } from './sql/queue-position.js';
import { searchIds } from './sql/search-jobs.js';

/** Which jobs: those with these ids, or those that match a filter. */
export type Choice =
  | { ids: string[]; dry_run?: boolean }
  | { match: JobFilter; limit?: number; after?: string; dry_run?: boolean };

export interface ChoiceResult {
  id: string;
  outcome: 'matched' | 'retried' | 'ready' | 'removed' | 'cancel_requested' | 'skipped' | 'not_found';
  /** Why it was skipped: its state, or what stood in the way. */
  reason?: JobState | 'unique_key_used' | 'locked' | 'failed';
}

export interface Chosen {
  matched: number;
  changed: number;
  skipped: number;
  more: boolean;
  next?: string;
  results?: ChoiceResult[];
}

interface Action {
  change: ChangeJobs;
  /** In which states a job can be changed. */
  states: readonly JobState[];
  event?: JobEvent;
}

const ACTIONS = {
  retry: { change: retryJobs, states: ['dead'], event: 'redriven' },
  runNow: { change: runJobsNow, states: ['scheduled'] },
  remove: { change: removeJobs, states: ['ready', 'scheduled', 'running', 'dead'], event: 'cancelled' },
} satisfies Record<string, Action>;

/** How many jobs a statement changes at most, and how many jobs an answer is for by default. */
const CHUNK = 1000;
/** How many statements look for jobs for one answer. */
const MAX_SEARCHES = 20;
/** When so many jobs of a request are locked, the rest is not tried, because each may take a lock timeout. */
const MAX_LOCKED = 8;

interface Dependencies {
  db: Database;
  observer: QueueObserver;
  /** These jobs have become ready. */
  onReady: (jobs: ReadyJob[]) => void;
}

/** Changes jobs that somebody chose. A job that is locked or faulty is skipped, and the others are changed. */
export function createJobActions({ db, observer, onReady }: Dependencies) {
  async function byIds(action: Action, ids: string[], isDry: boolean): Promise<ChoiceResult[]> {
    const unique = [...new Set(ids)];
    const done = new Map<string, ChoiceResult>();
    if (!isDry) for (const result of await changeEach(action, unique)) done.set(result.id, result);
    const rest = unique.filter((id) => !done.has(id));
    const states = rest.length > 0 ? await findStates(db, rest) : new Map<string, JobState>();
    for (const id of rest) done.set(id, withoutChange(action, id, states.get(id), isDry));
    return ids.map((id) => done.get(id) ?? { id, outcome: 'not_found' });
  }

  /** A statement that fails is run again for each half of its jobs, until the faulty one stands alone. */
  async function changeEach(action: Action, ids: string[]): Promise<ChoiceResult[]> {
    const results: ChoiceResult[] = [];
    const changed: ChosenJob[] = [];
    let locked = 0;
    async function change(some: string[], lockTimeout: LockTimeout): Promise<void> {
      if (locked >= MAX_LOCKED) {
        results.push(...some.map((id) => skipped(id, 'locked')));
        return;
      }
      try {
        changed.push(...(await action.change(db, some, lockTimeout)));
      } catch (error) {
        const [id = ''] = some;
        const isLocked = isLockTimeout(error);
        if (!isLocked && !isFaultOfAnItem(error)) throw error;
        if (some.length > 1) {
          const half = Math.ceil(some.length / 2);
          await change(some.slice(0, half), 'short');
          await change(some.slice(half), 'short');
        } else {
          if (isLocked) locked++;
          results.push(skipped(id, isLocked ? 'locked' : 'failed'));
        }
      }
    }
    try {
      if (ids.length > 0) await change(ids, 'long');
    } finally {
      // Also where a later statement failed: what is committed is committed.
      announce(action, changed);
    }
    return [...results, ...changed.map(resultOf)];
  }

  function announce({ event }: Action, changed: ChosenJob[]): void {
    onReady(changed.filter(({ outcome }) => outcome === 'retried' || outcome === 'ready'));
    const counted = changed.filter(({ outcome }) => outcome === 'retried' || outcome === 'removed');
    if (event)
      observeQueues(
        observer,
        event,
        counted.map(({ queue }) => queue),
      );
  }

  async function byFilter(
    action: Action,
    { match, limit = CHUNK, after, dry_run: isDry = false }: Extract<Choice, { match: JobFilter }>,
  ): Promise<Chosen> {
    const total = { matched: 0, changed: 0, skipped: 0 };
    // If an action is for jobs of one state, the request need not name the state.
    const filter = action.states.length === 1 ? { ...match, state: action.states[0] } : match;
    let place = after === undefined ? undefined : readSearchCursor(after);
    for (let searches = 0; searches < MAX_SEARCHES; searches++) {
      const most = Math.min(CHUNK, limit - total.matched);
      const { items, next } = await searchIds(db, filter, place, most);
      const results = isDry ? [] : await byIds(action, items, false);
      const changed = results.filter(({ outcome }) => isChanged(outcome)).length;
      // A job that was found and is gone by now is not counted, because another request has removed it.
      const matched = isDry ? items.length : results.filter(({ outcome }) => outcome !== 'not_found').length;
      total.matched += matched;
      total.changed += changed;
      total.skipped += isDry ? 0 : matched - changed;
      place = next;
      if (!next) return { ...total, more: false };
      if (total.matched >= limit) break;
    }
    return { ...total, more: true, ...(place && { next: toSearchCursor(place) }) };
  }

  return async (name: keyof typeof ACTIONS, choice: Choice): Promise<Chosen> => {
    const action: Action = ACTIONS[name];
    if ('match' in choice) return await byFilter(action, choice);
    const isDry = choice.dry_run ?? false;
    const results = await byIds(action, choice.ids, isDry);
    // An id that is sent twice has its result twice, and counts once.
    const jobs = [...new Map(results.map((result) => [result.id, result])).values()];
    const matched = jobs.filter(({ outcome }) => outcome !== 'not_found').length;
    const changed = jobs.filter(({ outcome }) => isChanged(outcome)).length;
    const dry = jobs.filter(({ outcome }) => outcome === 'matched').length;
    return {
      matched: isDry ? dry : matched,
      changed,
      skipped: matched - changed - dry,
      more: false,
      results,
    };
  };
}

function isChanged(outcome: ChoiceResult['outcome']): boolean {
  return !['matched', 'skipped', 'not_found'].includes(outcome);
}

function resultOf({ id, outcome }: ChosenJob): ChoiceResult {
  return outcome === 'unique_key_used' ? skipped(id, outcome) : { id, outcome };
}

function skipped(id: string, reason: NonNullable<ChoiceResult['reason']>): ChoiceResult {
  return { id, outcome: 'skipped', reason };
}

/** The result for a job that the statement did not change. A job in the right state was locked, or has just come into it. */
function withoutChange(
  { states }: Action,
  id: string,
  state: JobState | undefined,
  isDry: boolean,
): ChoiceResult {
  if (state === undefined) return { id, outcome: 'not_found' };
  if (!states.includes(state)) return skipped(id, state);
  return isDry ? { id, outcome: 'matched' } : skipped(id, 'locked');
}
