import { addressOf } from '../address.js';
import { read } from '../api.js';
import { useConsole } from '../console-context.js';
import { type Looked, usePoll } from '../poll.js';

interface Page {
  previous?: string | undefined;
  next?: string | undefined;
}

/** Reads the page of a list that the address names, once, and makes the addresses of the pages beside it. */
export function useListPage<P extends Page>(
  path: string,
  query: Parameters<typeof read>[1],
): { looked: Looked<P>; previous: string | undefined; next: string | undefined } {
  const { place } = useConsole();
  const looked = usePoll(`${path}?${JSON.stringify(query)}`, (signal) => read<P>(path, query, signal), {
    once: true,
  });
  const at = (cursor: string | undefined) =>
    cursor && addressOf('media', { ...Object.fromEntries(place.query), cursor });
  return { looked, previous: at(looked.data?.previous), next: at(looked.data?.next) };
}
