import { checkAnswer } from './contract.js';
import { assertProblem, type RawAnswer, sendRaw } from './raw-http.js';

/** What may not stand in a path where an alias, a queue or a settings key belongs. */
export const badSegments = [
  ...['', '.', '..', '%2e', '%2E%2e', '.%2e', 'a%2Fb', 'a%5Cb', 'a\\b', '%00', 'a%0A', '%7F', '%C2%85'],
  ...['%FF', '%ED%A0%80', '%', '%zz'],
];

/** The same, in a body or decoded from a query. */
export const badNames = ['', '.', '..', 'a/b', 'a\\b', 'a\n', '\u007f', '\u0085'];

/** What no text may hold, in a body. */
export const unstorable = ['a\0', '\ud800', 'a\udc00b'];

/** The same, in a query. */
export const unstorableQueries = ['', 'a%00', '%FF', '%ED%A0%80', '%'];

/** What no hash is, in a path or a query. */
export const badHashes = ['', 'a', 'abc', 'zz', '%C3%A9', '0xab', '%20ab', 'ab%0A', 'ab%00', 'ab'.repeat(65)];

/** A request whose path no library rewrites. `body` is JSON; the answer is checked against openapi.json. */
export async function askRaw(base: string, method: string, path: string, body?: string): Promise<RawAnswer> {
  const head = [`${method} /v1${path} HTTP/1.1`, 'Host: localhost'];
  if (body !== undefined) {
    head.push('Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`);
  }
  const answer = await sendRaw(base, `${head.join('\r\n')}\r\n\r\n${body ?? ''}`);
  checkAnswer(method, `/v1${path}`, answer);
  return answer;
}

/** Fails unless the answer is 400 for what cannot be read or is not taken; returns where the first fault is. */
export function assertInvalid(answer: RawAnswer): string | undefined {
  const { code, errors } = JSON.parse(answer.text);
  assertProblem(answer, 400, code === 'malformed_request' ? code : 'invalid_request');
  return errors?.[0]?.path;
}
