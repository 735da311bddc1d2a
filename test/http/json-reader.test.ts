import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { JsonReader } from '../../src/http/json-reader.js';
import { type Shape, shapeOf } from '../../src/http/json-shape.js';
import { nextTurn } from '../../src/http/next-turn.js';
import { Problem } from '../../src/problems.js';
import { NewJobBody, NewJobs } from '../../src/repos/queue/schema.js';
import { character } from '../support/character.js';
import { createDatabase } from '../support/database.js';

/** Texts of JSON as people and libraries write it: any spacing, any escapes, names that come twice. */
const space = fc.string({ unit: fc.constantFrom(' ', '\t', '\r', '\n'), maxLength: 2 });
const letter = fc.oneof(
  character.map((raw) => JSON.stringify(raw).slice(1, -1)),
  fc.constantFrom(
    '\\"',
    '\\\\',
    '\\/',
    '\\n',
    '\\u0041',
    '\\uD83D\\ude00',
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    'é',
  ),
);
const stringText = fc
  .array(letter, { maxLength: 8 })
  .map((letters) => `"${letters.join('')}"`)
  .filter((text) => !text.includes('\\u0000'));
const name = fc.oneof(
  fc.constantFrom('"job"', '"\\u006aob"', '"j\\u006Fb"', '"__proto__"', '""'),
  stringText,
);
const scalar = fc.oneof(
  stringText,
  fc.constantFrom('null', 'true', 'false', '0', '-0', '1e5', '0.10', '1E+2', '-12.5e-3', '1e399', '1e308'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
);
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    scalar,
    fc.array(fc.tuple(name, tie('value'), space), { maxLength: 4 }).map(objectText),
    fc.array(fc.tuple(tie('value'), space), { maxLength: 4 }).map(arrayText),
  ),
}));

function objectText(members: [name: string, value: string, space: string][]): string {
  const texts = members.map(([key, text, gap]) => `${gap}${key}${gap}:${gap}${text}${gap}`);
  return `{${texts.join(',')}}`;
}

function arrayText(elements: [value: string, space: string][]): string {
  return `[${elements.map(([text, gap]) => `${gap}${text}${gap}`).join(',')}]`;
}

/** What a shape makes of a text, and in how many pieces. */
function read(json: string, shape: Shape): { value: unknown; pieces: number } {
  const reader = new JsonReader(json, shape);
  for (let pieces = 1; ; pieces++) if (reader.read()) return { value: reader.value, pieces };
}

function verdict(json: string, shape: Shape = { kind: 'text' }): string {
  try {
    read(json, shape);
    return 'fine';
  } catch (error) {
    assert.ok(error instanceof Problem, String(error));
    return error.code;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('JSON in any spelling is accepted', () => {
  fc.assert(fc.property(value, space, (text, gap) => verdict(gap + text + gap) === 'fine'));
});

test('accepted JSON can be cast to jsonb', async () => {
  const { sql } = await createDatabase();
  const texts = fc.array(value, { minLength: 100, maxLength: 100 });
  await fc.assert(
    fc.asyncProperty(texts, async (some) => {
      const rows =
        await sql`select json::json::jsonb is not null as ok from unnest(${some}::text[]) as text (json)`;
      return rows.every(({ ok }) => ok);
    }),
    { numRuns: 10 },
  );
});

test('a text is refused exactly where a string or a name holds NUL or a lone surrogate', () => {
  const unit = fc.oneof(
    fc.constantFrom(0, 0x22, 0x5c, 0x75, 0x30, 0xd7ff, 0xd800, 0xdbff, 0xdc00, 0xdfff, 0xe000),
    fc.integer({ min: 0, max: 0xffff }),
  );
  const odd = fc.array(unit, { maxLength: 5 }).map((units) => String.fromCharCode(...units));
  // As escapes throughout: raw text comes out of a strict decoder.
  const escaped = (text: string): string =>
    text.replace(/[^ -~]|"|\\/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  fc.assert(
    fc.property(odd, odd, fc.boolean(), (one, other, upper) => {
      const strings = [one, other]
        .map(escaped)
        .map((text) => (upper ? text.replace(/[a-f]/g, (x) => x.toUpperCase()) : text));
      const isBad = [one, other].some((text) => text.includes('\0') || !text.isWellFormed());
      assert.equal(verdict(`{"${strings[0]}":["${strings[1]}"]}`), isBad ? 'invalid_text' : 'fine');
    }),
    { numRuns: 2000 },
  );
});

test('256 levels are fine, 257 are too deep', () => {
  for (const [open, inner, close] of [
    ['[', '', ']'],
    ['{"a":', '1', '}'],
  ] as const) {
    const nested = (depth: number) => open.repeat(depth) + inner + close.repeat(depth);
    assert.equal(verdict(nested(256)), 'fine');
    assert.equal(verdict(nested(257)), 'json_too_deep');
    assert.equal(verdict(`[${Array(1000).fill(nested(255)).join(',')}]`), 'fine');
    assert.equal(verdict(JSON.stringify(nested(1000))), 'fine');
  }
});

const numbers: Record<string, string[]> = {
  fine: [
    '1e399',
    '-1E+399',
    '9'.repeat(400),
    '1e-398',
    `0.${'1'.repeat(399)}`,
    `1${'0'.repeat(200)}e-100`,
    '"1e999"',
  ],
  number_out_of_range: [
    '1e400',
    '-1E+400',
    '9'.repeat(401),
    `0.${'1'.repeat(400)}`,
    '1e-400',
    '1e131071',
    '1e99999999999999999999',
    '0.1e-99999999999999999999',
  ],
};
for (const [expected, texts] of Object.entries(numbers)) {
  for (const text of texts) {
    test(`the number ${text.slice(0, 24)} of ${text.length} characters is ${expected}`, () => {
      assert.equal(verdict(text), expected);
      assert.equal(verdict(`{"a":[true,${text}]}`), expected);
    });
  }
}

test('invalid JSON is refused, and only that', () => {
  const token = fc.constantFrom(
    '"',
    '\\',
    '\\u',
    '\\ud8',
    '[',
    ']',
    '{',
    '}',
    ':',
    ',',
    '-',
    '1',
    'e',
    '.',
    '9e9',
    ' ',
    'x',
    '\t',
    '\n',
    '\u0001',
    'true',
    'null',
    '00',
  );
  const junk = fc.string({ unit: token, maxLength: 30 });
  // Mostly sound, with something cut out or put in.
  const spoilt = fc
    .tuple(value, fc.nat(), fc.nat(3), fc.oneof(token, fc.constant('')))
    .map(([text, at, cut, put]) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + put + text.slice(start + cut);
    });
  const long = fc.tuple(spoilt, space).map(([text, gap]) => `["${'x'.repeat(99)}",${gap.repeat(50)}${text}]`);
  fc.assert(
    fc.property(fc.oneof(junk, spoilt, long), (text) => {
      const found = verdict(text);
      if (isJson(text)) assert.ok(['fine', 'number_out_of_range', 'invalid_text'].includes(found), found);
      else assert.notEqual(found, 'fine');
    }),
    { numRuns: 5000 },
  );
});

const envelope = shapeOf(NewJobBody);

test('members are parsed, and a job stays text; of equal names the last counts, also with escapes', () => {
  const known = fc.constantFrom(
    '"job"',
    '"\\u006aob"',
    '"id"',
    '"priority"',
    '"run_at"',
    '"lease\\u005Fseconds"',
  );
  const members = fc.array(fc.tuple(fc.oneof(known, name), value, space), { maxLength: 6 });
  fc.assert(
    fc.property(members, space, (some, gap) => {
      const json = gap + objectText(some) + gap;
      const parsed: Record<string, unknown> = JSON.parse(json);
      const { value: made } = read(json, envelope) as { value: Record<string, unknown> };
      assert.deepEqual(Object.keys(made).sort(), Object.keys(parsed).sort());
      const [, job] = some.findLast(([text]) => JSON.parse(text) === 'job') ?? [];
      assert.equal(made['job'], job);
      for (const key of ['id', 'priority', 'run_at', 'lease_seconds']) {
        // A container where none should stand is refused later, whatever is in it.
        const expected = parsed[key];
        const isContainer = typeof expected === 'object' && expected !== null;
        assert.deepEqual(made[key], isContainer ? (Array.isArray(expected) ? [] : {}) : expected);
      }
    }),
  );
});

test('the jobs of a batch are the slices between the commas', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(value, space), { maxLength: 6 }), space, (some, gap) => {
      const jobs = some.map(([text, around]): [string, string] => [
        `{"job":${around}${text}${around}}`,
        around,
      ]);
      assert.deepEqual(read(`{"jobs":${gap}${arrayText(jobs)}${gap}}`, shapeOf(NewJobs)).value, {
        jobs: some.map(([job]) => ({ job })),
      });
    }),
  );
});

/** Of each a MiB, which should not cost more than a valid batch of that length. */
const BYTES = 1024 * 1024;
const fill = (text: string): string => text.repeat(Math.ceil(BYTES / text.length));
const batches: Record<string, string> = {
  'a thousand jobs': `{"jobs":[${Array(1000).fill(`{"job":"${'x'.repeat(1024)}"}`)}]}`,
  'one job of numbers': `{"jobs":[{"job":[${fill('1,')}1]}]}`,
  'one job of nested arrays': `{"jobs":[{"job":[${fill(`${'['.repeat(250)}${']'.repeat(250)},`)}1]}]}`,
  'the same member again and again': `{"jobs":[{${fill('"job":1,')}"job":2}]}`,
  'the same array again and again': `{${fill('"jobs":[],')}"jobs":[]}`,
  'unknown members': `{${Array.from({ length: 80_000 }, (_, n) => `"key${n}":1`)}}`,
  'one unknown member': `{"x":[${fill('{"a":1},')}1]}`,
};
for (const [what, json] of Object.entries(batches)) {
  test(`a MiB of ${what} is read in pieces`, () => {
    const { value: made, pieces } = read(json, shapeOf(NewJobs));
    assert.ok(pieces >= 8, `${pieces}`);
    assert.ok(Object.keys(made as object).length <= 20);
  });
}

test('an element beyond the maximum is refused before the rest is read', () => {
  const reader = new JsonReader(`{"jobs":[${fill('1,')}1]}`, shapeOf(NewJobs));
  assert.throws(() => reader.read(), { code: 'batch_too_large' });
  assert.equal(read(`{"jobs":[${Array(1000).fill(1)}]}`, shapeOf(NewJobs)).pieces, 1);
  assert.equal(verdict(`{"jobs":[${Array(1001).fill(1)}]}`, shapeOf(NewJobs)), 'batch_too_large');
});

test('turn: pieces of several works never share a turn of the event loop', async () => {
  let loop = 0;
  let ends = false;
  const count = (): void => {
    loop++;
    if (!ends) setImmediate(count);
  };
  setImmediate(count);
  const seen: number[] = [];
  const work = async (): Promise<void> => {
    for (let pieces = 0; pieces < 5; pieces++) {
      await nextTurn();
      seen.push(loop);
    }
  };
  await Promise.all([work(), work(), work()]);
  ends = true;
  assert.equal(new Set(seen).size, 15, seen.join());
});
