import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startTestService } from './support/service.js';

interface Schema {
  $ref?: string;
  type?: string;
  examples?: unknown[];
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  properties?: Record<string, Schema>;
  items?: Schema;
  minimum?: number;
}

interface Operation {
  operationId: string;
  parameters?: { in: string; name: string; required?: boolean; schema: Schema; example?: unknown }[];
  requestBody?: { content: Record<string, { schema?: Schema; example?: unknown }> };
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const document: Document = JSON.parse(
  readFileSync(new URL('../../openapi/openapi.json', import.meta.url), 'utf8'),
);
const { base } = await startTestService();

/** What the page at /docs fills in: an example where there is one, else the plainest value. */
function sample(schema: Schema): unknown {
  if (schema.$ref) return sample(document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  const [example = schema.default ?? schema.const ?? schema.enum?.[0]] = schema.examples ?? [];
  if (example !== undefined) return example;
  if (schema.anyOf?.[0]) return sample(schema.anyOf[0]);
  if (schema.type === 'array') return [sample(schema.items ?? {})];
  if (schema.properties) {
    return Object.fromEntries(
      Object.entries(schema.properties).map(([name, property]) => [name, sample(property)]),
    );
  }
  return { integer: schema.minimum ?? 0, number: schema.minimum ?? 0, boolean: true, string: 'string' }[
    schema.type ?? 'string'
  ];
}

for (const [path, operations] of Object.entries(document.paths)) {
  for (const [method, { operationId, parameters = [], requestBody }] of Object.entries(operations)) {
    test(`${operationId}: its examples can be sent as they stand`, async () => {
      let url = path;
      const query = new URLSearchParams();
      for (const { in: place, name, required, schema, example } of parameters) {
        const value = String(example ?? sample(schema));
        if (place === 'path') url = url.replace(`{${name}}`, encodeURIComponent(value));
        else if (place === 'query' && required) query.set(name, value);
      }
      const [type = '', content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
      const body = content && (content.example ?? sample(content.schema ?? {}));
      const response = await fetch(`${base}${url}?${query}`, {
        method: method.toUpperCase(),
        ...(body !== undefined && {
          headers: { 'content-type': type === '*/*' ? 'text/plain' : type },
          body: type === 'application/json' ? JSON.stringify(body) : String(body),
        }),
      });
      const text = await response.text();
      assert.ok(
        response.ok || [404, 409].includes(response.status),
        `${response.status} ${text}, for ${url}?${query} ${JSON.stringify(body)}`,
      );
    });
  }
}
