import { setTimeout as sleep } from 'node:timers/promises';

export interface Asked {
  url: string;
  key: string | undefined;
}

/** What is read of an answer of GET /v1/report. */
interface Report {
  as_of: string;
  findings: Finding[];
  oldest_access?: Record<string, Record<string, unknown> | null>;
}

interface Finding {
  kind: string;
  description: string;
  count: number;
  complete: boolean;
  samples: unknown[];
  clean: { method: string; path: string; body?: unknown };
}

/** How long the service may take, and the pause where it does not name one. */
const MAX_WAIT_MS = 10 * 60_000;
const PAUSE_SECONDS = 2;

/**
 * Asks until the report is made: the service answers 503 with the code figures_not_ready while it is being made.
 *
 * @throws Error for the operator
 */
export async function askReport({ url, key }: Asked): Promise<Report> {
  const address = `${url.replace(/\/+$/, '')}/v1/report`;
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  for (const deadline = performance.now() + MAX_WAIT_MS; ; ) {
    const response = await fetch(address, { headers, redirect: 'error' }).catch((error: Error) => {
      const cause = error.cause instanceof Error ? error.cause.message : error.message;
      throw new Error(`${url} does not answer: ${cause}`);
    });
    const body: unknown = await response.json().catch(() => undefined);
    if (response.ok && isReport(body)) return body;
    const { code, detail } = isObject(body) ? body : {};
    if (code !== 'figures_not_ready' || performance.now() > deadline) {
      throw new Error(
        `${address} answers ${response.status}${code ? ` ${code}` : ''}${detail ? `: ${detail}` : ''}`,
      );
    }
    if (process.stderr.isTTY) console.error('The report is being made …');
    await sleep(1000 * (Number(response.headers.get('retry-after')) || PAUSE_SECONDS));
  }
}

/** The report as lines for people. */
export function describeReport({ as_of, findings, oldest_access = {} }: Report): string {
  const found = findings.filter(({ count, complete }) => count > 0 || !complete);
  const fine = findings.filter((finding) => !found.includes(finding)).map(({ kind }) => kind);
  const blocks = found.map(({ kind, description, count, complete, samples, clean }) => {
    const body = clean.body === undefined ? '' : ` ${JSON.stringify(clean.body)}`;
    return [
      `${kind}: ${complete ? '' : 'at least '}${count.toLocaleString('en-US')}`,
      `  ${description}`,
      ...samples.map((sample) => `    ${JSON.stringify(sample)}`),
      `  To clean: ${clean.method} ${clean.path}${body}`,
    ].join('\n');
  });
  const oldest = Object.entries(oldest_access).flatMap(([kind, access]) =>
    access
      ? [`Oldest access of ${kind === 'alias' ? 'an alias' : `a ${kind}`}: ${JSON.stringify(access)}`]
      : [],
  );
  const nothing = fine.length > 0 ? [`Nothing found: ${fine.join(', ')}`] : [];
  return [`As of ${as_of}`, ...blocks, ...nothing, ...oldest].join('\n\n');
}

function isReport(value: unknown): value is Report {
  return (
    isObject(value) &&
    typeof value['as_of'] === 'string' &&
    Array.isArray(value['findings']) &&
    value['findings'].every(
      (finding) => isObject(finding) && typeof finding['count'] === 'number' && isObject(finding['clean']),
    )
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
