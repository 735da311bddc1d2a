import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { components } from '../schema.js';
import { exampleOf } from './example.js';

const TAGS = {
  media: 'What an image host does in one request: upload, view, delete, expire.',
  hashes: 'Contents by hash: which file, which motion file, which variants.',
  aliases: 'Public names of contents, and the delete tokens that go with them.',
  settings: 'Server-wide values by key, any bytes.',
  details: 'Metadata of files, by identifier (the IdentifierRepo of pict-rs).',
  uploads: 'Uploads that are accepted at once, done later and claimed by whoever sent them.',
  variantClaims: 'The right to make a variant, which one worker has at a time.',
  queue: 'Jobs for the workers that process images.',
  files: 'Whose a file is, and which files may be deleted.',
  blocklist: 'Contents that nobody may upload.',
  storeMigration: 'Which files have been moved to another store.',
  proxies: 'Which remote URL is cached as which alias.',
  aliasAccess: 'When a cached alias was last requested.',
  variantAccess: 'When a variant was last requested.',
  operations: 'For operators: probes and metrics.',
};

const DESCRIPTION = `The metadata and job queue of an image host.

Every operation is named after a method of the repos of pict-rs: \`<repo>.<method>\`.

* A create (\`PUT\`) answers 201. If an equal record exists it answers 200 with the same body, and if a different one
  exists, 409 with that one in \`existing\`. So a request whose answer was lost can be sent again.
* A removal can also be sent again.
* Unsupported input is refused with 400: an unknown or repeated query parameter, a body on a route without one (an
  empty body and \`{}\` count as none), and headers such as \`If-Match\` on methods that change something.
* Errors are RFC 9457 problems with a stable \`code\`.
* Times are RFC 3339 in UTC with microseconds, by the clock of the database.
* Enumerations stream newline-delimited JSON and end with the line \`{"end":true,"count":N}\`. A stream without this
  line was cut; \`after\` resumes it.`;

/** The name of the security scheme. */
export const KEY_SCHEME = 'bearer';

const SECURITY_SCHEME = {
  type: 'http',
  scheme: 'bearer',
  description: `A key with the scope that the operation names: \`read\`, \`write\`, which includes read, or
\`admin\`, which includes both. A service without keys accepts every request.`,
} as const;

/** Adds the routes that are registered later to the OpenAPI document. */
export async function documentRoutes(app: FastifyInstance, version: string): Promise<void> {
  // By name, so that the document does not depend on which module was loaded first.
  const sorted = Object.entries(components).sort(([one], [other]) => (one < other ? -1 : 1));
  for (const [, schema] of sorted) app.addSchema(schema);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'pict-repo',
        version,
        description: DESCRIPTION,
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/', description: 'This service' }],
      tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
      security: [],
      components: { securitySchemes: { [KEY_SCHEME]: SECURITY_SCHEME } },
    },
    refResolver: {
      buildLocalReference: (json, _baseUri, _fragment, index) => String(json['$id'] ?? `def-${index}`),
    },
    transformObject: (document) => {
      if (!('openapiObject' in document)) throw new Error('an OpenAPI document was expected');
      return shareResponses(withHeaders(withRequests(withLimits(document.openapiObject as Document))));
    },
  });
}

/** Gives the limits that schema.ts checks by code their names of JSON Schema. */
function withLimits(document: Document): Document {
  return JSON.parse(JSON.stringify(document).replaceAll('"x-max', '"max'));
}

/** Adds what the generator cannot express: optional bodies, and examples. */
function withRequests(document: Document): Document {
  const optional = new Set<Schema>();
  for (const { parameters = [], requestBody: body } of operationsOf(document)) {
    for (const parameter of parameters) {
      // The page at /docs sends examples as they are: an optional filter would hide most results.
      if (!parameter.required && !parameter.schema['x-needed']) delete parameter.example;
      delete parameter.schema['x-needed'];
    }
    if (!body?.content) continue;
    const [media] = Object.values(body.content);
    if (!media) continue;
    const name = media.schema.$ref?.replace('#/components/schemas/', '');
    const schema = name === undefined ? media.schema : document.components.schemas[name];
    if (schema?.['x-optional']) {
      body.required = false;
      optional.add(schema);
    }
    if (body.content['*/*']) body.content = { 'text/plain': TEXT, ...body.content };
    else media.example ??= exampleOf(name === undefined ? media.schema : (components[name] ?? {}));
  }
  for (const schema of optional) delete schema['x-optional'];
  return document;
}

/** Lets the page at /docs also take a body as text, not only as a file. */
const TEXT = { schema: { type: 'string' }, example: '2026/11/22/cat' };

function withHeaders(document: Document): Document {
  for (const { responses } of operationsOf(document)) {
    for (const [status, response] of Object.entries(responses)) {
      response.headers = { ...HEADERS, ...HEADERS_BY_STATUS[status] };
    }
  }
  return document;
}

/** Moves problems that routes share to components. */
function shareResponses(document: Document): Document {
  const shared: Record<string, Response> = {};
  for (const { responses } of operationsOf(document)) {
    for (const [status, response] of Object.entries(responses)) {
      if (Number(status) < 400) continue;
      const name = `Problem${status}`;
      shared[name] ??= response;
      if (JSON.stringify(shared[name]) === JSON.stringify(response)) {
        responses[status] = { $ref: `#/components/responses/${name}` };
      }
    }
  }
  document.components = { ...document.components, responses: shared };
  return document;
}

function operationsOf(document: Document): Operation[] {
  return Object.values(document.paths).flatMap((path) => Object.values(path));
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; responses?: object };
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
};

const RETRY_AFTER = {
  'retry-after': { description: 'Seconds.', required: true, schema: { type: 'integer' } },
};

const CHALLENGE = {
  'www-authenticate': { description: 'RFC 6750.', required: true, schema: { type: 'string' } },
};

/** Not required: 403 is also the answer to pages of other origins, which no key would let in. */
const CHALLENGE_OF_SCOPE = {
  'www-authenticate': { description: 'RFC 6750, with `insufficient_scope`.', schema: { type: 'string' } },
};

const HEADERS_BY_STATUS: Record<string, object> = {
  401: CHALLENGE,
  403: CHALLENGE_OF_SCOPE,
  429: RETRY_AFTER,
  503: RETRY_AFTER,
};
