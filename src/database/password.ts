import { readTextFile } from '../text-file.js';

/**
 * Reads a password from a file, as orchestrators mount secrets: one line, without its line end.
 *
 * @throws Error that says what is wrong with the file, and shows nothing of its content
 */
export function readPassword(file: string): string {
  const password = readTextFile(file).replace(/\r?\n$/, '');
  if (password === '') throw new Error(`holds no password: ${file} is empty`);
  if (/[\r\n\0]/.test(password)) throw new Error(`must hold one line: ${file} has more`);
  return password;
}
