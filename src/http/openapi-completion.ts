import { components } from '../schema.js';
import { exampleOf } from './example.js';
import { SHARED_PROBLEM } from './responses.js';

/** Adds to the generated OpenAPI document what its generator cannot express. */
export function completed(generated: object): object {
  const document = copyOf(generated);
  addTypes(document.components);
  addTypes(document.paths);
  for (const operation of operationsOf(document)) {
    addExamples(document, operation);
    operation.responses['default'] = { $ref: '#/components/responses/Problem' };
    addHeaders(operation.responses);
  }
  const responses = { Problem: withReferences(SHARED_PROBLEM) };
  addTypes(responses);
  addHeaders(responses);
  document.components = { ...document.components, responses, headers: HEADERS };
  return document;
}

/** Writes the limits that schema.ts checks by code as the keywords of JSON Schema. */
function copyOf(generated: object): Document {
  return JSON.parse(JSON.stringify(generated).replaceAll('"x-max', '"max'));
}

/** The references of schemas are names here, and paths in the document. */
function withReferences(response: object): Response {
  return JSON.parse(JSON.stringify(response).replaceAll('"$ref":"', '"$ref":"#/components/schemas/'));
}

/** Generators want the type of a list of values, which JSON Schema does not need. */
function addTypes(node: unknown): void {
  if (!isObject(node)) return;
  for (const [name, value] of Object.entries(node)) if (!name.startsWith('example')) addTypes(value);
  const values = Array.isArray(node['enum']) ? node['enum'] : 'const' in node ? [node['const']] : [];
  if (values.length === 0 || 'type' in node) return;
  const types = [...new Set(values.map((value) => (value === null ? 'null' : typeof value)))];
  node['type'] = types.length === 1 ? types[0] : types;
}

/** Also tells which bodies and parameters may be left out. */
function addExamples(document: Document, { parameters = [], requestBody: body }: Operation): void {
  for (const parameter of parameters) {
    // The page at /docs sends examples as they are: an optional filter would hide most results.
    if (!parameter.required && !parameter.schema['x-needed']) delete parameter.example;
    delete parameter.schema['x-needed'];
  }
  const [media] = Object.values(body?.content ?? {});
  if (!body || !media) return;
  const name = media.schema.$ref?.replace('#/components/schemas/', '');
  const schema = name === undefined ? media.schema : document.components.schemas[name];
  const registered = name === undefined ? media.schema : (components[name] ?? {});
  if ('x-optional' in registered) body.required = false;
  delete schema?.['x-optional'];
  media.example ??= exampleOf(registered);
}

function addHeaders(responses: Record<string, Response>): void {
  for (const [status, response] of Object.entries(responses)) {
    if (response.$ref) continue;
    const names = ['x-request-id', ...(HEADERS_OF[status] ?? [])];
    response.headers = {
      ...response.headers,
      ...Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }])),
    };
  }
}

function operationsOf(document: Document): Operation[] {
  return Object.values(document.paths).flatMap((path) => Object.values(path));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; responses?: object; headers?: object };
}

interface Schema {
  $ref?: string;
  type?: string;
  'x-optional'?: boolean;
  /** One of several parameters, of which a request needs one. */
  'x-needed'?: boolean;
}

interface Operation {
  parameters?: { required?: boolean; example?: unknown; schema: Schema }[];
  requestBody?: { required?: boolean; content?: Record<string, { schema: Schema; example?: unknown }> };
  responses: Record<string, Response>;
}

interface Response {
  $ref?: string;
  headers?: Record<string, unknown>;
}

const HEADERS = {
  'x-request-id': {
    description: 'The request id, as sent if it was well formed.',
    schema: { type: 'string' },
  },
  'retry-after': {
    description: 'Seconds after which the request may be repeated. With 429 and 503.',
    schema: { type: 'integer' },
  },
  'www-authenticate': {
    description: 'RFC 6750. With 401, and with 403 where another key would do.',
    schema: { type: 'string' },
  },
};

const HEADERS_OF: Record<string, (keyof typeof HEADERS)[]> = {
  401: ['www-authenticate'],
  403: ['www-authenticate'],
  429: ['retry-after'],
  503: ['retry-after'],
  Problem: ['retry-after', 'www-authenticate'],
};
