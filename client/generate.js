import { readFile, writeFile } from 'node:fs/promises';
import openapiTS, { astToString } from 'openapi-typescript';

/**
 * `npm run types`: writes src/generated from openapi/openapi.json; with `--check` it compares instead.
 * Of the answers only the successes are kept: what fails is a ProblemError, whose codes are a type of their own.
 */
const METHODS = ['get', 'put', 'post', 'delete'];
const NOTICE = '// Written by `npm run types` from openapi/openapi.json.\n\n';

const document = JSON.parse(await readFile(new URL('../openapi/openapi.json', import.meta.url), 'utf8'));
// What operators ask (probes, metrics) is no business of a client.
for (const path of Object.keys(document.paths)) if (!path.startsWith('/v1/')) delete document.paths[path];
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item)
    .filter(([method]) => METHODS.includes(method))
    .map(([method, operation]) => ({ path, method, operation })),
);

const files = {
  'operations.ts': NOTICE + table(),
  'problem-code.ts': NOTICE + problemCodes(),
  // Last: it takes the failures out of the document.
  'schema.ts': NOTICE + (await types()),
};

let stale = false;
for (const [name, text] of Object.entries(files)) {
  const file = new URL(`src/generated/${name}`, import.meta.url);
  if (process.argv.includes('--check')) {
    if ((await readFile(file, 'utf8').catch(() => '')) === text) continue;
    console.error(`client/src/generated/${name} is not what openapi/openapi.json says: npm run client:types`);
    stale = true;
  } else {
    await writeFile(file, text);
  }
}
process.exitCode = stale ? 1 : 0;

/** What is needed to send a request and to read its answer. */
function table() {
  const rows = operations.map(({ path, method, operation }) => {
    const named = (operation.parameters ?? []).map(({ name }) => name);
    const route = {
      method: method.toUpperCase(),
      path,
      ...(named.length > 0 && { takesParams: true }),
      ...(operation.requestBody && { body: bodyKind(operation.requestBody) }),
      answer: answerKind(operation.responses),
      successes: successShapes(operation.responses),
    };
    return `  '${operation.operationId}': ${JSON.stringify(route)},\n`;
  });
  return `export const operations = {\n${rows.join('')}} as const;\n`;
}

function bodyKind({ content }) {
  return content['application/json'] ? 'json' : 'bytes';
}

function answerKind(responses) {
  const successes = Object.entries(responses).filter(([status]) => isSuccess(status));
  const types = successes.flatMap(([, { content = {} }]) => Object.keys(content));
  if (types.includes('application/x-ndjson')) return 'stream';
  if (types.includes('application/octet-stream')) return 'bytes';
  // Where there are several, which one it is says something.
  if (successes.length > 1) return 'jsonWithStatus';
  return types.length > 0 ? 'json' : 'nothing';
}

/** By status what the body looks like; src/shape.ts says how that is written. */
function successShapes(responses) {
  const successes = Object.entries(responses).filter(([status]) => isSuccess(status));
  return Object.fromEntries(
    successes.map(([status, { content }]) => {
      if (!content) return [status, 'nothing'];
      const json = content['application/json'];
      return [status, json ? shapeOf(json.schema) : 'any'];
    }),
  );
}

function shapeOf(schema) {
  if (schema.$ref) return shapeOf(document.components.schemas[schema.$ref.split('/').at(-1)]);
  const { enum: values, items, required = [], properties } = schema;
  const type = values ? typeof values[0] : schema.type;
  if (type === 'object') {
    return Object.fromEntries(required.map((name) => [name, shapeOf(properties[name])]));
  }
  if (type === 'array') return [shapeOf(items)];
  if (type === 'integer') return 'number';
  return ['string', 'number', 'boolean'].includes(type) ? type : 'any';
}

function problemCodes() {
  const codes = new Set();
  JSON.stringify(document, (key, value) => {
    if (key === 'code' && Array.isArray(value?.enum)) for (const code of value.enum) codes.add(code);
    return value;
  });
  return `export type ProblemCode =\n${[...codes]
    .sort()
    .map((code) => `  | '${code}'`)
    .join('\n')};\n`;
}

async function types() {
  for (const { operation } of operations) {
    for (const status of Object.keys(operation.responses)) {
      if (!isSuccess(status)) delete operation.responses[status];
      else delete operation.responses[status].headers;
    }
  }
  delete document.components.responses;
  delete document.components.headers;
  return astToString(await openapiTS(document, { alphabetize: false }));
}

function isSuccess(status) {
  return status.startsWith('2');
}
