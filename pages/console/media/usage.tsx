import { addressOf } from '../address.js';
import { useParameter } from '../console-context.js';
import { usePoll } from '../poll.js';
import { count, counted, size } from '../text.js';
import { Bars } from '../ui/charts.js';
import { Section, Time, Totals, Trouble } from '../ui/parts.js';
import { readFigures } from './figures.js';

interface Figures {
  contents: number;
  files: number;
  bytes: number;
  /** Files of unknown size. */
  unsized: number;
}

interface Usage {
  as_of: string;
  groups: (Figures & { name: string | null })[];
  others?: Figures & { groups: number };
  total: Figures;
}

const GROUPINGS = [
  ['format', 'By format'],
  ['owner', 'By owner'],
  ['kind', 'By kind of file'],
  ['age', 'By month of creation'],
] as const;

/** More bars than these nobody compares; the rest is one row. */
const MOST_BARS = 24;

/** What fills the disk. */
export function UsageView() {
  const asked = useParameter('by');
  const [by, title] = GROUPINGS.find(([name]) => name === asked) ?? GROUPINGS[0];
  const looked = usePoll(`usage ${by}`, (signal) => readFigures<Usage>('/usage', () => ({ by }), signal), {
    once: true,
  });
  const { data } = looked;
  return (
    <>
      <h1 tabIndex={-1}>Usage</h1>
      <Trouble of={looked} />
      {data && (
        <Totals
          of={[
            { name: 'Known size', value: size(data.total.bytes) },
            { name: 'Contents', value: count(data.total.contents) },
            { name: 'Files', value: count(data.total.files) },
            { name: 'Files of unknown size', value: count(data.total.unsized) },
          ]}
        />
      )}
      <nav class="tabs" aria-label="Grouped by">
        {GROUPINGS.map(([name, label]) => (
          <a
            key={name}
            href={addressOf('usage', { by: name })}
            aria-current={name === by ? 'page' : undefined}
          >
            {label}
          </a>
        ))}
      </nav>
      {!data && looked.error === undefined && (
        <p class="muted" role="status">
          Counting…
        </p>
      )}
      {data && (
        <Section
          title={title}
          aside={
            <span class="muted small-text">
              Counted <Time at={data.as_of} />
            </span>
          }
        >
          <Groups usage={data} by={by} title={title} />
        </Section>
      )}
    </>
  );
}

function Groups({ usage: { groups, others }, by, title }: { usage: Usage; by: string; title: string }) {
  if (groups.length === 0) return <p class="empty">There is no content yet.</p>;
  const shown: Parameters<typeof Bars>[0]['rows'] = groups
    .slice(0, MOST_BARS)
    .map(({ name, ...figures }) => ({
      name: name ?? 'without owner',
      href: hrefOf(by, name),
      value: figures.bytes,
      note: noteOf(figures),
    }));
  const rest = [...groups.slice(MOST_BARS), ...(others ? [others] : [])];
  const left = groups.length - shown.length + (others?.groups ?? 0);
  const sum = (member: keyof Figures) => rest.reduce((total, figures) => total + figures[member], 0);
  if (left > 0) {
    const figures = {
      contents: sum('contents'),
      files: sum('files'),
      bytes: sum('bytes'),
      unsized: sum('unsized'),
    };
    // Together they are often so much that the bars of the others could not be told apart.
    shown.push({ name: `${count(left)} others`, note: noteOf(figures) });
  }
  return (
    <>
      <Bars title={title} rows={shown} />
      {(by === 'format' || by === 'age') && (
        <p class="muted small-text">
          All files of a content, thumbnails too, count{' '}
          {by === 'format' ? 'as the format of its original' : 'for its month'}.
        </p>
      )}
      {by === 'owner' && (
        <p class="muted small-text">
          A content that owners share counts for each of them, once in the total.
        </p>
      )}
    </>
  );
}

function hrefOf(by: string, name: string | null): string | undefined {
  if (name === null) return undefined;
  return by === 'owner' || by === 'format' ? addressOf('media', { [by]: name }) : undefined;
}

function noteOf({ bytes, contents, files, unsized }: Figures): string {
  const parts = [size(bytes), counted(contents, 'content'), counted(files, 'file')];
  return (unsized > 0 ? [...parts, `${count(unsized)} of unknown size`] : parts).join(' · ');
}
