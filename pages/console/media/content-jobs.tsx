import { addressOf } from '../address.js';
import { read } from '../api.js';
import { usePoll } from '../poll.js';
import { type Job, type JobPage, STATE_LABELS } from '../queues/data.js';
import { Section, Time, Trouble } from '../ui/parts.js';
import type { WholeContent } from './data.js';

/** Each name is a search of its own, and few contents have more. */
const MOST_NAMES = 8;
const SHOWN = 20;
const MOST_KEY = 255;
const MOST_PAYLOAD = 2048;

interface Found {
  jobs: Job[];
  /** Whether all jobs were looked at, for all names of the content. */
  isWhole: boolean;
}

/** The jobs of a content: those with one of its names as their unique key, or in their payload. */
export function ContentJobs({ content }: { content: WholeContent }) {
  const { hash, identifier, motion_identifier: motion, aliases, aliases_more: hasMore, variants } = content;
  const all = [
    hash,
    identifier,
    ...(motion === null ? [] : [motion]),
    ...aliases.map(({ alias }) => alias),
    ...variants.map((variant) => variant.identifier),
  ];
  const names = all.slice(0, MOST_NAMES);
  const looked = usePoll(`jobs of ${names.join()}`, (signal) => jobsOf(names, signal), { once: true });
  const { data } = looked;
  const isAllNames = names.length === all.length && !hasMore;
  return (
    <Section
      title="Jobs"
      aside={
        <span class="muted small-text">
          Those with its hash, a file or an alias of it as their unique key, or in their payload
          {!isAllNames && `; looked for ${MOST_NAMES} of these names`}
        </span>
      }
    >
      <Trouble of={looked} />
      {!data && looked.error === undefined && <p class="muted">Looking…</p>}
      {data?.isWhole && data.jobs.length === 0 && <p class="empty">No job names it.</p>}
      {data && data.jobs.length > 0 && (
        <ul class="names">
          {data.jobs.map(({ id, queue, state, queued_at: at }) => (
            <li key={id}>
              <a class="id" href={addressOf('job', { id })}>
                {id}
              </a>{' '}
              <span class="muted">
                {STATE_LABELS[state]} in <span class="name">{queue}</span>, pushed <Time at={at} />
              </span>
            </li>
          ))}
        </ul>
      )}
      {data && !data.isWhole && (
        <p class="muted small-text">
          There are more jobs than were looked at{data.jobs.length === 0 && ', and none of these names it'}.
        </p>
      )}
    </Section>
  );
}

async function jobsOf(names: string[], signal: AbortSignal): Promise<Found> {
  const found = new Map<string, Job>();
  let isWhole = true;
  const look = async (by: { unique_key: string } | { payload: string }) => {
    const { jobs, next } = await read<JobPage>('/jobs', { ...by, limit: SHOWN }, signal);
    for (const job of jobs) found.set(job.id, job);
    isWhole &&= next === undefined;
  };
  await Promise.all(
    names.filter((name) => bytesOf(name) <= MOST_KEY).map((name) => look({ unique_key: name })),
  );
  for (const name of names) {
    // As it stands in JSON. One search after the other, because each looks at many jobs.
    const payload = JSON.stringify(name).slice(1, -1);
    if (bytesOf(payload) <= MOST_PAYLOAD) await look({ payload });
  }
  return { jobs: [...found.values()], isWhole };
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}
