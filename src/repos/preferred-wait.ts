import Type from 'typebox';
import type { WaitOptions } from './waiting-reads.js';

const MAX_WAIT_SECONDS = 55;

/** How long a read waits: its query parameter. */
export const WaitSeconds = Type.Integer({
  minimum: 0,
  maximum: MAX_WAIT_SECONDS,
  description:
    'Seconds to wait while the result is not known; by default 0. The header `Prefer: wait=N` is an alternative.',
});

/** The wait of a header `Prefer: wait=N` (RFC 7240), and the `Preference-Applied` of the answer. */
export function preferredWait(
  prefer: string | string[] | undefined,
): { seconds: number; applied: string } | undefined {
  if (prefer === undefined) return undefined;
  const [, digits] =
    /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:$|[,;])/i.exec([prefer].flat().join(',')) ?? [];
  if (digits === undefined) return undefined;
  const seconds = Math.min(Number(digits), MAX_WAIT_SECONDS);
  return { seconds, applied: `wait=${seconds}` };
}

interface WaitingRequest {
  query: { wait?: number };
  headers: { [name: string]: string | string[] | undefined };
  isHead: boolean;
  onClientGone: (listener: () => void) => void;
}

/** How long a read waits, and the `Preference-Applied` of its answer. A HEAD request does not wait. */
export function waitOf({ query, headers, isHead, onClientGone }: WaitingRequest): {
  wait: WaitOptions;
  applied: string | undefined;
} {
  const preferred = query.wait === undefined && !isHead ? preferredWait(headers['prefer']) : undefined;
  const seconds = isHead ? 0 : (query.wait ?? preferred?.seconds ?? 0);
  return { wait: { seconds, onClientGone }, applied: preferred?.applied };
}
