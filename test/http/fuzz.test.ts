import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { atEnd } from '../support/cleanup.js';
import { checkAnswer } from '../support/contract.js';
import {
  type Operation,
  operations,
  type Parts,
  partsOf,
  type Request,
  toRequest,
} from '../support/generate.js';
import { connectRaw, HOST, lines, type RawConnection } from '../support/raw-http.js';
import { startTestService } from '../support/service.js';

/** Requests made from the document, as it wants them and spoilt. fast-check prints the seed of a failure. */

// A pop that says nothing must not wait.
const { base, ask } = await startTestService({ QUEUE_WAIT_SECONDS: '0' });

let connection: RawConnection | undefined;
atEnd(async () => connection?.destroy());

/** Sends the bytes as they are: fetch would tidy the path. The next request takes the same connection, if it can. */
async function send({ method, path, headers, body }: Request): Promise<{ status: number; text: string }> {
  const length = body === undefined ? [] : [`Content-Length: ${body.length}`];
  const head = lines(`${method} ${path} HTTP/1.1`, HOST, ...headers, ...length);
  connection ??= await connectRaw(base);
  connection.write(Buffer.from(head + (body ?? ''), 'latin1'));
  const answer = await connection.next();
  assert.ok(answer, 'the server hung up without an answer');
  // Of a stream only the head is read.
  const isLast = answer.headers.get('connection') === 'close' || answer.headers.has('transfer-encoding');
  if (isLast) {
    connection.destroy();
    connection = undefined;
  }
  assert.ok(answer.status < 500, `${answer.status} ${answer.text}`);
  checkAnswer(method, path, answer);
  return answer;
}

/** Values that no schema of the document takes, or that are odd to take. */
const ODD: unknown[] = [
  ...[
    '',
    '.',
    '..',
    '/',
    'a\\b',
    'a b',
    'a+b',
    '\n',
    '%',
    '%2F',
    '\0',
    'a\0b',
    '\ud800',
    'x\udc00y',
    '\ufeff',
  ],
  ...[
    '\u202ertl',
    'אב',
    '\u{1f600}',
    'é'.repeat(200),
    'x'.repeat(256),
    'x'.repeat(9000),
    '\u{1f600}'.repeat(1500),
  ],
  ...[
    '0',
    '-1',
    '1e3',
    '0x1',
    'null',
    'true',
    'NaN',
    'infinity',
    '2026-02-30T00:00:00Z',
    "';drop table jobs--",
  ],
  ...[
    -1,
    -0,
    1e308,
    -1e308,
    2 ** 53,
    65_536,
    -32_769,
    1e-300,
    true,
    false,
    null,
    [],
    {},
    [[]],
    [null],
    ['a', 1],
  ],
  ...[{ a: 1 }, JSON.parse('{"__proto__":{"a":1},"constructor":{"prototype":1},"toString":2}')],
];

/** Bodies that are spoilt as text: a character for each byte. */
const BROKEN = [
  ...[
    '',
    ' ',
    '{',
    '{"a":1',
    '{"a":1}}',
    '{}{}',
    'null',
    '[]',
    '1',
    '"text"',
    "{'a':1}",
    '{"a":01}',
    '\0',
    '{"a":1}\0',
  ],
  ...['\xff', '{"a":"\xff"}', '{"a":"\xed\xa0\x80"}', '{"a":"\xc0\x80"}', '\xef\xbb\xbf{}', '\xfe\xff\0{\0}'],
  ...[
    '{"\\ud800":1}',
    '{"a":"\\u0000"}',
    '{"a":"\\udc00\\ud800"}',
    '{"a":"\\u12"}',
    '{"a":"\\x41"}',
    '{"a":"\t"}',
  ],
  ...[
    '{"a":1e400}',
    '[1e131071]',
    '{"job":1E+999999999999999999999}',
    '{"job":-1e-999999}',
    `{"a":${'9'.repeat(401)}}`,
  ],
  ...[
    `{"a":${'['.repeat(300)}${']'.repeat(300)}}`,
    '['.repeat(60_000),
    '{"a":'.repeat(9000),
    '"'.repeat(999),
  ],
  ...[
    '{"identifier":"a","identifier":1}',
    `{"identifier":"${'x'.repeat(70_000)}"}`,
    '{"a":1}'.repeat(20_000),
  ],
];

const HEADERS = [
  ...['Content-Type: text/plain', 'Content-Type: ;', 'Content-Type: application/json; charset=utf-16'],
  ...['Content-Encoding: br', 'X-Request-Id: "odd"', 'Prefer: wait=0, wait=x;y="', 'Accept: nothing/at-all'],
  ...['Authorization: Basic !!!', 'If-None-Match: *', 'Range: bytes=5-1', 'Cookie: =;=', 'Origin: null'],
];

const odd = fc.constantFrom(...ODD);

/** Replaces, removes or adds a parameter or a member of the body, or replaces the body. */
function spoil({ params, body }: Parts, value: unknown, way: number, which: number): Parts {
  if (way === 0) return { params, body: value };
  const inBody = way % 2 === 1 && typeof body === 'object' && body !== null;
  const target: Record<string, unknown> = inBody ? { ...body } : { ...params };
  const names = Object.keys(target);
  const name = names[which % (names.length || 1)] ?? 'odd';
  if (way <= 2) delete target[name];
  else target[way <= 4 ? `${name}_` : name] = value;
  return inBody ? { params, body: target } : { params: target, body };
}

function badRequest(operation: Operation): fc.Arbitrary<Request> {
  const spoilt = fc
    .tuple(partsOf(operation), odd, fc.nat(8), fc.nat(9))
    .map(([parts, value, way, which]) => spoil(parts, value, way, which));
  const twice = fc
    .tuple(spoilt, odd, fc.nat(8), fc.nat(9))
    .map(([parts, value, way, which]) => spoil(parts, value, way, which));
  return fc
    .tuple(
      fc.oneof({ weight: 3, arbitrary: spoilt }, twice),
      fc.option(fc.constantFrom(...BROKEN), { freq: 3, nil: undefined }),
      fc.option(fc.constantFrom(...HEADERS), { freq: 3, nil: undefined }),
    )
    .map(([parts, broken, header]) => {
      const request = toRequest(operation, parts);
      const headers = header === undefined ? request.headers : [header];
      return { ...request, headers, body: broken ?? request.body };
    });
}

/** `FUZZ_RUNS=1000 npm test -- http/fuzz` is the long form: so many requests for each test. */
const numRuns = Number(process.env['FUZZ_RUNS'] ?? 8);

/** Sends requests, and lets `check` look at the answers. */
async function sendMany(
  requests: fc.Arbitrary<Request>,
  check = (_answer: { status: number; text: string }): void => {},
  runs = numRuns,
): Promise<void> {
  const property = fc.asyncProperty(requests, async (request) => check(await send(request)));
  await fc.assert(property, { numRuns: runs });
}

for (const operation of operations) {
  test(`${operation.operationId}: what the document allows is not refused`, async () => {
    const requests = partsOf(operation).map((parts) => toRequest(operation, parts));
    const check = ({ status, text }: { status: number; text: string }): void => {
      const isOfOtherList = text.includes('must be a cursor of a list with the same filters');
      const isOfOtherJobs = text.includes('must come with state=dead');
      const isOfState =
        status === 404 ||
        status === 409 ||
        text.includes('"invalid_delete_token"') ||
        isOfOtherList ||
        isOfOtherJobs;
      assert.ok(status < 300 || isOfState, `${status} ${text}`);
    };
    // A request without parameters and body is always the same.
    const isAlwaysTheSame = operation.parameters.length === 0 && !operation.body;
    await sendMany(requests, check, isAlwaysTheSame ? 1 : numRuns);
  });

  test(`${operation.operationId}: odd input gets a documented answer, and never a 5xx`, async () => {
    await sendMany(badRequest(operation));
  });
}

test('after all of these requests the service still works', async () => {
  assert.equal((await ask('GET', '/hashes/size')).status, 200);
});
