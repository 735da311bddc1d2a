import { useEffect } from 'preact/hooks';
import { addressOf } from '../address.js';
import { read } from '../api.js';
import { useConsole, useParameter } from '../console-context.js';
import { usePoll } from '../poll.js';
import type { Queues } from '../queues/data.js';
import { Trouble } from '../ui/parts.js';
import { readIfThere } from './data.js';

interface Hit {
  kind: string;
  name: string;
  href: string;
}

/** What a text can name: each looks it up, and is empty where it names nothing. */
const LOOKUPS: ((text: string, mayWrite: boolean) => Promise<(Hit | undefined)[]>)[] = [
  async (text) => {
    const found = await readIfThere<{ hash: string }>(`/aliases/${encodeURIComponent(text)}`);
    return [found && hit('Alias', text, found.hash)];
  },
  async (text) => {
    if (!/^([0-9a-f]{2})+$/i.test(text)) return [];
    const found = await readIfThere<{ hash: string }>(`/hashes/${text.toLowerCase()}`);
    return [found && hit('Hash', found.hash, found.hash)];
  },
  async (text) => {
    // The sha256 of a file is how the hashes of pict-rs begin.
    if (!/^[0-9a-f]{64}$/i.test(text)) return [];
    const digest = text.toLowerCase();
    const found = await readIfThere<{ contents: { hash: string }[] }>(`/blocked-hashes/${digest}/standing`);
    return (found?.contents ?? []).map(({ hash }) => hit('Content with this SHA-256', hash, hash));
  },
  async (text) => {
    if (!/^https?:/i.test(text)) return [];
    const found = await readIfThere<{ hash: string; alias: string }>('/media', { url: text });
    return [found && hit('Proxied URL', found.alias, found.hash)];
  },
  async (text) => {
    const found = await readIfThere<{ hash: string; kind: string }>('/files', { identifier: text });
    return [found && hit(`File (${found.kind})`, text, found.hash)];
  },
  async (text) => {
    const found = await readIfThere<{ aliases: object[] }>('/aliases', { owner: text, limit: 1 });
    const isOwner = (found?.aliases.length ?? 0) > 0;
    return [isOwner ? { kind: 'Owner', name: text, href: addressOf('media', { owner: text }) } : undefined];
  },
  async (text, mayWrite) => {
    const id = text.toLowerCase();
    if (!mayWrite || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) return [];
    const found = await readIfThere<object>(`/jobs/${id}`);
    return [found && { kind: 'Job', name: id, href: addressOf('job', { id }) }];
  },
  async (text) => {
    const { queues } = await read<Queues>('/queues', { search: text, limit: 10 });
    return queues.map(({ queue }) => ({
      kind: 'Queue',
      name: queue,
      href: addressOf('queue', { queue }),
    }));
  },
];

function hit(kind: string, name: string, hash: string): Hit {
  return { kind, name, href: addressOf('content', { hash }) };
}

async function lookUp(text: string, mayWrite: boolean): Promise<Hit[]> {
  const found = await Promise.all(LOOKUPS.map((look) => look(text, mayWrite)));
  return found.flat().filter((one) => one !== undefined);
}

/** What a text names. Where that is one thing alone, it is opened. */
export function SearchView() {
  const text = useParameter('q');
  const { go, may } = useConsole();
  const mayWrite = may('write');
  const looked = usePoll(`search ${text}`, () => lookUp(text, mayWrite), { once: true });
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
            queue
            {mayWrite ? ' and a job' : ''}. Names must be whole; those of queues may be a part.
          </p>
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
