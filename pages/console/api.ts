import { queryOf, ROOT } from './address.js';
import { parseJson } from './json.js';

/** The service's API, asked with the key of this tab. */

const KEY = 'pict-repo-key';

/** The service has answered, but not with what was asked for. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }

  get isAboutKey(): boolean {
    return this.status === 401;
  }
}

export function currentKey(): string {
  return sessionStorage.getItem(KEY) ?? '';
}

/** @param key none forgets it */
export function keepKey(key: string): void {
  if (key === '') sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, key);
  known.clear();
}

/** Answers with an ETag: they are asked for again, and sent again only where they have changed. */
const known = new Map<string, { etag: string; data: unknown }>();
const MOST_KNOWN = 30;

type Query = Parameters<typeof queryOf>[0];

/** Reads below /v1. An answer that has not changed is the same object as before. */
export async function read<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  const url = `v1${path}${queryOf(query)}`;
  const before = known.get(url);
  const response = await send('GET', url, undefined, signal, before && { 'if-none-match': before.etag });
  // The status tells that the answer is the one that is known.
  if (response.status === 304 && before) return before.data as T;
  const data = parseJson<T>(await response.text());
  const etag = response.headers.get('etag');
  known.delete(url);
  if (etag !== null) known.set(url, { etag, data });
  for (const first of known.keys()) {
    if (known.size <= MOST_KNOWN) break;
    known.delete(first);
  }
  return data;
}

/** Changes something below /v1. The answer is empty where there is none. */
export async function change<T = object>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  { query = {}, body }: { query?: Query; body?: object } = {},
): Promise<T> {
  const response = await send(method, `v1${path}${queryOf(query)}`, body);
  const text = await response.text();
  return JSON.parse(text === '' ? '{}' : text);
}

export interface KeyInfo {
  name: string | null;
  scope: 'read' | 'write' | 'admin';
  expires_at: string | null;
}

/** What the key of this tab may do. */
export async function readKey(): Promise<KeyInfo> {
  return (await send('GET', 'key')).json();
}

async function send(
  method: string,
  path: string,
  body?: object,
  signal?: AbortSignal,
  headers: Record<string, string> = {},
): Promise<Response> {
  const key = currentKey();
  const timeout = AbortSignal.timeout(20_000);
  const response = await fetch(ROOT + path, {
    method,
    headers: {
      ...headers,
      ...(key !== '' && { authorization: `Bearer ${key}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
    cache: 'no-store',
    credentials: 'same-origin',
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  });
  if (!response.ok && response.status !== 304) throw await refusalOf(response);
  return response;
}

async function refusalOf(response: Response): Promise<Refusal> {
  const problem = await response.json().catch(() => ({}));
  const detail = problem.detail ?? `The answer was ${response.status} ${response.statusText}.`;
  return new Refusal(response.status, problem.code ?? '', detail);
}
