import { setMaxListeners } from 'node:events';
import { type Agent, request } from 'node:http';

export interface Received {
  status: number;
  headers: Headers;
  text: string;
}

interface Sent {
  method: string;
  headers: Record<string, string>;
  body: string | Uint8Array | undefined;
  signal: AbortSignal | undefined;
}

/** As fetch, which costs several times as much. */
export function send(url: string, agent: Agent, { method, headers, body, signal }: Sent): Promise<Received> {
  // A test may end any number of requests by one signal, without a warning of Node 20.
  if (signal) setMaxListeners(0, signal);
  return new Promise((resolve, reject) => {
    const sending = request(url, { method, headers, agent, ...(signal && { signal }) }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
      });
      response.on('error', reject);
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: headersOf(response.rawHeaders), text });
      });
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

/** From a list in which names and values take turns. */
function headersOf(raw: string[]): Headers {
  const headers = new Headers();
  for (let at = 0; at < raw.length; at += 2) headers.append(raw[at] ?? '', raw[at + 1] ?? '');
  return headers;
}
