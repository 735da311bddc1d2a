/** The addresses of views. All names and filters are in the query, because a name may have slashes or be `..`. */

export type View =
  | 'queues'
  | 'queue'
  | 'jobs'
  | 'job'
  | 'workers'
  | 'worker'
  | 'media'
  | 'content'
  | 'search'
  | 'usage'
  | 'report';

type Parameters = Record<string, string | number | boolean | null | undefined>;

/** Where the person is. */
export interface Place {
  view: string;
  query: URLSearchParams;
}

/** The path above `console/` and `docs`: the service may be below the path of another server. */
export const ROOT = location.pathname.replace(/\/(console\/.*|docs)$/, '/');

export function currentPlace(): Place {
  return {
    view: location.pathname.slice(ROOT.length + 'console/'.length),
    query: new URLSearchParams(location.search),
  };
}

/** The address of a view. Empty parameters are left out. */
export function addressOf(view: View, parameters: Parameters = {}): string {
  return `${ROOT}console/${view}${queryOf(parameters)}`;
}

/** `?name=value&…`, or nothing. */
export function queryOf(parameters: Parameters): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined || value === null || value === '' || value === false) continue;
    query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}
