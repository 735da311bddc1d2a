const MAX_CHARACTERS = 300;

/**
 * The text of a query as it is written in the source, with `…` for each parameter and each part that is put in. So it
 * holds no value of a request. Undefined if it was not a template.
 */
export function skeletonOf(query: unknown): string | undefined {
  if (typeof query !== 'object' || query === null || !('strings' in query)) return undefined;
  const { strings } = query;
  if (!Array.isArray(strings)) return undefined;
  const text = strings.join('…').replace(/\s+/g, ' ').trim();
  return text.length > MAX_CHARACTERS ? `${text.slice(0, MAX_CHARACTERS)}…` : text;
}
