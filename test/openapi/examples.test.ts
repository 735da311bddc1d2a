import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startTestService } from '../support/service.js';

interface Operation {
  operationId: string;
  parameters?: { name: string; in: string; required?: boolean; example?: unknown }[];
  requestBody?: { content: Record<string, { example?: unknown }> };
}

const file = new URL('../../../openapi/openapi.json', import.meta.url);
const document: { paths: Record<string, Record<string, Operation>> } = JSON.parse(readFileSync(file, 'utf8'));

/** What the page at /docs sends when nothing was typed: the first example of the first content type. */
function requestOf(path: string, { operationId, parameters = [], requestBody }: Operation) {
  const query = new URLSearchParams();
  let url = path.replace('/v1', '');
  for (const { name, in: where, required, example } of parameters) {
    if (required) assert.notEqual(example, undefined, `${operationId}: ${name} is needed and has no example`);
    if (example === undefined) continue;
    if (where === 'path') url = url.replace(`{${name}}`, encodeURIComponent(String(example)));
    else query.set(name, String(example));
  }
  const [[type, media] = []] = Object.entries(requestBody?.content ?? {});
  if (media) assert.notEqual(media.example, undefined, `${operationId}: the body has no example`);
  const isText = typeof media?.example === 'string';
  return {
    url: query.size > 0 ? `${url}?${query}` : url,
    body: isText ? new TextEncoder().encode(String(media.example)) : media?.example,
    headers: { ...(type !== undefined && { 'content-type': type }) },
  };
}

test('the examples of every operation are taken by a fresh service, one after the other', async () => {
  const { ask } = await startTestService();
  const statuses = new Map<string, number>();
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const { url, body, headers } = requestOf(path, operation);
      const { status, text } = await ask(method.toUpperCase(), url, body, { headers });
      const fine = (status >= 200 && status < 300) || status === 404 || status === 409;
      assert.ok(fine, `${operation.operationId}: ${status} ${text}`);
      statuses.set(operation.operationId, status);
    }
  }
  assert.equal(statuses.get('hashes.create'), 201);
  assert.equal(statuses.get('settings.get'), 200);
  assert.equal(statuses.get('queue.push'), 201);
  assert.equal(statuses.get('queue.pop'), 200);
  assert.equal(statuses.get('queue.complete'), 409);
  assert.equal(statuses.get('storeMigration.markMigrated'), 204);
});

test('the examples tell one story: creations in the order of what they need all succeed', async () => {
  const { ask } = await startTestService();
  const story = [
    'hashes.create',
    'hashes.relateVariantIdentifier',
    'hashes.relateMotionIdentifier',
    'hashes.motionIdentifier',
    'details.relateDetails',
    'details.details',
    'aliases.create',
    'aliases.deleteToken',
    'proxies.relateUrl',
    'proxies.related',
    'aliasAccess.accessed',
    'variantAccess.accessed',
    'hashes.cleanup',
  ];
  for (const wanted of story) {
    const [path, method, operation] =
      Object.entries(document.paths)
        .flatMap(([at, operations]) => Object.entries(operations).map(([m, o]) => [at, m, o] as const))
        .find(([, , { operationId }]) => operationId === wanted) ?? assert.fail(wanted);
    const { url, body, headers } = requestOf(path, operation);
    const { status, text } = await ask(method.toUpperCase(), url, body, { headers });
    assert.ok(status >= 200 && status < 300, `${wanted}: ${status} ${text}`);
  }
});
