import { count } from '../text.js';

const [WIDTH, HEIGHT] = [120, 24];

/** A small line without axes. The lines of a list share `top`, so that they can be compared. */
export function Trend({ values, top, label }: { values: (number | null)[]; top: number; label: string }) {
  const step = WIDTH / Math.max(values.length - 1, 1);
  const points = values.flatMap((value, at) =>
    value === null ? [] : [`${(at * step).toFixed(1)},${heightOf(value, top).toFixed(1)}`],
  );
  if (points.length < 2) return <span class="muted">–</span>;
  const [first = '', last = ''] = [points[0], points.at(-1)];
  return (
    <svg
      class="trend"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <polygon
        points={[`${first.split(',')[0]},${HEIGHT}`, ...points, `${last.split(',')[0]},${HEIGHT}`].join(' ')}
      />
      <polyline points={points.join(' ')} />
    </svg>
  );
}

function heightOf(value: number, top: number): number {
  return HEIGHT - 2 - (Math.min(value, top) / Math.max(top, 1)) * (HEIGHT - 4);
}

interface Series {
  name: string;
  /** A value for each minute; null where there is none. */
  values: (number | null)[];
  kind: 'one' | 'two' | 'three';
}

interface ChartOptions {
  title: string;
  /** The times of the values. */
  times: string[];
  series: Series[];
  /** How a value is written. */
  write?: (value: number) => string;
}

/** About as wide as it is shown, so that its text is as large as other text. */
const [CHART_WIDTH, CHART_HEIGHT, LEFT, BOTTOM] = [320, 130, 48, 20];

/** Lines over time, with one axis. The same figures are below as a table. */
export function Chart({ title, times, series, write = count }: ChartOptions) {
  const values = series.flatMap((one) => one.values).filter((value) => value !== null);
  const top = ceiling(Math.max(...values, 0));
  const x = (at: number) => LEFT + (at / Math.max(times.length - 1, 1)) * (CHART_WIDTH - LEFT - 8);
  const y = (value: number) => 8 + (1 - value / top) * (CHART_HEIGHT - BOTTOM - 8);
  const last = times.length - 1;
  const marks = times.length > 2 ? [0, Math.floor(last / 2), last] : [0, last];
  return (
    <figure class="chart">
      <figcaption>
        <b>{title}</b>
        {series.map(({ name, kind }) => (
          <span key={name} class={`legend ${kind}`}>
            {name}
          </span>
        ))}
      </figcaption>
      <svg viewBox={`0 0 ${CHART_WIDTH} ${CHART_HEIGHT}`} role="img">
        <title>{`${title}: ${series.map(({ name }) => name).join(', ')}`}</title>
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <line class="grid" x1={LEFT} x2={CHART_WIDTH - 8} y1={y(top * part)} y2={y(top * part)} />
            <text class="tick" x={LEFT - 6} y={y(top * part) + 4} text-anchor="end">
              {write(top * part)}
            </text>
          </g>
        ))}
        {times.length > 1 &&
          marks.map((at, index) => (
            <text
              key={at}
              class="tick"
              x={x(at)}
              y={CHART_HEIGHT - 4}
              text-anchor={anchorOf(index, marks.length)}
            >
              {clock(times[at])}
            </text>
          ))}
        {series.map(({ name, kind, values: own }) =>
          runsOf(own).map((run) => (
            <polyline
              key={`${name}${run[0]?.at}`}
              class={`line ${kind}`}
              points={run.map(({ at, value }) => `${x(at).toFixed(1)},${y(value).toFixed(1)}`).join(' ')}
            />
          )),
        )}
      </svg>
      <details>
        <summary>As a table</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: or it could not be scrolled with the keyboard */}
        <section class="scroll" tabIndex={0} aria-label={title}>
          <table class="small">
            <thead>
              <tr>
                <th scope="col">Time</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {times.map((time, at) => (
                <tr key={time}>
                  <th scope="row">{clock(time)}</th>
                  {series.map(({ name, values: own }) => {
                    const value = own[at];
                    return <td key={name}>{value === null || value === undefined ? '–' : write(value)}</td>;
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </figure>
  );
}

/** The first and the last text stay within the picture. */
function anchorOf(index: number, texts: number): 'start' | 'middle' | 'end' {
  if (index === 0) return 'start';
  return index === texts - 1 ? 'end' : 'middle';
}

/** The parts of a line between its gaps. A single value is drawn as a short line. */
function runsOf(values: (number | null)[]): { at: number; value: number }[][] {
  const runs: { at: number; value: number }[][] = [[]];
  for (const [at, value] of values.entries()) {
    if (value === null) runs.push([]);
    else runs.at(-1)?.push({ at, value });
  }
  return runs
    .filter((run) => run.length > 0)
    .map((run) =>
      run.length === 1 ? [...run, ...run.map(({ at, value }) => ({ at: at + 0.3, value }))] : run,
    );
}

function clock(time: string | undefined): string {
  return time === undefined
    ? ''
    : new Date(time).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
}

/** The next round number. */
function ceiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((round) => round >= value) ?? value;
}

interface BarsOptions {
  title: string;
  /** Without a value there is no bar, for rows that are not to be compared with the others. */
  rows: { name: string; value?: number; note: string; href?: string | undefined }[];
}

/** A bar for each row, as a table: the figures are its text. */
export function Bars({ title, rows }: BarsOptions) {
  const top = Math.max(...rows.map(({ value = 0 }) => value), 1);
  return (
    <table class="bars">
      <caption class="unseen">{title}</caption>
      <tbody>
        {rows.map(({ name, value, note, href }) => (
          <tr key={name}>
            <th scope="row">{href ? <a href={href}>{name}</a> : name}</th>
            <td class="bar-cell" aria-hidden="true">
              {value !== undefined && (
                <svg aria-hidden="true" viewBox="0 0 100 10" preserveAspectRatio="none">
                  <rect width={Math.max((value / top) * 100, value > 0 ? 0.5 : 0)} height="10" rx="1" />
                </svg>
              )}
            </td>
            <td class="note">{note}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
