import { version } from './version.js';

/**
 * Reads the arguments of a program. `--help` and `--version` print their text and end the process. If `read` throws, the
 * process prints the error and the usage, and ends with exit code 2.
 *
 * @param read parses the arguments, with `parseArgs` of node:util
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

function end(text: string): never {
  console.log(text);
  process.exit(0);
}
