/** The value of Content-Type (RFC 9110, 8.3.1), in lower case, with its parameters as they came. */
interface MediaType {
  type: string;
  parameters: { name: string; value: string }[];
}

const TYPE = /[ \t]*([\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+)[ \t]*/y;

/** A parameter may be empty, and its value a token or a quoted string. */
const PARAMETER = /;[ \t]*(?:([\w!#$%&'*+.^`|~-]+)=(?:([\w!#$%&'*+.^`|~-]+)|"((?:[^"\\]|\\.)*)"))?[ \t]*/y;

/** Undefined if the text is not a media type. */
function parseMediaType(text: string): MediaType | undefined {
  TYPE.lastIndex = 0;
  const [head, type] = TYPE.exec(text) ?? [];
  if (head === undefined || type === undefined) return undefined;
  const parameters: MediaType['parameters'] = [];
  PARAMETER.lastIndex = head.length;
  for (let at = head.length; at < text.length; at = PARAMETER.lastIndex) {
    const match = PARAMETER.exec(text);
    if (!match) return undefined;
    const [, name, token, quoted = ''] = match;
    if (name !== undefined) {
      const value = token ?? quoted.replace(/\\(.)/g, '$1');
      parameters.push({ name: name.toLowerCase(), value });
    }
  }
  return { type: type.toLowerCase(), parameters };
}

/** RFC 8259: JSON is in UTF-8. A charset must say so where there is one; other parameters mean nothing here. */
export function isJsonType(text: string): boolean {
  if (text === 'application/json') return true;
  const media = parseMediaType(text);
  if (media?.type !== 'application/json') return false;
  return media.parameters.every(({ name, value }) => name !== 'charset' || /^utf-?8$/i.test(value));
}
