import { count } from '../text.js';
import type { State } from './data.js';

const STATES: [state: State, label: string][] = [
  ['ready', 'Waiting'],
  ['scheduled', 'Scheduled'],
  ['running', 'Running'],
  ['dead', 'Dead'],
  ['completed', 'Completed'],
];

/** The state that an address names. */
export function stateOf(name: string): State | undefined {
  return STATES.find(([state]) => state === name)?.[0];
}

interface StateTabsOptions {
  shown: State | undefined;
  counts: Record<Exclude<State, 'completed'>, number> | undefined;
  hrefOf: (state: State) => string;
}

/** Leads to the jobs in each state. Nobody counts the completed ones. */
export function StateTabs({ shown, counts, hrefOf }: StateTabsOptions) {
  return (
    <nav class="tabs" aria-label="Jobs by state">
      {STATES.map(([state, label]) => (
        <a key={state} href={hrefOf(state)} aria-current={state === shown ? 'page' : undefined}>
          {label} {counts && state !== 'completed' && <span class="figure">{count(counts[state])}</span>}
        </a>
      ))}
    </nav>
  );
}
