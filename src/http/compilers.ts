/**
 * Keeps Fastify from loading Ajv and fast-json-stringify, which takes a tenth of a start. An app with this sets
 * compilers of its own.
 */
export const NO_DEFAULT_COMPILERS = {
  compilersFactory: { buildValidator: refuse, buildSerializer: refuse },
};

function refuse(): never {
  throw new Error('this app has no compiler for schemas');
}
