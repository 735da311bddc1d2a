import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import type { Scope } from '../keys.js';
import { components } from '../schema.js';
import { completed } from './openapi-completion.js';

const TAGS = {
  media: 'What an image host does in one request: upload, view, delete, expire.',
  hashes: 'Contents by hash: which file, which motion file, which variants.',
  aliases: 'Public names of contents, and the delete tokens that go with them.',
  settings: 'Server-wide values by key, any bytes.',
  details: 'Metadata of files, by identifier (the IdentifierRepo of pict-rs).',
  uploads: 'Uploads that are accepted at once, processed later, and then claimed by their sender.',
  variantClaims: 'The right to make a variant, which one worker has at a time.',
  queue: 'Jobs for the workers that process images.',
  files: 'The owners of files, and the files that may be deleted.',
  blocklist: 'Contents that nobody may upload.',
  report: 'What is left over or inconsistent, and its removal.',
  usage: 'How much of the disk is used, and by what.',
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
* Errors are RFC 9457 problems with a stable \`code\`. An operation lists the statuses of its own problems; all others
  are the answer \`default\`, which is the same everywhere.
* Times are RFC 3339 in UTC with microseconds, by the clock of the database.
* A body or answer of \`application/octet-stream\` is bytes, which are stored as they are. A generated client must send them as
  they are too: not as JSON.
* Enumerations stream newline-delimited JSON and end with the line \`{"end":true,"count":N}\`. A stream without this
  line was cut; \`after\` resumes it.`;

/** The name of the security scheme. */
const KEY_SCHEME = 'bearer';

/** A key with that scope; or none, for a service without keys. */
export function securityOf(scope: Scope): Record<string, string[]>[] {
  return [{ [KEY_SCHEME]: [scope] }, {}];
}

const SECURITY_SCHEME = {
  type: 'http',
  scheme: 'bearer',
  description: `A key with the scope that the operation names: \`read\`, \`write\`, which includes read, or
\`admin\`, which includes both. A service without keys accepts every request, which is why each operation names no key as an
alternative.`,
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
      return completed(document.openapiObject);
    },
  });
}
