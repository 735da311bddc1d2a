import { STATUS_CODES } from 'node:http';

/** The answer to what is no HTTP. The connection ends after it. */
export interface LastAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** As text, where there is no request that it could be the answer of. */
export function textOf({ status, headers, body }: LastAnswer): string {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...fields, '', body].join('\r\n');
}
