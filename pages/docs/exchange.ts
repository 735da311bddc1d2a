import { currentKey } from '../console/api.js';
import { indented } from './indent.js';
import type { ReadyRequest } from './request.js';

/** An answer that is shown, as far as it has arrived. */
export interface Shown {
  status: string;
  isGood: boolean;
  headers: string;
  body: string;
  bytes: number;
  milliseconds: number;
  /** Why no more of the answer comes, or nothing as long as more may come. */
  end?: 'whole' | 'stopped' | 'cut' | 'lost';
}

/** As much of an answer as the page shows. */
const MOST_BYTES = 256 * 1024;

/**
 * Sends a request with the key of this tab, and tells of the answer as it arrives.
 *
 * @returns the whole, or nothing where no answer came
 */
export async function exchange(
  { method, url, headers, body }: ReadyRequest,
  signal: AbortSignal,
  onPart: (shown: Shown) => void,
): Promise<Shown> {
  const key = currentKey();
  const begin = performance.now();
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(key !== '' && { authorization: `Bearer ${key}` }) },
    ...(body !== undefined && { body }),
    cache: 'no-store',
    credentials: 'same-origin',
    redirect: 'manual',
    signal,
  });
  const shown: Shown = {
    status: `${response.status} ${response.statusText}`.trim(),
    isGood: response.ok || response.status === 304,
    headers: [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n'),
    body: '',
    bytes: 0,
    milliseconds: performance.now() - begin,
  };
  onPart(shown);
  const received = new Uint8Array(MOST_BYTES);
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const { value } = (await reader?.read()) ?? {};
      if (!value) break;
      received.set(value.subarray(0, MOST_BYTES - shown.bytes), shown.bytes);
      shown.bytes = Math.min(shown.bytes + value.length, MOST_BYTES);
      shown.body = textOf(received.subarray(0, shown.bytes), false);
      if (shown.bytes === MOST_BYTES) {
        await reader?.cancel();
        return { ...shown, end: 'cut' };
      }
      onPart({ ...shown });
    }
  } catch {
    return { ...shown, end: signal.aborted ? 'stopped' : 'lost' };
  }
  const text = textOf(received.subarray(0, shown.bytes), true);
  const isJson = /^application\/(problem\+)?json\b/.test(response.headers.get('content-type') ?? '');
  const milliseconds = performance.now() - begin;
  return { ...shown, milliseconds, body: isJson ? indented(text) : text, end: 'whole' };
}

/** @param isWhole or the last character may have come in part */
function textOf(bytes: Uint8Array, isWhole: boolean): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !isWhole });
    if (!text.includes('\0')) return text;
  } catch {
    // It is shown as bytes.
  }
  const first = [...bytes.subarray(0, 256)].map((byte) => byte.toString(16).padStart(2, '0'));
  return `${first.join(' ')}${bytes.length > first.length ? ' …' : ''}`;
}
