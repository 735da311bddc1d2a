import { describeConfig } from './config-variables.js';

/** Returns the text with the current table of variables between the two markers. */
export function withConfigTable(text: string): string {
  const rows = describeConfig().map(
    ({ name, fallback, description }) =>
      `| \`${name}\` | ${fallback && `\`${fallback}\``} | ${description} |\n`,
  );
  const table = `| variable | default | meaning |\n|---|---|---|\n${rows.join('')}`;
  const parts = text.split(/(?<=<!-- configuration -->\n)|(?=<!-- \/configuration -->)/);
  const [before, after] = [parts[0], parts.at(-1)];
  if (parts.length < 2 || parts.length > 3) throw new Error('the markers of the configuration are missing');
  return `${before}${table}${after}`;
}
