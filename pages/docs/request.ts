import { ROOT } from '../console/address.js';
import { currentKey } from '../console/api.js';
import type { Operation } from './document.js';

/** What was typed into the form of an operation. */
export interface Typed {
  parameters: Record<string, string>;
  body: string;
  file?: File | undefined;
}

export interface ReadyRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | File | undefined;
  /** Whether the answer is a stream. */
  isStream: boolean;
}

/** Parameters that are left empty are not sent. */
export function requestOf(operation: Operation, { parameters, body, file }: Typed): ReadyRequest {
  const query = new URLSearchParams();
  const headers: Record<string, string> = {};
  let { path } = operation;
  for (const { name, in: place } of operation.parameters ?? []) {
    const value = parameters[name] ?? '';
    if (place === 'path') path = path.replace(`{${name}}`, () => encodeURIComponent(value));
    else if (value !== '' && place === 'query') query.set(name, value);
    else if (value !== '') headers[name] = value;
  }
  const [type] = Object.keys(operation.requestBody?.content ?? {});
  const sent = file ?? (body === '' ? undefined : body);
  if (type !== undefined && sent !== undefined) headers['content-type'] = type;
  const search = query.size === 0 ? '' : `?${query}`;
  return {
    method: operation.method,
    url: new URL(ROOT + path.slice(1) + search, location.href).href,
    headers,
    body: type === undefined ? undefined : sent,
    isStream: 'application/x-ndjson' in (contentOf(operation) ?? {}),
  };
}

function contentOf({ responses }: Operation) {
  const answer = responses['200'];
  return answer && 'content' in answer ? answer.content : undefined;
}

/** The same request for a shell. The key is not shown: the shell takes it from its variable KEY. */
export function curlOf({ method, url, headers, body, isStream }: ReadyRequest, needsKey: boolean): string {
  const words = [
    `curl -i${isStream ? 'N' : ''}${method === 'GET' ? '' : ` -X ${method}`} ${quoted(url)}`,
    needsKey && currentKey() !== '' && '-H "authorization: Bearer $KEY"',
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    body instanceof File && `--data-binary ${quoted(`@${body.name}`)}`,
    typeof body === 'string' && `--data-binary ${quoted(body)}`,
  ];
  return words.filter((word) => typeof word === 'string').join(' \\\n  ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
