import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { atEnd } from './cleanup.js';
import { listen } from './listen.js';

/** A request on its way: `pop`, `heartbeat` and the like, or what else the path ends with. */
export interface Passing {
  verb: string;
  body: string;
  /** How many came before it. */
  n: number;
}

/** What an ingress, a balancer or a network may do to one request. */
export type Fault =
  /** Nothing arrives, and nobody is told. */
  | 'swallowed request'
  | 'swallowed answer'
  | 'reset request'
  | 'reset answer'
  /** The head of the answer, and half of its body. */
  | 'cut answer'
  /** It answers itself; `late`: after the service has done it. */
  | { status: number; body?: string; headers?: Record<string, string>; late?: boolean };

export interface FaultyProxy {
  base: string;
  /** The verbs that came, in order. */
  verbs: string[];
}

/** An HTTP proxy in front of the service, that does to a request what `faultOf` says. */
export async function startFaultyProxy(
  base: string,
  faultOf: (passing: Passing) => Fault | undefined,
): Promise<FaultyProxy> {
  const verbs: string[] = [];
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(request);
    const verb = request.url?.split('?', 1)[0]?.split('/').at(-1) ?? '';
    const fault = faultOf({ verb, body, n: verbs.length });
    verbs.push(verb);
    const isAnswered = typeof fault !== 'object' || fault.late;
    if (fault === 'swallowed request') return;
    if (fault === 'reset request') return void request.socket.destroy();
    const answer = isAnswered ? await ask(request, body, response) : undefined;
    if (fault === 'swallowed answer') return;
    if (fault === 'reset answer') return void request.socket.destroy();
    if (typeof fault === 'object') {
      response.writeHead(fault.status, { 'content-type': 'text/html', ...fault.headers }).end(fault.body);
    } else if (answer) {
      const type = answer.type && { 'content-type': answer.type };
      const length = answer.bytes.length;
      const head = { ...type, ...(length > 0 && { 'content-length': length }) };
      response.writeHead(answer.status, head);
      if (fault !== 'cut answer') return void response.end(answer.bytes);
      response.write(answer.bytes.subarray(0, length / 2), () => request.socket.destroy());
    }
  }

  async function ask({ url, method = 'GET', headers }: IncomingMessage, body: string, out: ServerResponse) {
    const gone = new AbortController();
    out.once('close', () => gone.abort());
    const type = headers['content-type'];
    const response = await fetch(`${base}${url}`, {
      method,
      ...(type && { headers: { 'content-type': type } }),
      ...(body && { body }),
      signal: gone.signal,
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    return { status: response.status, type: response.headers.get('content-type'), bytes };
  }

  const port = await listen(server);
  atEnd(async () => {
    server.closeAllConnections();
    server.close();
  });
  return { base: `http://127.0.0.1:${port}`, verbs };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
