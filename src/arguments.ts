import { type ParseArgsConfig, parseArgs } from 'node:util';
import { version } from './version.js';

/**
 * Reads the arguments of a program. `--help` and `--version` print their text and end the process. If `read` throws, the
 * process prints the error and the usage, and ends with exit code 2.
 *
 * @param read parses the arguments, with `parse`
 */
export async function readArguments<T>(
  { usage, help }: { usage: string; help: () => string | Promise<string> },
  read: () => T,
): Promise<T> {
  const given = process.argv.slice(2);
  if (given.includes('--help') || given.includes('-h')) end(`Usage: ${usage}\n\n${await help()}`);
  if (given.includes('--version')) end(version);
  try {
    return read();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\nUsage: ${usage}`);
    process.exit(2);
  }
}

/**
 * As `parseArgs` of node:util, but stricter.
 *
 * @throws Error also for an option that is given twice, and for an empty value
 */
export function parse<T extends Omit<ParseArgsConfig, 'tokens'>>(config: T) {
  const { tokens = [] } = parseArgs({ ...config, tokens: true });
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    const name = token.kind === 'option' ? token.rawName : 'an argument';
    if (token.value?.trim() === '') throw new Error(`${name} is empty.`);
    if (token.kind === 'option' && seen.has(token.name)) throw new Error(`${name} is given twice.`);
    if (token.kind === 'option') seen.add(token.name);
  }
  return parseArgs(config);
}

function end(text: string): never {
  console.log(text);
  process.exit(0);
}
