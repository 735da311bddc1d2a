import { readFileSync } from 'node:fs';

/**
 * A password from a file, as orchestrators mount their secrets: one line, whose end is no part of it.
 *
 * @throws Error that names what is wrong with the file, and shows nothing of it
 */
export function readPassword(file: string): string {
  const password = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  if (password === '') throw new Error(`holds no password: ${file} is empty`);
  if (/[\r\n\0]/.test(password)) throw new Error(`must hold one line: ${file} has more`);
  return password;
}
