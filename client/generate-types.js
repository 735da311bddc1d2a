/** Prints schemas of the OpenAPI document as TypeScript: short names that an editor shows as they are. */

/** @typedef {Record<string, any>} Schema */

/**
 * The type of a schema. Members that may be left out may also be undefined: then
 * `{ key: process.env.KEY }` compiles with `exactOptionalPropertyTypes`, and JSON leaves them out.
 *
 * @param {Schema} schema
 * @param {string} prefix of the names of schemas, as `Schemas.`
 * @param {string} indent
 * @returns {string}
 */
export function typeOf(schema, prefix = '', indent = '') {
  const of = (part) => typeOf(part, prefix, indent);
  if (schema.$ref) return prefix + nameOf(schema);
  if (schema.enum)
    return schema.enum
      .map((value) => JSON.stringify(value))
      .join(' | ')
      .replaceAll('"', "'");
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.anyOf) return [...new Set(schema.anyOf.map(of))].join(' | ');
  if (schema.allOf) return schema.allOf.map(of).join(' & ');
  if (Array.isArray(schema.type)) return schema.type.map((type) => of({ ...schema, type })).join(' | ');
  if (schema.type === 'array') return arrayOf(of(schema.items));
  if (schema.type === 'object') return objectOf(schema, prefix, indent);
  if (schema.format === 'binary') return 'Uint8Array<ArrayBuffer>';
  if (schema.type === 'integer') return 'number';
  return schema.type ?? 'unknown';
}

/** @param {Schema} schema */
function objectOf({ properties, required = [], additionalProperties }, prefix, indent) {
  if (!properties || (Object.keys(properties).length === 0 && additionalProperties !== false)) {
    const value =
      typeof additionalProperties === 'object' ? typeOf(additionalProperties, prefix, indent) : 'unknown';
    return `{ [name: string]: ${value} }`;
  }
  return membersOf(
    Object.entries(properties).map(([name, schema]) => ({
      name,
      schema,
      isRequired: required.includes(name),
      description: schema.description,
    })),
    prefix,
    indent,
  );
}

/** @param {{ name: string, schema: Schema, isRequired: boolean, description?: string }[]} members */
export function membersOf(members, prefix = '', indent = '') {
  if (members.length === 0) return '{ [name: string]: never }';
  const inner = `${indent}  `;
  const lines = members.map(({ name, schema, isRequired, description }) => {
    const type = typeOf(schema, prefix, inner);
    const comment = description ? `${docOf([description], inner)}\n` : '';
    return `${comment}${inner}${name}${isRequired ? '' : '?'}: ${type}${isRequired ? '' : ' | undefined'};`;
  });
  return `{\n${lines.join('\n')}\n${indent}}`;
}

/** @param {string[]} paragraphs */
export function docOf(paragraphs, indent = '') {
  const text = paragraphs.join('\n\n').replaceAll('*/', '*\\/');
  if (!text.includes('\n') && text.length < 100) return `${indent}/** ${text} */`;
  const lines = text.split('\n').map((line) => `${indent} * ${line}`.trimEnd());
  return [`${indent}/**`, ...lines, `${indent} */`].join('\n');
}

/** @param {Schema} schema */
export function nameOf({ $ref }) {
  return $ref.split('/').at(-1);
}

/** @param {string} item */
function arrayOf(item) {
  return /^[\w.]+$/.test(item) ? `${item}[]` : `Array<${item}>`;
}
