import { useState } from 'preact/hooks';
import { addressOf } from '../address.js';
import { useConsole } from '../console-context.js';
import { usePoll } from '../poll.js';
import { count } from '../text.js';
import { Fact, Facts, Section, Time, Trouble } from '../ui/parts.js';
import { CleanDialog } from './clean.js';
import { readFigures } from './figures.js';
import { type Finding, isCleanable, type Report } from './report-data.js';

/** In seconds; the service keeps no older report either. */
const MOST_AGE = 3600;

/** What is left over or does not fit, and its clean-up. */
export function ReportView() {
  const { say } = useConsole();
  const [cleaning, setCleaning] = useState<Finding>();
  const [cleanedAt, setCleanedAt] = useState<number>();
  const looked = usePoll(
    `report ${cleanedAt}`,
    // After a clean-up the figures from before it would be wrong. Those of a search that began since then are right, so that a
    // search that takes long is waited for, and not begun anew with each request.
    (signal) =>
      readFigures<Report>(
        '/report',
        () =>
          cleanedAt === undefined
            ? {}
            : { max_age: Math.min(Math.floor((performance.now() - cleanedAt) / 1000), MOST_AGE) },
        signal,
      ),
    { once: true },
  );
  const { data } = looked;
  return (
    <>
      <h1 tabIndex={-1}>Report</h1>
      <Trouble of={looked} />
      {!data && looked.error === undefined && (
        <p class="muted" role="status">
          Looking through everything…
        </p>
      )}
      {data && (
        <>
          <Section
            title="Left over, or does not fit"
            aside={
              <span class="muted small-text">
                Looked at <Time at={data.as_of} />
              </span>
            }
          >
            <ul class="findings">
              {data.findings.map((finding) => (
                <FindingItem key={finding.kind} finding={finding} onClean={setCleaning} />
              ))}
            </ul>
          </Section>
          <Section title="Not used for longest">
            <Facts>
              <Fact name="Alias of a proxied URL">
                {data.oldest_access.alias ? (
                  <>
                    <a class="name" href={addressOf('search', { q: data.oldest_access.alias.alias })}>
                      {data.oldest_access.alias.alias}
                    </a>{' '}
                    <Time at={data.oldest_access.alias.accessed} />
                  </>
                ) : (
                  'none'
                )}
              </Fact>
              <Fact name="Variant">
                {data.oldest_access.variant ? (
                  <>
                    <a class="name" href={addressOf('content', { hash: data.oldest_access.variant.hash })}>
                      {data.oldest_access.variant.variant}
                    </a>{' '}
                    <Time at={data.oldest_access.variant.accessed} />
                  </>
                ) : (
                  'none'
                )}
              </Fact>
            </Facts>
          </Section>
        </>
      )}
      {cleaning && (
        <CleanDialog
          finding={cleaning}
          onClose={() => setCleaning(undefined)}
          onDone={(text) => {
            say(text);
            setCleanedAt(performance.now());
          }}
        />
      )}
    </>
  );
}

function FindingItem({ finding, onClean }: { finding: Finding; onClean: (finding: Finding) => void }) {
  const { may } = useConsole();
  const { kind, description, count: found, complete, samples } = finding;
  const isClean = found === 0 && complete;
  return (
    <li>
      <div class="finding">
        <b class={isClean ? 'figure muted' : 'figure'}>
          {complete ? '' : '≥ '}
          {count(found)}
        </b>
        <p>
          {TITLES[kind] ?? kind}
          <span class="sub">{description}</span>
        </p>
        {found > 0 && kind === 'dead_jobs' && (
          <a href={addressOf('queues', { sort: 'dead', trouble: true })}>To the queues</a>
        )}
        {found > 0 && isCleanable(finding) && may('admin') && (
          <button type="button" onClick={() => onClean(finding)}>
            Clean…<span class="unseen"> {TITLES[kind] ?? kind}</span>
          </button>
        )}
      </div>
      {samples.length > 0 && (
        <details>
          <summary>
            Examples<span class="unseen"> of {TITLES[kind] ?? kind}</span>
          </summary>
          <ul class="names">
            {samples.map((sample) => (
              <li key={JSON.stringify(sample)}>
                <SampleLink sample={sample} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

const TITLES: Record<string, string> = {
  hashes_without_alias: 'Contents without alias',
  details_without_owner: 'Details of no content',
  proxies_of_expired_aliases: 'Proxied URLs of expired aliases',
  files_without_owner: 'Files without owner',
  owners_without_file: 'Files that are not registered',
  files_to_delete: 'Files that wait for their deletion',
  blocked_contents: 'Blocked contents',
  stale_uploads: 'Uploads that nobody claimed',
  claims_that_ran_out: 'Variant claims that ran out',
  dead_jobs: 'Dead jobs',
};

/** Leads to what was found, as far as there is a view of it. */
function SampleLink({ sample }: { sample: Record<string, unknown> }) {
  const text = (name: string): string => (typeof sample[name] === 'string' ? sample[name] : '');
  const name = text('identifier') || text('alias') || text('hash') || text('id');
  const href =
    text('hash') !== ''
      ? addressOf('content', { hash: text('hash') })
      : text('queue') !== ''
        ? addressOf('job', { id: text('id') })
        : text('alias') !== ''
          ? addressOf('search', { q: text('alias') })
          : undefined;
  const time = text('expires_at') || text('died_at') || text('created_at');
  return (
    <>
      {href ? (
        <a class="name" href={href}>
          {name}
        </a>
      ) : (
        <span class="name">{name}</span>
      )}
      {text('queue') !== '' && <span class="muted"> in {text('queue')}</span>}{' '}
      {time !== '' && (
        <span class="muted">
          <Time at={time} />
        </span>
      )}
    </>
  );
}
