import { STATUS_CODES } from './node-http.js';

/** The answer to input that is not HTTP. The connection ends after it. */
export interface LastAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** The bytes of the answer, for input that belongs to no request. */
export function textOf({ status, headers, body }: LastAnswer): string {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...fields, '', body].join('\r\n');
}
