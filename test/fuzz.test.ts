import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkAnswer } from './support/contract.js';
import { badRequest, goodRequest, operations, type Request } from './support/generate.js';
import { HOST, lines, type RawAnswer, sendRaw } from './support/raw-http.js';
import { startTestService } from './support/service.js';

/** Requests made from the document. fast-check prints the seed and the smallest request that fails. */

// A pop without wait_seconds must not wait.
const { base, ask } = await startTestService({ QUEUE_WAIT_SECONDS: '0' });

/** Sends the bytes as they are: fetch would tidy the path. */
async function send({ method, path, headers, body }: Request): Promise<RawAnswer> {
  const length = body === undefined ? [] : [`Content-Length: ${body.length}`];
  const head = lines(`${method} ${path} HTTP/1.1`, HOST, 'Connection: close', ...headers, ...length);
  const answer = await sendRaw(base, Buffer.from(head + (body ?? ''), 'latin1'));
  checkAnswer(method, path, answer);
  assert.ok(answer.status < 500, `${answer.status} ${answer.text}`);
  return answer;
}

for (const operation of operations) {
  test(`${operation.operationId}: what the document allows is not refused`, async () => {
    await fc.assert(
      fc.asyncProperty(goodRequest(operation), async (request) => {
        const { status, text } = await send(request);
        assert.ok(status < 300 || [404, 409].includes(status), `${status} ${text}`);
      }),
      { numRuns: 30, interruptAfterTimeLimit: 200 },
    );
  });

  test(`${operation.operationId}: what is odd or broken gets a documented answer, and never a 5xx`, async () => {
    await fc.assert(
      fc.asyncProperty(badRequest(operation), async (request) => {
        await send(request);
      }),
      { numRuns: 60, interruptAfterTimeLimit: 250 },
    );
  });
}

test('after all that the service is well', async () => {
  assert.equal((await ask('GET', '/hashes/size')).status, 200);
});
