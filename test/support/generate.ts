import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { type ListKind, toCursor } from '../../src/repos/cursor.js';
import { toListCursor } from '../../src/repos/queue/list-cursor.js';
import { toSearchCursor } from '../../src/repos/queue/search-cursor.js';
import { WITH_AGE } from '../../src/repos/report/kinds.js';
import { character } from './character.js';

/** Requests made from what the OpenAPI document says. */

interface Schema {
  $ref?: string;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  allOf?: Schema[];
  pattern?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  items?: Schema;
  maxItems?: number;
  properties?: Record<string, Schema>;
  required?: string[];
}

interface Parameter {
  name: string;
  in: 'path' | 'query';
  required?: boolean;
  example?: unknown;
  schema: Schema;
}

export interface Operation {
  operationId: string;
  method: string;
  path: string;
  parameters: Parameter[];
  body: { schema: Schema; required: boolean } | undefined;
}

export interface Request {
  method: string;
  path: string;
  headers: string[];
  /** A character for each byte. */
  body: string | undefined;
}

interface Document {
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, Schema> };
}

interface Described {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, { schema: Schema }> };
}

const file = new URL('../../../openapi/openapi.json', import.meta.url);
const document: Document = JSON.parse(readFileSync(file, 'utf8'));

function cursors(kind: ListKind, key: string): string[] {
  const place = { createdAt: '2026-11-22T13:14:56.789012Z', key };
  return (['older', 'newer'] as const).map((direction) =>
    toCursor(kind, { ...place, direction, isInclusive: direction === 'newer' }),
  );
}

/** The path of an operation, with the examples of its parameters. */
export function examplePath({ path, parameters }: Pick<Operation, 'path' | 'parameters'>): string {
  const exampleOf = (name: string) =>
    parameters.find((one) => one.in === 'path' && one.name === name)?.example;
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(exampleOf(name))));
}

export const operations: Operation[] = Object.entries(document.paths).flatMap(([path, byMethod]) =>
  Object.entries(byMethod).map(([method, { operationId, parameters = [], requestBody }]) => {
    const content =
      requestBody?.content['application/json'] ?? requestBody?.content['application/octet-stream'];
    const body = content && { schema: content.schema, required: requestBody?.required ?? false };
    return { operationId, method: method.toUpperCase(), path, parameters, body };
  }),
);

/** Few enough to meet again: what one request makes, another finds. */
const KNOWN: Record<string, string[] | number[]> = {
  hash: ['aa', 'AA', 'bb', 'cc'],
  alias: ['a', 'b'],
  identifier: ['i', 'j', 'k', 'l'],
  new_identifier: ['i', 'm'],
  variant: ['v', 'thumbnail/1'],
  delete_token: ['t'],
  url: ['http://u.example/'],
  queue: ['q'],
  enqueue: ['q'],
  worker_id: ['w'],
  unique_key: ['u'],
  key: ['k'],
  wait_seconds: [0],
  older_than: ['9999-12-31T23:59:59.999999Z'],
};

const places = fc.constantFrom(
  ...(['running', 'ready', 'dead'] as const).map((part) =>
    toSearchCursor({ part, queue: 'ü q', priority: -1, seq: '7' }),
  ),
);

/** What the document says in words only. */
const WORDED: Record<string, fc.Arbitrary<unknown>> = {
  'media.commitUpload details': fc.constantFrom({}, { width: 1, '': [null] }),
  'media.commitUpload expires_at': fc.constantFrom(null, '2199-01-01T00:00:00Z'),
  'hashes.page cursor': fc.constantFrom(...cursors('hash', 'b5bb9d80')),
  'aliases.ofOwner cursor': fc.constantFrom(...cursors('alias', 'ü,b')),
  'queue.queues after': fc.constantFrom(toListCursor([3], 'q'), toListCursor([1, 2, -1], 'ü')),
  ...Object.fromEntries(
    ['jobs', 'find', 'worker', 'retry', 'runNow', 'remove'].map((name) => [`queue.${name} after`, places]),
  ),
  'aliasAccess.olderAliases after': fc.constantFrom(
    '2026-11-22T13:14:56.789012Z,a',
    '0001-01-01T00:00:00Z,a,b',
  ),
  'variantAccess.olderVariants after': fc.constantFrom(
    '2026-11-22T13:14:56Z,aa,v',
    '2026-11-22T13:14:56Z,AA,v,w',
  ),
};

/** Of two members an object may have one, and some must: said in words too. */
function withOne(names: string[], { ...value }: Record<string, unknown>): Record<string, unknown> {
  const isClean = ['kind', 'older_than', 'after'].every((name) => names.includes(name));
  if (isClean) {
    delete value['after'];
    if (WITH_AGE.some((kind) => kind === value['kind'])) value['older_than'] ??= '2026-11-22T13:14:56Z';
    else delete value['older_than'];
  }
  const isImage = ['alias', 'url', 'variant'].every((name) => names.includes(name));
  if (isImage && !('url' in value)) value['alias'] ??= 'a';
  if (isImage && 'alias' in value) delete value['url'];
  const isRelease = ['delete_token', 'force'].every((name) => names.includes(name));
  if (isRelease && !('force' in value)) value['delete_token'] ??= 't';
  if (isRelease && 'delete_token' in value) delete value['force'];
  if (value['motion_identifier'] === value['identifier']) delete value['motion_identifier'];
  const isChoice = ['ids', 'match'].every((name) => names.includes(name));
  if (isChoice && !('match' in value)) value['ids'] ??= [];
  if (isChoice && 'ids' in value) for (const name of ['match', 'limit', 'after']) delete value[name];
  const isMatch = ['queue', 'state', 'error'].every((name) => names.includes(name));
  if (isMatch && !('worker' in value)) value['queue'] ??= 'q';
  const isMove = ['identifier', 'new_identifier'].every((name) => names.includes(name));
  if (isMove && value['new_identifier'] === value['identifier']) value['new_identifier'] = 'another';
  const isResult = ['alias', 'token', 'message', 'code'].every((name) => names.includes(name));
  if (isResult) keepPair(value, 'alias' in value ? ['alias', 'token'] : ['message', 'code'], names);
  const isEnd = ['identifier', 'token', 'error'].every((name) => names.includes(name));
  if (isEnd && !('error' in value)) value['identifier'] ??= 'i';
  if (isEnd && 'error' in value) for (const name of ['identifier', 'bytes', 'enqueue']) delete value[name];
  // The cursors of completed jobs are others.
  if (value['state'] === 'completed') delete value['after'];
  if ('delay_seconds' in value) delete value['run_at'];
  if (value['retry'] === false) delete value['delay_seconds'];
  return value;
}

/** Leaves these two members and no other. */
function keepPair(value: Record<string, unknown>, pair: string[], names: string[]): void {
  for (const name of names) if (!pair.includes(name)) delete value[name];
  for (const name of pair) value[name] ??= 'x';
}

function named(operation: string, name: string, schema: Schema): fc.Arbitrary<unknown> {
  const worded = WORDED[`${operation} ${name}`];
  if (worded) return worded;
  const known = KNOWN[name];
  if (!known) return ofSchema(operation, schema);
  const again = fc.constantFrom<unknown>(...known);
  // A pop that waits would take the whole time there is.
  return name === 'wait_seconds'
    ? again
    : fc.oneof({ weight: 2, arbitrary: again }, ofSchema(operation, schema));
}

/** Values that a schema takes. */
function ofSchema(operation: string, schema: Schema): fc.Arbitrary<unknown> {
  const name = schema.$ref?.replace('#/components/schemas/', '');
  if (name !== undefined) return ofSchema(operation, document.components.schemas[name] ?? {});
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => ofSchema(operation, one)));
  if (schema.allOf) {
    const parts = schema.allOf.map((one) => ofSchema(operation, one));
    return fc.tuple(...parts).map((values) => Object.assign({}, ...values));
  }
  const { minimum: min = -1e6, maximum: max = 1e6 } = schema;
  switch (schema.type) {
    case 'string':
      return ofString(schema);
    case 'integer':
      return fc.integer({ min, max });
    case 'number':
      return fc.double({ min, max, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(ofSchema(operation, schema.items ?? {}), {
        maxLength: Math.min(schema.maxItems ?? 3, 3),
      });
    case 'object':
      return ofObject(operation, schema);
    default:
      return json;
  }
}

/** Any JSON that the service takes: no NUL, and no lone surrogate. */
const text = fc.string({ unit: 'grapheme', maxLength: 10 }).filter((value) => !value.includes('\0'));
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, 0, -0, 1e300, 0.1, 2 ** 53, ''),
    text,
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(text, tie('json'), { maxKeys: 3 }),
  ),
}));

function recordOf(
  members: [name: string, value: fc.Arbitrary<unknown>][],
  requiredKeys: string[],
): fc.Arbitrary<Record<string, unknown>> {
  const record: Record<string, fc.Arbitrary<unknown>> = Object.fromEntries(members);
  const names = Object.keys(record);
  return fc.record(record, { requiredKeys }).map((value) => withOne(names, value));
}

function ofObject(operation: string, { properties, required = [] }: Schema): fc.Arbitrary<unknown> {
  if (!properties || Object.keys(properties).length === 0) return fc.dictionary(text, json, { maxKeys: 3 });
  return recordOf(
    Object.entries(properties).map(([name, one]) => [name, named(operation, name, one)]),
    required,
  );
}

const strings = new Map<string, fc.Arbitrary<string>>();

/** What makes strings takes long to be made, and most operations want the same few. */
function ofString(schema: Schema): fc.Arbitrary<string> {
  const { format, pattern, minLength, maxLength } = schema;
  const key = JSON.stringify([format, pattern, minLength, maxLength]);
  const known = strings.get(key) ?? makeStrings(schema);
  strings.set(key, known);
  return known;
}

function makeStrings({ format, pattern, minLength = 0, maxLength = 1000 }: Schema): fc.Arbitrary<string> {
  if (format === 'date-time') return time;
  if (format === 'binary') return fc.string({ unit: character, maxLength: 100 });
  if (pattern === undefined) {
    const some = fc.string({ unit: 'grapheme', minLength, maxLength: Math.min(maxLength, 30) });
    return some.filter((value) => !value.includes('\0'));
  }
  // Lookaheads cannot be generated: what they forbid is left out afterwards.
  const generated = fc.stringMatching(new RegExp(pattern.replace(/\(\?!.*?\$\)/, ''), 'u'), {
    size: 'small',
  });
  const whole = new RegExp(pattern, 'u');
  return generated.filter(
    (value) => whole.test(value) && value.isWellFormed() && Buffer.byteLength(value) <= 255,
  );
}

const time = fc
  .tuple(
    fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
    fc.constantFrom('', '.5', '.123456', '.123456789'),
    fc.constantFrom('Z', 'z', '+00:00', '-11:30'),
  )
  .map(([date, fraction, zone]) => date.toISOString().slice(0, 19) + fraction + zone);

/** What a request is made of. */
export interface Parts {
  params: Record<string, unknown>;
  body: unknown;
}

/** Parts as the document wants them. */
export function partsOf({ operationId, parameters, body }: Operation): fc.Arbitrary<Parts> {
  const required = parameters.filter((one) => one.required).map(({ name }) => name);
  return fc.record({
    params: recordOf(
      parameters.map(({ name, schema }) => [name, named(operationId, name, schema)]),
      required,
    ),
    body: body ? maybe(ofSchema(operationId, body.schema), body.required) : fc.constant(undefined),
  });
}

function maybe(value: fc.Arbitrary<unknown>, required: boolean): fc.Arbitrary<unknown> {
  return required ? value : fc.option(value, { nil: undefined });
}

export function toRequest({ method, path, body: has }: Operation, { params, body }: Parts): Request {
  const rest = { ...params };
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest[name];
    delete rest[name];
    return percentEncoded(value);
  });
  const query = Object.entries(rest).map(
    ([name, value]) => `${percentEncoded(name)}=${percentEncoded(value)}`,
  );
  const binary = has?.schema.format === 'binary';
  const json = body === undefined || (binary && typeof body === 'string') ? body : JSON.stringify(body);
  return {
    method,
    path: query.length > 0 ? `${filled}?${query.join('&')}` : filled,
    headers: body === undefined ? [] : ['Content-Type: application/json'],
    body: json === undefined ? undefined : Buffer.from(`${json}`).toString('latin1'),
  };
}

/** Every byte but letters and digits; a lone surrogate as the three bytes that no decoder takes. */
function percentEncoded(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
  return [...text].map((char) => (/^\w$/.test(char) ? char : encoded(char))).join('');
}

function encoded(char: string): string {
  if (!char.isWellFormed()) return '%ED%A0%80';
  return encodeURIComponent(char).replace(/^[!'()*.~-]$/, (plain) => `%${plain.charCodeAt(0).toString(16)}`);
}
