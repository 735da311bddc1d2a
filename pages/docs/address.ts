import type { Group, Operation } from './document.js';

/** What is open and what is looked for: both are in the address or in the history, so that back works. */

interface HistoryState {
  open: string[];
}

/** The operations that were open here, or nothing where the person was not yet. */
export function openHere(): string[] | undefined {
  const state: HistoryState | null = history.state;
  return state?.open;
}

export function filterHere(): string {
  return new URLSearchParams(location.search).get('filter') ?? '';
}

/** The operation that the address means. */
export function operationHere(groups: Group[]): Operation | undefined {
  return groups.flatMap(({ operations }) => operations).find(({ address }) => address === location.hash);
}

/** A step of its own in the history. */
export function goTo(address: string, open: string[]): void {
  history.pushState({ open }, '', address);
}

/** No step of its own. */
export function note(open: string[], filter: string): void {
  const search = filter === '' ? '' : `?${new URLSearchParams({ filter })}`;
  history.replaceState({ open }, '', location.pathname + search + location.hash);
}
