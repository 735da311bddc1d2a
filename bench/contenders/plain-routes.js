import Fastify from 'fastify';
import postgres from 'postgres';
import { CREATES } from '../support/creates.js';
import { HOT_READS } from '../support/hot-reads.js';

// A plain Fastify route for each hot read and each create, as anybody would write it: a schema, one query, the answer.
// With EMPTY reads send the same bytes without a query.
const { PORT, DATABASE_URL = '', EMPTY } = process.env;
const app = Fastify();
const sql = postgres(DATABASE_URL, { max: 10 });
const strings = (/** @type {string[]} */ names) => ({
  type: 'object',
  properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
  required: names,
});

for (const { url, params, query, path, statement, properties, type } of HOT_READS) {
  const schema = {
    params: strings(params),
    querystring: strings(query),
    ...(properties && { response: { 200: { type: 'object', properties } } }),
  };
  const answerOf = (/** @type {any} */ row) => (properties ? row : Object.values(row)[0]);
  const [, pathname, search] = /** @type {string[]} */ (/^([^?]+)\??(.*)$/.exec(path(7)));
  const names = [...url.matchAll(/:(\w+)/g)].map(([, name]) => name);
  const values = new RegExp(url.replace(/:\w+/g, '([^/]+)')).exec(pathname)?.slice(1) ?? [];
  const input = {
    ...Object.fromEntries(names.map((name, at) => [name, values[at]])),
    ...Object.fromEntries(new URLSearchParams(search)),
  };
  const example = EMPTY === undefined ? undefined : answerOf((await statement(sql, input))[0]);
  app.get(url, { schema }, async (request, reply) => {
    if (type) reply.type(type);
    if (example) return example;
    const given = /** @type {any} */ (request);
    const [row] = await statement(sql, { ...given.params, ...given.query });
    return row ? answerOf(row) : reply.code(404).send({ message: 'not found' });
  });
}
app.put('/v1/aliases/:alias/access', { schema: { params: strings(['alias']) } }, async (request, reply) => {
  const { alias } = /** @type {{ alias: string }} */ (request.params);
  await sql`update alias_accesses set accessed = now() where alias = ${alias}`;
  return reply.code(204).send();
});

for (const { url, params, query, body, isFree, statement } of CREATES) {
  const properties = strings([...params, ...query, ...(isFree ? [] : Object.keys(body))]);
  const schema = {
    params: strings(params),
    querystring: strings(query),
    body: isFree ? { type: 'object' } : strings(Object.keys(body)),
    ...(!isFree && { response: { 201: properties } }),
  };
  app.put(url, { schema }, async (request, reply) => {
    const given = /** @type {any} */ (request);
    const input = { ...given.params, ...given.query };
    await statement(sql, input, given.body);
    return isFree ? reply.code(204).send() : reply.code(201).send({ ...input, ...given.body });
  });
}

if (EMPTY !== undefined) await sql.end();
process.on('SIGINT', () => {});
process.on('SIGTERM', () => process.exit(0));
await app.listen({ host: '127.0.0.1', port: Number(PORT) });
