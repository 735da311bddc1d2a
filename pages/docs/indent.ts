/** An example as it is sent or answered. */
export function printed(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

/** JSON on several lines. Its numbers and strings stay as they are written: parsed, large numbers would change. */
export function indented(json: string): string {
  let depth = 0;
  const line = () => `\n${'  '.repeat(depth)}`;
  return json.replaceAll(
    /("(?:[^"\\]|\\.)*")|\s+|\{\s*\}|\[\s*\]|[{[\]},:]/g,
    (token: string, string: string | undefined) => {
      if (string !== undefined) return string;
      if (/^\s/.test(token)) return '';
      if (token.length > 1) return token.replaceAll(/\s/g, '');
      if (token === ':') return ': ';
      if (token === ',') return `,${line()}`;
      if (token === '{' || token === '[') {
        depth++;
        return token + line();
      }
      depth = Math.max(0, depth - 1);
      return line() + token;
    },
  );
}
