import { readFile, writeFile } from 'node:fs/promises';
import { docOf, membersOf, nameOf, typeOf } from './generate-types.js';

/**
 * `npm run types`: writes src/generated from openapi/openapi.json; with `--check` it compares instead.
 * Of the answers only the successes are typed: what fails is a ProblemError, whose codes are a type of their own.
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
  'problems.ts': NOTICE + problemTypes(),
  'repos.ts': NOTICE + repoTypes(),
  'schemas.ts': NOTICE + schemaTypes(),
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

/** The codes of problems, and what those problems have that others may have too. */
function problemTypes() {
  const codes = new Set();
  JSON.stringify(document, (key, value) => {
    if (key === 'code' && Array.isArray(value?.enum)) for (const code of value.enum) codes.add(code);
    return value;
  });
  const sorted = [...codes].sort().map((code) => `  | '${code}'`);
  const members = Object.values(document.components.schemas)
    .filter(({ allOf }) => allOf?.[0]?.$ref?.endsWith('/Problem'))
    .map(({ allOf: [, { properties }] }) => {
      const { code, ...more } = properties;
      const given = Object.entries(more).map(([name, schema]) => ({ name, schema, isRequired: true }));
      return `  ${code.enum[0]}: ${membersOf(given, 'Schemas.', '  ')};\n`;
    });
  return `import type * as Schemas from './schemas.js';

export type ProblemCode =
${sorted.join('\n')};

/** What a problem of that code has. */
export interface ProblemMembers {
${members.join('')}}
`;
}

/** An interface for each repo, a method for each operation. */
function repoTypes() {
  const repos = grouped(operations, ({ operation }) => operation.operationId.split('.')[0]);
  const described = Object.fromEntries(document.tags.map(({ name, description }) => [name, description]));
  const names = [...repos.keys()];
  const members = names.map(
    (repo) => `${docOf([described[repo]], '  ')}\n  readonly ${repo}: ${typeName(repo)};`,
  );
  const interfaces = names.map((repo) => {
    const methods = repos.get(repo).map(({ operation }) => methodOf(operation));
    return `${docOf([described[repo]])}\nexport interface ${typeName(repo)} {\n${methods.join('\n')}}\n`;
  });
  return `import type { CallOptions } from '../call-options.js';
import type * as Schemas from './schemas.js';

/** The operations of the service, by repo and method. */
export interface PictRepo {
${members.join('\n')}
}

${interfaces.join('\n')}`;
}

function grouped(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function typeName(repo) {
  return `${repo[0].toUpperCase()}${repo.slice(1)}Repo`;
}

function methodOf({ operationId, summary, description, parameters = [], requestBody, responses }) {
  const given = parameters.map(({ name, schema, required, description: about }) => ({
    name,
    schema,
    isRequired: required,
    description: about,
  }));
  const isNeeded = given.some(({ isRequired }) => isRequired);
  const params = given.length > 0 && `params${isNeeded ? '' : '?'}: ${membersOf(given, 'Schemas.', '    ')}`;
  const args = [params, requestBody && bodyOf(requestBody), 'options?: CallOptions'].filter(Boolean);
  const head = docOf([summary, description], '  ');
  return `${head}\n  ${operationId.split('.')[1]}(\n${args.map((arg) => `    ${arg},\n`).join('')}  ): ${resultOf(responses)};\n`;
}

function bodyOf({ content, required }) {
  if (!content['application/json']) return 'body: string | Uint8Array<ArrayBuffer>';
  const type = typeOf(content['application/json'].schema, 'Schemas.', '    ');
  return required ? `body: ${type}` : `body?: ${type} | undefined`;
}

/** Where several statuses are a success, the status stands beside the members of the body. */
function resultOf(responses) {
  const successes = Object.entries(responses).filter(([status]) => isSuccess(status));
  const kind = answerKind(responses);
  const typed = successes.map(([status, { content }]) => {
    const schema = Object.values(content ?? {})[0]?.schema;
    return {
      status,
      type: schema && kind !== 'stream' ? typeOf(schema, 'Schemas.', '  ') : undefined,
      schema,
    };
  });
  if (kind === 'stream') {
    const rows = typed[0].schema.anyOf.filter((line) => nameOf(line) !== 'StreamEnd');
    return `AsyncGenerator<${rows.map((row) => typeOf(row, 'Schemas.')).join(' | ')}, void, undefined>`;
  }
  if (kind !== 'jsonWithStatus') return `Promise<${typed[0].type ?? 'undefined'}>`;
  const types = [...grouped(typed, ({ type }) => type)].map(([type, same]) => {
    const status = `{ status: ${same.map((one) => one.status).join(' | ')} }`;
    return type === undefined ? status : `${type} & ${status}`;
  });
  return `Promise<${types.map((type) => (types.length > 1 ? `(${type})` : type)).join(' | ')}>`;
}

/** The named schemas, as interfaces where they are objects. */
function schemaTypes() {
  const types = Object.entries(document.components.schemas).map(([name, schema]) => {
    const { description, ...bare } = schema;
    const doc = description ? `${docOf([description])}\n` : '';
    const type = typeOf(bare);
    const isInterface = type.startsWith('{') && !schema.anyOf && !schema.allOf;
    return `${doc}export ${isInterface ? `interface ${name} ${type}` : `type ${name} = ${type};`}\n`;
  });
  return types.join('\n');
}

function isSuccess(status) {
  return status.startsWith('2');
}
