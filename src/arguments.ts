import { type ParseArgsConfig, parseArgs } from 'node:util';
import { brief } from './brief.js';
import { nearest } from './nearest.js';
import { version } from './version.js';

/** The exit code where the arguments are wrong. */
const WRONG_ARGUMENTS = 2;

/**
 * Reads the arguments of a program. `--help` and `--version` print their text and end the process. If `read` throws, the
 * process prints the error and the usage, and ends with exit code 2.
 *
 * @param read reads the arguments, with `parse`
 * @param given the arguments of the process, or those after the name of a command
 */
export async function readArguments<T>(
  { usage, help }: { usage: string; help: () => string | Promise<string> },
  read: (given: string[]) => T,
  given: string[] = process.argv.slice(2),
): Promise<T> {
  if (given.includes('--help') || given.includes('-h')) end(`Usage: ${usage}\n\n${await help()}`);
  if (given.includes('--version')) end(version);
  try {
    return read(given);
  } catch (error) {
    refuse(error instanceof Error ? error.message : String(error), usage);
  }
}

/** Ends the process with exit code 2. */
export function refuse(message: string, usage: string): never {
  console.error(`${message}\n\nUsage: ${usage}`);
  process.exit(WRONG_ARGUMENTS);
}

/** The message for an unknown command, option or argument. */
export function unknownWord(what: string, word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return `There is no ${what} ${JSON.stringify(brief(word))}.${meant === undefined ? '' : ` Did you mean "${meant}"?`}`;
}

/**
 * As `parseArgs` of node:util, but stricter.
 *
 * @throws Error also for an option that is given twice, and for an empty value
 */
export function parse<T extends Omit<ParseArgsConfig, 'tokens'> & { args: string[] }>(config: T) {
  const { tokens = [] } = parseArgs({ ...config, strict: false, tokens: true });
  const names = Object.keys(config.options ?? {});
  const seen = new Set<string>();
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    const name = token.kind === 'option' ? token.rawName : 'an argument';
    if (token.kind === 'option' && !names.includes(token.name)) {
      const known = names.map((known) => `--${known}`);
      throw new Error(unknownWord('option', name, known));
    }
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
