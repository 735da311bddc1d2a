import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { openApiDocument } from '../../src/openapi-document.js';
import { PATTERNS } from '../../src/schema.js';
import { startTestService } from '../support/service.js';

const file = new URL('../../../openapi/openapi.json', import.meta.url);
const text = await readFile(file, 'utf8');

interface Content {
  example?: unknown;
  examples?: object;
}

interface Operation {
  operationId: string;
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: { name: string; in: string }[];
  security?: object[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, { description?: string; content?: Record<string, Content> }>;
}

const document: { paths: Record<string, Record<string, Operation>>; tags: { name: string }[] } =
  JSON.parse(text);
const { base } = await startTestService();
const operations = Object.values(document.paths).flatMap((path) => Object.values(path));

test('the committed document is that of the routes', async () => {
  assert.equal(await openApiDocument(), text, 'openapi/openapi.json is out of date: npm run openapi');
});

test('every reference leads to something, and the parameters of a path are those that are described', () => {
  const known = new Set([...nodesOf(document)].map(([at]) => `#${at}`));
  const references = [...nodesOf(document)].flatMap(([, { $ref }]) => (typeof $ref === 'string' ? $ref : []));
  assert.ok(references.length > 0);
  assert.deepEqual(
    references.filter((reference) => !known.has(reference)),
    [],
  );
  for (const [path, own] of Object.entries(document.paths)) {
    const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const { operationId, parameters = [] } of Object.values(own)) {
      const described = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
      assert.deepEqual(described, inPath, operationId);
    }
  }
});

test('every operation has a name of its own, a summary, a description and one known tag', () => {
  const tags = document.tags.map(({ name }) => name);
  for (const { operationId, summary, description, tags: own } of operations) {
    assert.match(operationId, /^[a-z]\w+\.[a-z]\w+$/i);
    assert.ok(summary && description, operationId);
    assert.ok(!summary.endsWith('.'), `${operationId}: a summary is no sentence`);
    assert.deepEqual(own, [operationId.split('.')[0]]);
    assert.ok(tags.includes(own?.[0] ?? ''), operationId);
  }
  assert.equal(new Set(operations.map(({ operationId }) => operationId)).size, operations.length);
});

test('every success with a JSON body has an example', () => {
  const without = operations.flatMap(({ operationId, responses }) =>
    Object.entries(responses)
      .filter(([status]) => status.startsWith('2'))
      .filter(([, { content }]) => {
        const json = content?.['application/json'];
        return json && json.example === undefined && json.examples === undefined;
      })
      .map(([status]) => `${operationId} ${status}`),
  );
  assert.deepEqual(without, []);
});

/** Every schema below `node`, by the way to it. Examples are no schemas. */
function* nodesOf(node: unknown, at = ''): Generator<[at: string, node: Record<string, unknown>]> {
  if (typeof node !== 'object' || node === null) return;
  yield [at, { ...node }];
  for (const [name, value] of Object.entries(node)) {
    if (!name.startsWith('example')) yield* nodesOf(value, `${at}/${name}`);
  }
}

test('every list of values has a type, which generators need', () => {
  const nodes = [...nodesOf(document)];
  assert.ok(nodes.some(([, { enum: values }]) => Array.isArray(values)));
  const without = nodes.filter(
    ([, node]) => ('const' in node || Array.isArray(node['enum'])) && !node['type'],
  );
  assert.deepEqual(without, []);
});

test('every pattern has a sentence for texts that do not match it', () => {
  const patterns = [...nodesOf(document)].flatMap(([, { pattern }]) =>
    typeof pattern === 'string' ? pattern : [],
  );
  assert.ok(patterns.length > 0);
  assert.deepEqual(
    [...new Set(patterns)].filter((pattern) => !PATTERNS.has(pattern)),
    [],
  );
});

test('an operation lists few problems of its own, and shares the others; none needs a key everywhere', () => {
  for (const { operationId, responses, security } of operations) {
    const own = Object.keys(responses).filter((status) => Number(status) >= 400);
    assert.ok(own.length <= 5, `${operationId}: ${own}`);
    assert.deepEqual(responses['default'], { $ref: '#/components/responses/Problem' }, operationId);
    if (security) assert.deepEqual(security.at(-1), {}, operationId);
  }
});

test('bytes have one content type; a stream says how it is read, and shows both kinds of lines', () => {
  const of = (id: string) => operations.find(({ operationId }) => operationId === id) ?? assert.fail(id);
  assert.deepEqual(Object.keys(of('settings.set').requestBody?.content ?? {}), ['application/octet-stream']);
  assert.deepEqual(Object.keys(of('settings.get').responses['200']?.content ?? {}), [
    'application/octet-stream',
  ]);
  const streams = operations.filter(({ responses }) => responses['200']?.content?.['application/x-ndjson']);
  assert.ok(streams.length >= 4);
  for (const { operationId, responses } of streams) {
    const { description = '', content } = responses['200'] ?? {};
    assert.match(description, /line by line/, operationId);
    assert.match(description, /\n\{.*\}\n\{"end":true,"count":1\}\n/, operationId);
    assert.deepEqual(Object.keys(content?.['application/x-ndjson']?.examples ?? {}), ['row', 'end']);
  }
});

test('the page at /docs loads nothing from elsewhere', async () => {
  const page = await fetch(`${base}/docs`);
  assert.equal(page.status, 200);
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.doesNotMatch(
    policy,
    /https?:|\*|unsafe-eval|upgrade-insecure-requests|script-src[^;]*unsafe-inline/,
  );
  const html = await page.text();
  const links = [...html.matchAll(/(?:src|href)\s*=\s*["']([^"']*)["']/g)].map(([, link = '']) => link);
  assert.ok(links.some((link) => link.endsWith('.js')) && links.some((link) => link.endsWith('.css')), html);
  assert.ok(!/<script(?![^>]*\bsrc=)[^>]*>\s*\S/.test(html), 'an inline script, which the policy forbids');
  for (const link of links) {
    const url = new URL(link, page.url);
    assert.equal(url.origin, base, link);
    const response = await fetch(url);
    assert.equal(response.status, 200, link);
    assert.equal(response.headers.get('x-content-type-options'), 'nosniff', link);
    assert.equal(response.headers.get('referrer-policy'), 'no-referrer', link);
    assert.equal(response.headers.get('content-security-policy'), policy, link);
    assert.ok((await response.arrayBuffer()).byteLength > 0, link);
  }
});

test('/docs/json is the committed document', async () => {
  const response = await fetch(`${base}/docs/json`);
  assert.deepEqual(await response.json(), JSON.parse(text));
});
