import type { Shape } from './shape.js';

/** What the generated table says about an operation. */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly takesParams?: boolean;
  readonly body?: 'json' | 'bytes';
  readonly answer: 'json' | 'jsonWithStatus' | 'nothing' | 'bytes' | 'stream';
  /** The statuses of a success, with the shape of each body, or `nothing`. */
  readonly successes: { readonly [status: number]: Shape };
}

export type Params = Record<string, unknown>;

export interface HttpRequest {
  url: string;
  method: string;
  headers: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
}

export interface Target {
  baseUrl: string;
  key: string | undefined;
}

const TYPES = { json: 'application/json', bytes: 'application/octet-stream' };

export function requestOf(
  { baseUrl, key }: Target,
  route: Route,
  params: Params,
  body: unknown,
): HttpRequest {
  const url = baseUrl.replace(/\/+$/, '') + pathOf(route, params);
  const headers: Record<string, string> = {};
  if (key !== undefined) headers['authorization'] = `Bearer ${key}`;
  const request = { url, method: route.method, headers };
  if (!route.body || body === undefined) return request;
  headers['content-type'] = TYPES[route.body];
  return {
    ...request,
    body: isBytes(body) ? body : route.body === 'json' ? JSON.stringify(body) : String(body),
  };
}

/** Parameters that are not in the path go into the query. */
function pathOf(route: Route, params: Params): string {
  const query = new URLSearchParams();
  const inPath = new Set<string>();
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    inPath.add(name);
    return segment(name, params[name]);
  });
  for (const [name, value] of Object.entries(params)) {
    if (!inPath.has(name) && value !== undefined) query.set(name, String(value));
  }
  return query.size > 0 ? `${path}?${query}` : path;
}

/** fetch would remove "." and ".." from the path, and so call another route. */
function segment(name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '' || value === '.' || value === '..') {
    throw new TypeError(`${name} may not be ${JSON.stringify(value)}.`);
  }
  return encodeURIComponent(value);
}

function isBytes(body: unknown): body is Uint8Array<ArrayBuffer> {
  return body instanceof Uint8Array;
}
