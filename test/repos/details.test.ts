import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnce, tally } from '../support/races.js';
import { assertProblem } from '../support/raw-http.js';
import { askRaw, assertInvalid, unstorableQueries } from '../support/refused-values.js';
import { startTestService } from '../support/service.js';

const { ask, sql, base } = await startTestService();
const encoded = encodeURIComponent;

function relate(identifier: string, details: string | Uint8Array) {
  return ask('PUT', `/details?identifier=${encoded(identifier)}`, details);
}

function details(identifier: string) {
  return ask('GET', `/details?identifier=${encoded(identifier)}`);
}

/** An object whose deepest value is `levels` deep. */
function nested(levels: number): string {
  return `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
}

test('relateDetails, details: byte for byte', async () => {
  for (const text of [
    '{}',
    ' {\r\n\t"b" : 1 ,\n"a":2 } ',
    '{"z":-0,"n":1e300,"m":1E+3,"l":0.10,"big":123456789012345678901234567890}',
    '{"a":1,"a":2}',
    '{"__proto__":{"x":1},"constructor":{"prototype":1},"hasOwnProperty":0,"":null}',
    '{"text":"ü😀\u2028\\u00fc\\ud83d\\ude00\\/\\\\u0000 \\" \ufeff"}',
    '{"width":1920,"height":1080,"frames":null,"format":{"Image":"webp"},"created_at":"2024-06-25T12:00:00.123456789Z"}',
  ]) {
    assert.equal((await relate('exact', text)).status, 204, text);
    const answer = await details('exact');
    assert.equal(answer.text, text);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/);
  }
});

test('relateDetails: the last write wins, be it by a space only', async () => {
  for (const text of ['{"a":1}', '{"a": 1}', '{"a":1}', '{"a":1}']) {
    assert.equal((await relate('rewritten', text)).status, 204);
    assert.equal((await details('rewritten')).text, text);
  }
});

// Naive: update, or else insert: of two first writers one gets 500.
test('relateDetails, race: 50 writers all succeed, and one of their values stands', async () => {
  const answers = await atOnce(50, (n) => relate('contested', `{"n":${n}}`));
  assert.deepEqual(tally(answers), { 204: 50 });
  assert.match((await details('contested')).text, /^\{"n":\d+\}$/);
});

test('relateDetails: 1 MiB passes, one byte more is too large', async () => {
  const largest = `{"a":"${'é'.repeat(524_284)}"}`;
  assert.equal(Buffer.byteLength(largest), 1_048_576);
  assert.equal((await relate('large', largest)).status, 204);
  assert.ok((await details('large')).text === largest);
  assertProblem(await relate('large', `${largest} `), 413, 'details_too_large');
});

test('relateDetails: what passes can be cast to jsonb: 256 levels, numbers of 400 digits', async () => {
  const numbers = ['1e399', '-1E+399', '1e-399', '9'.repeat(400), `0.${'0'.repeat(398)}1`, '1.5e-398'];
  for (const text of [nested(256), ...numbers.map((number) => `{"a":[${number},0]}`)]) {
    assert.equal((await relate('castable', text)).status, 204, text);
    assert.equal((await details('castable')).text, text);
    await sql`select details::jsonb from details where identifier = 'castable'`;
  }
});

test('relateDetails: 400 for what breaks or swells such a cast', async () => {
  const numbers = [
    '1e400',
    '-1e400',
    '1e-400',
    '1'.repeat(401),
    '1E131071',
    '0.1e-400',
    '1e99999999999999999999',
  ];
  const refused: [code: string, text: string][] = [
    ['json_too_deep', nested(257)],
    ['json_too_deep', nested(200_000)],
    ['json_too_deep', `${'{"a":'.repeat(257)}1${'}'.repeat(257)}`],
    ...numbers.map((number): [string, string] => ['number_out_of_range', `{"a":[0,{"b":${number}}]}`]),
    ...[
      '\\u0000',
      'x\\ud800',
      '\\udc00',
      '\\ud83d\\u0041',
      '\\udc00\\ud83d',
      '\\ud800\\ud800\\udc00',
    ].flatMap((text): [string, string][] => [
      ['invalid_text', `{"a":[{"b":"${text}"}]}`],
      ['invalid_text', `{"a":{"${text}":1}}`],
    ]),
  ];
  for (const [code, text] of refused) assertProblem(await relate('refused', text), 400, code);
  assertProblem(await details('refused'), 404, 'details_not_found');
});

test('relateDetails: 400 for what is no JSON object in UTF-8', async () => {
  for (const text of ['', 'null', '[]', '[{}]', '"{}"', '1', 'true']) {
    assertProblem(await relate('refused', text), 400, 'invalid_request');
  }
  for (const text of [
    ' ',
    '{',
    '{}}',
    '{},',
    '{"a":}',
    "{'a':1}",
    '{"a":NaN}',
    '{"a":01}',
    '{"a":"\n"}',
    '\ufeff{}',
  ]) {
    assertProblem(await relate('refused', text), 400, 'malformed_json');
  }
  for (const bytes of [
    '{"a":"\xff"}',
    '{"a":"\xc0\x80"}',
    '{"a":"\xed\xa0\x80"}',
    '{"a":"\xc3"}',
    '{"\xf5\x80\x80\x80":1}',
  ]) {
    assertProblem(await relate('refused', Buffer.from(bytes, 'latin1')), 400, 'malformed_json');
  }
  const typed = await ask('PUT', '/details?identifier=refused', '{}', {
    headers: { 'content-type': 'text/plain' },
  });
  assertProblem(typed, 415, 'unsupported_media_type');
  assertProblem(await details('refused'), 404, 'details_not_found');
});

test('cleanup: 204, and it can be sent again', async () => {
  await relate('gone', '{}');
  for (const _ of ['once', 'again']) {
    assert.equal((await ask('DELETE', '/details?identifier=gone')).status, 204);
    assertProblem(await details('gone'), 404, 'details_not_found');
  }
});

test('every identifier: slashes, dots and percent are its own; 2,048 bytes pass, one more is too long', async () => {
  const names = [
    'a/b',
    'a%2Fb',
    '/a/../b/',
    '..',
    '.',
    'a\\b',
    'a+b',
    'a b',
    'a?b#c&d=e',
    'ü😀',
    '\t',
    'A',
    'a',
  ];
  names.push('x'.repeat(2048), `${'é'.repeat(1023)}xx`);
  for (const name of names) assert.equal((await relate(name, JSON.stringify({ name }))).status, 204);
  for (const name of names) assert.deepEqual((await details(name)).json, { name });
  for (const name of ['é'.repeat(1025), `${'é'.repeat(1023)}xxx`, 'x'.repeat(2049)]) {
    for (const [method, body] of [['PUT', '{}'], ['GET'], ['DELETE']] as const) {
      const answer = await ask(method, `/details?identifier=${encoded(name)}`, body);
      assertProblem(answer, 400, 'identifier_too_long');
    }
  }
});

test('every identifier: 400 for none, two, or what cannot be stored', async () => {
  const queries = [
    '',
    '?identifier=a&identifier=b',
    '?identifier=a&more=b',
    '?Identifier=a',
    '?identifier[]=a',
  ];
  queries.push(...unstorableQueries.map((text) => `?identifier=${text}`));
  for (const [method, body] of [['PUT', '{}'], ['GET'], ['DELETE']] as const) {
    for (const query of queries) {
      assertInvalid(await askRaw(base, method, `/details${query}`, body));
    }
  }
});
