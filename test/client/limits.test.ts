import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { testKey } from '../support/keys.js';
import { assertProblem, HOST, lines } from '../support/raw-http.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

/** What one client may take of the service: requests in a second, and time to say what it wants. */

const unlimited = await startTestService({ REQUEST_TIMEOUT_SECONDS: '1' });
const { base, ask } = unlimited;
/** Several times as many as the limit of a second. */
const FLOOD = 20;

test('more requests in a second than the limit get 429, each key by itself', async () => {
  const [one, other] = [testKey('one', 'read'), testKey('other', 'read')];
  const env = { RATE_LIMIT_PER_SECOND: '5', PICT_REPO_KEYS: `${one.line},${other.line}` };
  const service = await startTestService(env, unlimited);
  const askWith = (headers: Record<string, string>) => service.ask('GET', '/queues', undefined, { headers });
  const flood = async (headers: Record<string, string>) =>
    Promise.all(Array.from({ length: FLOOD }, () => askWith(headers)));

  const answers = await flood(one.headers);
  const limited = answers.filter(({ status }) => status === 429);
  assert.ok(answers.filter(({ status }) => status === 200).length >= 5);
  assert.ok(limited.length > 0, 'none was limited');
  for (const answer of limited) {
    assertProblem(answer, 429, 'rate_limited');
    assert.equal(answer.headers.get('retry-after'), '1');
  }
  assert.equal((await askWith(other.headers)).status, 200, 'another key has a share of its own');

  const guesses = await flood({ authorization: 'Bearer wrong' });
  assert.ok(guesses.some(({ status }) => status === 429) && guesses.some(({ status }) => status === 401));
  const pages = Array.from({ length: FLOOD }, async () => (await fetch(`${service.base}/docs`)).status);
  assert.deepEqual([...new Set(await Promise.all(pages))], [200], 'open routes are not limited');
  await until(async () => (await askWith(one.headers)).status === 200, 20, 100);
});

test('without keys the limit is for each address, and by default there is none', async () => {
  const limited = await startTestService({ RATE_LIMIT_PER_SECOND: '5' }, unlimited);
  const flood = async ({ ask }: typeof limited) =>
    new Set(
      await Promise.all(Array.from({ length: FLOOD }, async () => (await ask('GET', '/queues')).status)),
    );
  assert.deepEqual([...(await flood(limited))].sort(), [200, 429]);
  assert.deepEqual([...(await flood(unlimited))], [200]);
});

describe('a client that is slow', { concurrency: true }, () => {
  const upload = lines('PUT /v1/settings/a HTTP/1.1', HOST, 'Content-Length: 60000');
  const slow = {
    'that never asks': '',
    'whose headers trickle in': `GET /v1/queues HTTP/1.1\r\n${HOST}\r\nX-A: `,
    'whose body trickles in': upload,
    'whose second request trickles in': `${lines('GET /v1/queues HTTP/1.1', HOST)}${upload}`,
  };
  for (const [what, beginning] of Object.entries(slow)) {
    test(`${what} gets 408 and is cut, even if it never hangs up`, async () => {
      const { hostname, port } = new URL(base);
      const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
      let received = '';
      // What is written after the cut is an error; that is what is waited for here.
      socket.on('error', () => {});
      const happens = (event: string) => new Promise((resolve) => socket.once(event, resolve));
      socket.on('data', (bytes) => (received += bytes));
      socket.write(beginning);
      const drip = setInterval(() => socket.write('a'), 50);
      if (beginning === '') clearInterval(drip);
      await happens('end');
      const answer = received.slice(received.lastIndexOf('HTTP/1.1'));
      assert.match(answer, /^HTTP\/1\.1 408 .*"code":"request_timeout"/s);
      if (beginning !== '') await happens('close');
      clearInterval(drip);
      socket.destroy();
    });
  }

  test('an answer may take longer than a request', async () => {
    const { status, json } = await ask('POST', '/queues/a/pop', { worker_id: 'a', wait_seconds: 3 });
    assert.equal(status, 200);
    assert.deepEqual(json, { jobs: [] });
  });
});
