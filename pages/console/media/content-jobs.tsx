import { addressOf } from '../address.js';
import { read } from '../api.js';
import { usePoll } from '../poll.js';
import type { Job, JobPage } from '../queues/data.js';
import { Section, Time, Trouble } from '../ui/parts.js';
import type { WholeContent } from './data.js';

/** Each name is a search of its own, and few contents have more aliases. */
const MOST_NAMES = 6;
const SHOWN = 20;
const MOST_KEY = 255;

/** The jobs of a content, as far as their unique keys tell: the service does not look into payloads. */
export function ContentJobs({ content: { hash, identifier, aliases } }: { content: WholeContent }) {
  const names = [hash, identifier, ...aliases.map(({ alias }) => alias)]
    .filter((name) => new TextEncoder().encode(name).length <= MOST_KEY)
    .slice(0, MOST_NAMES);
  const looked = usePoll(`jobs of ${names.join()}`, (signal) => jobsOf(names, signal), { once: true });
  const { data } = looked;
  return (
    <Section
      title="Jobs"
      aside={
        <span class="muted small-text">
          Those whose unique key is the hash, the file or an alias of this content
        </span>
      }
    >
      <Trouble of={looked} />
      {!data && looked.error === undefined && <p class="muted">Looking…</p>}
      {data?.jobs.length === 0 && (
        <p class="empty">
          {data.isWhole
            ? 'No job has such a key.'
            : 'None among the first jobs; there are too many to look at all.'}
        </p>
      )}
      {data && data.jobs.length > 0 && (
        <ul class="names">
          {data.jobs.map(({ id, queue, state, queued_at: at }) => (
            <li key={id}>
              <a class="id" href={addressOf('job', { id })}>
                {id}
              </a>{' '}
              <span class="muted">
                {state} in <span class="name">{queue}</span>, pushed <Time at={at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

async function jobsOf(names: string[], signal: AbortSignal): Promise<{ jobs: Job[]; isWhole: boolean }> {
  const pages = await Promise.all(
    names.map((name) => read<JobPage>('/jobs', { unique_key: name, limit: SHOWN }, signal)),
  );
  return {
    jobs: pages.flatMap(({ jobs }) => jobs),
    isWhole: pages.every(({ next }) => next === undefined),
  };
}
