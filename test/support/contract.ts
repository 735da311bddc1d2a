import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/schema';
import type { Scope } from '../../src/keys.js';
import { referredBy } from '../../src/schema.js';

interface DocumentedResponse {
  $ref?: string;
  content?: Record<string, { schema: TSchema }>;
}

interface Operation {
  operationId: string;
  security?: Record<string, Scope[]>[];
  responses: Record<string, DocumentedResponse>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, TSchema>; responses: Record<string, DocumentedResponse> };
}

const file = new URL('../../../openapi/openapi.json', import.meta.url);
/** The committed document, its references shortened to the names of the components. */
export const document: Document = JSON.parse(
  readFileSync(file, 'utf8').replaceAll('#/components/schemas/', ''),
);

const paths = Object.entries(document.paths)
  .map(([path, operations]) => ({
    pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]*')}$`),
    parameters: path.split('{').length,
    operations,
  }))
  .sort((a, b) => a.parameters - b.parameters);

const validators = new Map<TSchema, (value: unknown) => boolean>();

/** Fails unless the answer is one that the document gives for the operation. */
export function checkAnswer(
  method: string,
  path: string,
  answer: { status: number; headers: Headers; text: string },
): void {
  const at = `${method} ${path} → ${answer.status}`;
  assert.ok(answer.headers.get('x-request-id'), `${at}: no request id`);
  const [pathname = ''] = path.split('?');
  const operation = paths.find(({ pattern }) => pattern.test(pathname))?.operations[method.toLowerCase()];
  const type = answer.headers.get('content-type')?.split(';')[0];
  if (!operation) {
    if (method !== 'HEAD') assert.ok(matches(problem(), JSON.parse(answer.text)), `${at}: ${answer.text}`);
    return;
  }
  const documented = operation.responses[answer.status] ?? operation.responses['default'];
  const shared = documented?.$ref?.replace('#/components/responses/', '');
  const response = shared === undefined ? documented : document.components.responses[shared];
  assert.ok(response, `${at}: ${operation.operationId} documents no such status: ${answer.text}`);
  if (!response.content) {
    assert.equal(answer.text, '', `${at}: a body where none is documented`);
    return;
  }
  const schema = type === undefined ? undefined : response.content[type]?.schema;
  assert.ok(schema, `${at}: the type ${type} is not documented`);
  if (type === 'application/octet-stream' || type === 'text/plain') return;
  const texts = type === 'application/x-ndjson' ? answer.text.split('\n').slice(0, -1) : [answer.text];
  for (const text of texts) {
    assert.ok(matches(schema, JSON.parse(text)), `${at}: not as documented: ${text.slice(0, 2000)}`);
  }
  if ([429, 503].includes(answer.status))
    assert.ok(answer.headers.get('retry-after'), `${at}: no Retry-After`);
}

function problem(): TSchema {
  const schema = document.components.schemas['Problem'];
  assert.ok(schema);
  return schema;
}

function matches(schema: TSchema, value: unknown): boolean {
  let check = validators.get(schema);
  if (!check) {
    const compiled = Compile(referredBy(schema, document.components.schemas), schema);
    check = (candidate) => compiled.Check(candidate);
    validators.set(schema, check);
  }
  return check(value);
}
