import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { IncomingMessage, type RequestOptions, request } from 'node:http';
import { connect, Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { clock } from '../../src/http/clock.js';
import { Connections } from '../../src/http/connections.js';
import { discard, InTurns } from '../../src/http/in-turns.js';
import { testKey } from '../support/keys.js';
import { listen } from '../support/listen.js';
import { createManyHashes } from '../support/many-hashes.js';
import { type Scrape, scrape } from '../support/metrics.js';
import { queueClient } from '../support/queue-client.js';
import {
  assertProblem,
  connectRaw,
  get,
  HOST,
  JSON_TYPE,
  lines,
  type RawConnection,
  withBody,
} from '../support/raw-http.js';
import { startTestService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

/** What hangs on a connection: requests that wait, bytes that are not read, bytes that are not wanted. */

const MIB = 1024 * 1024;
const service = await startTestService();
const { base, ask } = service;
const queue = queueClient(service);

const POP = 'POST /v1/queues/a/pop HTTP/1.1';
const LONG_POP = withBody(POP, '{"worker_id":"w","wait_seconds":50}', JSON_TYPE);
const SET = withBody('PUT /v1/settings/waits HTTP/1.1', 'x');

async function open(to: string, ...sent: (string | Uint8Array)[]): Promise<RawConnection> {
  const connection = await connectRaw(to);
  for (const bytes of sent) connection.write(bytes);
  return connection;
}

function cuts(figures: Scrape, reason: string): number {
  return figures.get('pict_repo_connections_cut_total', { reason });
}

/** A scrape costs more than there is to gain by asking often. */
const SCRAPE_PAUSE_MS = 100;
const untilScraped = (to: string, condition: (figures: Scrape) => boolean) =>
  until(async () => condition(await scrape(to)), 20, SCRAPE_PAUSE_MS);

/** A record whose answer is 1 MiB long. */
async function large(to: TestService): Promise<string> {
  const path = '/details?identifier=large';
  const { status } = await to.ask('PUT', path, `{"a":"${'x'.repeat(MIB - 8)}"}`);
  assert.ok(status < 300);
  return get(`/v1${path}`);
}

/** Sends more than the buffers of the system hold, so that the last answers are not read. */
const UNREAD_ANSWERS = 12;

/** Bodies of `mib`, as a push of many jobs has them. */
function batch(mib: number): Buffer {
  const job = `{"job":"${'j'.repeat(250_000)}"}`;
  const count = Math.floor((mib * MIB) / (job.length + 1));
  return withBody('POST /v1/queues/b/jobs/batch HTTP/1.1', `{"jobs":[${Array(count).fill(job)}]}`, JSON_TYPE);
}

let pace = { from: performance.now(), at: performance.now(), rate: 1 };
clock.now = () => pace.at + (performance.now() - pace.from) * pace.rate;

function setClock(rate: number, forwardMs = 0): void {
  pace = { from: performance.now(), at: clock.now() + forwardMs, rate };
}

/** Slows the clock of the connections down, so that none stalls before it is set forward, however slow the machine. */
function slowClock(t: TestContext) {
  setClock(0.01);
  t.after(() => setClock(1));
  return { forward: (ms: number) => setClock(0.01, ms) };
}

test('a pipelined request begins when the answer before it is sent', async () => {
  const connection = await open(base, LONG_POP, SET);
  await until(() => service.parked() === 1);
  // Long enough for it to be done, if it had begun.
  for (let times = 0; times < 20; times++) assert.equal((await ask('GET', '/settings/waits')).status, 404);
  await queue.push('a');
  assert.match((await connection.next())?.text ?? '', /"lease"/);
  assert.equal((await connection.next())?.status, 204);
  connection.destroy();
});

for (const [how, leave] of [
  ['resets it', (connection: RawConnection) => connection.reset()],
  ['ends it', (connection: RawConnection) => connection.destroy()],
] as const) {
  test(`no pop of a connection waits on when its client ${how}`, async () => {
    const connection = await open(base, ...Array(5).fill(LONG_POP));
    await until(() => service.parked() === 1);
    leave(connection);
    await until(() => service.parked() === 0);
    const { id } = await queue.push('a');
    const [job] = await queue.pop('a');
    assert.equal(job?.id, id);
  });
}

test('a client whose pipelined body keeps its end from being noticed is cut', async () => {
  const body = withBody('PUT /v1/settings/long HTTP/1.1', 'x'.repeat(MIB));
  const connection = await open(base, LONG_POP, body.subarray(0, MIB / 2));
  await until(() => service.parked() === 1);
  await connection.hangUp();
  await until(() => service.parked() === 0);
});

test('more than a hundred requests that wait on a connection get it cut', async () => {
  const before = cuts(await scrape(base), 'pipelining');
  const connection = await open(base, LONG_POP, get('/livez').repeat(101));
  await connection.hangUp();
  await until(() => service.parked() === 0);
  assert.equal(cuts(await scrape(base), 'pipelining') - before, 1);
});

/** Counts what Node says on a channel, by the turn of the event loop in which it says it. */
function countTurns(t: TestContext, channel: string): { total: number; mostInTurn: number } {
  const counts = { total: 0, mostInTurn: 0 };
  let inTurn = 0;
  const count = (): void => {
    if (inTurn === 0)
      setImmediate(() => {
        inTurn = 0;
      });
    counts.total++;
    counts.mostInTurn = Math.max(counts.mostInTurn, ++inTurn);
  };
  subscribe(channel, count);
  t.after(() => unsubscribe(channel, count));
  return counts;
}

const PARTS =
  lines('PUT /v1/settings/parts HTTP/1.1', HOST, 'Transfer-Encoding: chunked') + '1\r\nx\r\n'.repeat(3000);

for (const [when, turns] of [
  ['are accepted together', 0],
  ['have been open for a while', 100],
] as const) {
  test(`connections that ${when}, and then all send at once, are read in several turns`, async (t) => {
    const begun = countTurns(t, 'http.server.request.start');
    const connections = new Connections({
      stallSeconds: 60,
      maxReceivedBytes: 16 * MIB,
      maxUnreadBytes: MIB,
      onCut: () => {},
    });
    const server = connections.serve((request) => request.resume(), {});
    t.after(() => server.close());
    const port = await listen(server);
    const sockets = Array.from({ length: 24 }, () => connect(port, '127.0.0.1'));
    t.after(() => {
      for (const socket of sockets) socket.destroy();
    });
    let accepted = 0;
    await new Promise<void>((resolve) => {
      server.on('connection', () => {
        if (++accepted === sockets.length) resolve();
      });
    });
    for (let count = 0; count < turns; count++) await nextTurn();
    for (const socket of sockets) socket.write(PARTS);
    await until(() => begun.total === sockets.length);
    assert.ok(begun.mostInTurn <= 12, `${begun.mostInTurn} in one turn`);
  });
}

test('discarded bodies are read in turns', async () => {
  const bodies = new InTurns<IncomingMessage>(1, (body) => body.resume());
  const refused = [1, 2].map(() => new IncomingMessage(new Socket()));
  const left = () => refused.reduce((sum, { readableLength }) => sum + readableLength, 0);
  for (const body of refused) {
    for (let at = 0; at < 16; at++) body.push(Buffer.alloc(MIB / 16));
    discard(body, bodies);
  }
  let mostInTurn = 0;
  while (left() > 0) {
    const before = left();
    await nextTurn();
    mostInTurn = Math.max(mostInTurn, before - left());
  }
  assert.ok(mostInTurn <= MIB / 2, `${mostInTurn} bytes in one turn`);
});

test('pipelined requests that are answered at once follow each other in several turns', async (t) => {
  const answered = countTurns(t, 'http.server.response.finish');
  const count = 90;
  const connections = await Promise.all([1, 2].map(() => open(base, get('/v1/nothing').repeat(count))));
  for (const connection of connections) {
    for (let times = 0; times < count; times++) assert.equal((await connection.next())?.status, 404);
    connection.destroy();
  }
  assert.ok(answered.mostInTurn <= 40, `${answered.mostInTurn} in one turn`);
});

test('requests that end with their connection cost no stack traces', async (t) => {
  const { prepareStackTrace, stackTraceLimit } = Error;
  let traces = 0;
  Error.prepareStackTrace = (error, frames) => {
    if (error.message === 'aborted' && frames.length > 0) traces++;
    return String(error);
  };
  t.after(() => {
    Error.prepareStackTrace = prepareStackTrace;
  });
  const connection = await open(base, LONG_POP, get('/livez').repeat(101));
  await connection.hangUp();
  await until(() => service.parked() === 0);
  assert.equal(traces, 0);
  assert.equal(Error.stackTraceLimit, stackTraceLimit);
});

test('input that is not HTTP is answered after the request before it', async () => {
  const connection = await open(base, LONG_POP, 'no HTTP\r\n\r\n');
  await until(() => service.parked() === 1);
  await queue.push('a');
  assert.match((await connection.next())?.text ?? '', /"lease"/);
  const refused = await connection.next();
  assert.ok(refused);
  assertProblem(refused, 400, 'malformed_request');
  assert.equal(await connection.next(), undefined);
});

for (const [when, reason, env, clients] of [
  ['its memory is wanted by another', 'unread', { UNREAD_BUDGET_MIB: '1' }, 2],
  ['it has not for a while', 'stalled', { ANSWER_STALL_SECONDS: '1' }, 1],
] as const) {
  test(`a client that does not read its answers is cut when ${when}`, async () => {
    const tight = await startTestService(env, service);
    const requests = (await large(tight)).repeat(UNREAD_ANSWERS);
    const stalled = await Promise.all(Array.from({ length: clients }, () => open(tight.base, requests)));
    await untilScraped(tight.base, (figures) => cuts(figures, reason) >= 1);
    assert.equal((await tight.ask('GET', '/details?identifier=large')).text.length, MIB);
    for (const connection of stalled) connection.destroy();
  });
}

test('a body for which there is no memory is refused, or a stalled one is cut for it', async (t) => {
  const tight = await startTestService({ RECEIVED_BUDGET_MIB: '16' }, service);
  const time = slowClock(t);
  const whole = batch(7.9);
  const stalled = await open(tight.base, whole.subarray(0, -1));
  await untilScraped(tight.base, (figures) => figures.get('pict_repo_received_bytes') > 7.8 * MIB);
  for (let times = 0; times < 2; times++) {
    const refused = await open(tight.base, whole);
    const answer = await refused.next();
    assert.ok(answer);
    assertProblem(answer, 503, 'overloaded');
  }
  // Large ones leave room for smaller ones, however many they are.
  const small = await open(tight.base, batch(0.7));
  assert.equal((await small.next())?.status, 200);
  small.destroy();

  time.forward(3000);
  await until(async () => {
    const connection = await open(tight.base, whole);
    const { status } = (await connection.next()) ?? {};
    connection.destroy();
    return status === 200;
  });
  assert.ok(cuts(await scrape(tight.base), 'received') > 0);
  stalled.destroy();
});

test('a body in parts of one byte is the same body, unless there are thousands of them', async () => {
  const head = lines('PUT /v1/settings/bytes HTTP/1.1', HOST, 'Transfer-Encoding: chunked');
  const parts = (count: number) => `${'1\r\nx\r\n'.repeat(count)}0\r\n\r\n`;
  const connection = await open(base, head, parts(4000));
  assert.equal((await connection.next())?.status, 204);
  assert.equal((await ask('GET', '/settings/bytes')).text, 'x'.repeat(4000));
  connection.write(head + parts(5000));
  assert.equal(await connection.next(), undefined);
});

const [a, b] = [testKey('a', 'read'), testKey('b', 'read')];

test('waiting streams hold no place, all places are shared fairly, and a stalled stream loses its place', async (t) => {
  const PICT_REPO_KEYS = [a.line, b.line].join(',');
  const streaming = await startTestService(
    { MAX_STREAMS: '3', PICT_REPO_KEYS, DOCS: 'off', METRICS_PORT: '0' },
    service,
  );
  const { base: to, metricsBase = '', sql } = streaming;
  // 8 MB: twice of what the buffers on the way hold.
  await createManyHashes(sql, 56_000);
  const isOpen = (count: number) =>
    untilScraped(metricsBase, (figures) => figures.get('pict_repo_streams_open') === count);
  const stream = ({ headers }: typeof a) =>
    lines('GET /v1/hashes HTTP/1.1', HOST, `Authorization: ${headers.authorization}`);
  const status = async ({ headers }: typeof a) =>
    (await streaming.ask('GET', '/hashes?limit=1', undefined, { headers })).status;
  const cutFor = async () => cuts(await scrape(metricsBase), 'stream_place');

  const time = slowClock(t);
  const connections = [await open(to, stream(a).repeat(6))];
  await isOpen(1);
  assert.equal(await status(b), 200);
  connections.push(await open(to, stream(a)), await open(to, stream(a)));
  await isOpen(3);
  assert.equal(await status(a), 503);
  assert.equal(await cutFor(), 0);

  assert.equal(await status(b), 200, 'b has less than its share, a more');
  assert.equal(await cutFor(), 1);
  connections.push(await open(to, stream(b)));
  await isOpen(3);
  assert.equal(await status(b), 503);

  // One that still gets pages has not stalled yet.
  await until(async () => {
    time.forward(11_000);
    return (await status(b)) === 200;
  });
  assert.equal(await cutFor(), 2);
  for (const one of connections) one.destroy();
  await isOpen(0);
});

const KEPT = testKey('kept', 'read');
const BODY = Buffer.alloc(20 * MIB, 'x');

/** Sends all of them, if it may. Returns the status of the answer. */
function sendLong(to: string, options: RequestOptions): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sending = request(to, options, (answer) => {
      // What is left of the body may not be taken any more.
      sending.off('error', reject).on('error', () => {});
      answer.resume().once('end', () => resolve(answer.statusCode));
    });
    sending.on('error', reject).end(BODY);
  });
}

const refusals: [what: string, status: number, path: string, options: RequestOptions][] = [
  ['too long a body', 413, '/settings/a', { method: 'PUT' }],
  ['an unknown route', 404, '/nothing', { method: 'POST' }],
  ['another method', 405, '/settings/a', { method: 'POST' }],
  ['another type', 415, '/queues/a/jobs', { method: 'POST', headers: { 'content-type': 'text/plain' } }],
  ['an encoding', 415, '/settings/a', { method: 'PUT', headers: { 'content-encoding': 'gzip' } }],
];

for (const [what, status, path, options] of refusals) {
  test(`${status}: ${what} is answered while 20 MiB are sent`, async () => {
    for (let round = 0; round < 3; round++) {
      assert.equal(await sendLong(`${base}/v1${path}`, options), status);
    }
  });
}

test('401, 403: no key, or one for less, is answered while 20 MiB are sent', async () => {
  const keyed = await startTestService({ PICT_REPO_KEYS: KEPT.line }, service);
  for (const [status, headers] of [
    [401, {}],
    [403, KEPT.headers],
  ] as const) {
    for (let round = 0; round < 3; round++) {
      assert.equal(await sendLong(`${keyed.base}/v1/settings/a`, { method: 'PUT', headers }), status);
    }
  }
});

for (const [what, status, code, begin] of [
  [
    'a foreign Host',
    421,
    'misdirected_request',
    lines('PUT /v1/settings/a HTTP/1.1', 'Host: evil.example', `Content-Length: ${BODY.length}`),
  ],
  [
    'a body in chunks',
    413,
    'settings_value_too_large',
    `${lines('PUT /v1/settings/a HTTP/1.1', HOST, 'Transfer-Encoding: chunked')}${BODY.length.toString(16)}\r\n`,
  ],
  ['headers above the limit', 431, 'headers_too_large', 'GET / HTTP/1.1\r\nX-A: '],
  ['what is no HTTP', 400, 'malformed_request', 'no HTTP\r\n'],
] as const) {
  test(`${status}: ${what} is answered to a client that reads when it has sent 20 MiB`, async () => {
    const connection = await open(base, begin);
    await connection.writeAll(BODY);
    const answer = await connection.next();
    assert.ok(answer);
    assertProblem(answer, status, code);
    await connection.hangUp();
  });
}

test('a refused request with Expect: 100-continue is not asked for its body', async () => {
  const head = (path: string) =>
    lines(`PUT ${path} HTTP/1.1`, HOST, 'Expect: 100-continue', 'Content-Length: 900000');
  for (const [path, status] of [
    ['/v1/settings/a', 413],
    ['/nothing', 404],
  ] as const) {
    const connection = await open(base, head(path));
    const answer = await connection.next();
    assert.equal(answer?.status, status);
    assert.equal(answer.headers.get('connection'), 'close');
    await connection.hangUp();
  }
});

test('a refusal keeps the connection if the body has arrived, or is small', async () => {
  const connection = await connectRaw(base);
  for (const [bytes, status] of [
    [withBody('PUT /v1/hashes/aa HTTP/1.1', '{"identifier":', JSON_TYPE), 400],
    [withBody('PUT /v1/hashes/aa HTTP/1.1', '{}', 'Content-Type: text/plain'), 415],
    [withBody('POST /nothing HTTP/1.1', 'x'.repeat(1000)), 404],
    [get('/v1/store-migration'), 200],
  ] as const) {
    connection.write(bytes);
    const answer = await connection.next();
    assert.equal(answer?.status, status);
    assert.notEqual(answer.headers.get('connection'), 'close');
  }
  connection.destroy();
});

test('localhost is served on both of its addresses', async () => {
  const local = await startTestService({ HOST: 'localhost' }, service);
  const { port } = new URL(local.base);
  assert.equal((await fetch(`http://127.0.0.1:${port}/livez`)).status, 200);
  const six = await fetch(`http://[::1]:${port}/livez`).catch((error: Error) => error.cause);
  assert.ok(six instanceof Response ? six.status === 200 : /EADDRNOTAVAIL|EAFNOSUPPORT/.test(String(six)));
  if (six instanceof Response) {
    const socket = connect({ host: '::1', port: Number(port) });
    socket.write('no HTTP\r\n\r\n');
    const answer = Buffer.concat(await socket.toArray()).toString();
    assert.match(answer, /^HTTP\/1\.1 400 .*"code":"malformed_request"/s);
  }
  await local.close();
});

test('what stands behind 2,000 headers counts too: the length of a body, and a second Host', async () => {
  const many = Array.from({ length: 2100 }, (_, n) => `X${n}: 1`);
  const body = '{"which":"waiting"}';
  const ends = {
    [`Content-Length: ${body.length}`]: [body, 'invalid_request'],
    'Host: other.example': ['', 'malformed_request'],
  } as const;
  for (const [last, [sent, code]] of Object.entries(ends)) {
    const head = lines('POST /v1/queues/a/purge?which=dead HTTP/1.1', HOST, JSON_TYPE, ...many, last);
    const connection = await open(base, head, sent);
    const answer = await connection.next();
    assert.ok(answer);
    assertProblem(answer, 400, code);
    connection.destroy();
  }
});
