import { useEffect } from 'preact/hooks';
import { addressOf } from '../address.js';
import { read } from '../api.js';
import { useConsole, useParameter } from '../console-context.js';
import { usePoll } from '../poll.js';
import { MOST_AGE, type Queues } from '../queues/data.js';
import { Trouble } from '../ui/parts.js';
import { readIfThere } from './data.js';

interface Hit {
  kind: string;
  name: string;
  href: string;
}

interface Findings {
  found: { kind: keyof typeof KINDS; name: string; hash: string | null }[];
}

const KINDS = {
  alias: 'Alias',
  hash: 'Content with this hash',
  url: 'Proxied URL',
  original: 'File',
  motion: 'Motion file',
  variant: 'Variant',
  owner: 'Owner',
};

const JOB_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

async function lookUp(text: string, mayWrite: boolean, signal: AbortSignal): Promise<Hit[]> {
  const [{ found }, { queues }] = await Promise.all([
    read<Findings>('/find', { name: text }, signal),
    read<Queues>('/queues', { search: text, limit: 10, max_age: MOST_AGE }, signal),
  ]);
  const hits = [
    ...found.map(({ kind, name, hash }) => ({ kind: KINDS[kind], name, href: hrefOf(kind, name, hash) })),
    ...queues.map(({ queue }) => ({ kind: 'Queue', name: queue, href: addressOf('queue', { queue }) })),
  ];
  const id = text.toLowerCase();
  // Last, because browsers note each answer 404 as an error, and an alias may look like the id of a job.
  if (hits.length > 0 || !mayWrite || !JOB_ID.test(id)) return hits;
  const job = await readIfThere<object>(`/jobs/${id}`);
  return job ? [{ kind: 'Job', name: id, href: addressOf('job', { id }) }] : [];
}

function hrefOf(kind: keyof typeof KINDS, name: string, hash: string | null): string {
  if (kind === 'owner') return addressOf('media', { owner: name });
  // Which of its aliases is marked there.
  const alias = kind === 'alias' || kind === 'url' ? name : undefined;
  return addressOf('content', { hash, alias });
}

/** What a text names. Where that is one thing alone, it is opened. */
export function SearchView() {
  const text = useParameter('q');
  const { go, may } = useConsole();
  const mayWrite = may('write');
  const looked = usePoll(`search ${text}`, (signal) => lookUp(text, mayWrite, signal), { once: true });
  const hits = looked.data;
  const [only] = hits?.length === 1 ? hits : [];
  useEffect(() => {
    if (only) go(only.href, { replace: true });
  }, [only, go]);
  return (
    <>
      <h1 tabIndex={-1}>
        Search <span class="name">{text}</span>
      </h1>
      <Trouble of={looked} />
      {hits === undefined && looked.error === undefined && <p class="muted">Looking…</p>}
      {hits?.length === 0 && (
        <div class="empty">
          <h2>Nothing has this name</h2>
          <p>
            Looked for an alias, a hash, the SHA-256 of a file, a proxied URL, an identifier, an owner, a
            queue{mayWrite ? ' and a job' : ''}. Names must be whole; of a hash the first 8 digits are enough,
            and of a queue any part.
          </p>
          {!mayWrite && JOB_ID.test(text.toLowerCase()) && (
            <p>It may be the id of a job: jobs are shown to keys with the scope write.</p>
          )}
        </div>
      )}
      {hits && hits.length > 0 && (
        <ul class="hits">
          {hits.map(({ kind, name, href }) => (
            <li key={`${kind} ${href}`}>
              <a href={href}>
                <span class="muted">{kind}</span> <span class="name">{name}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
