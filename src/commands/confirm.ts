import { createInterface } from 'node:readline/promises';

/** The streams on which a question is asked and answered. */
interface Terminal {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  output: NodeJS.WritableStream & { isTTY?: boolean };
}

/**
 * Shows what a command would do, and asks for a confirmation. Without a terminal nobody can answer, and the command
 * must not go on.
 *
 * @returns undefined without a terminal
 */
export async function confirm(
  consequences: string,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<boolean | undefined> {
  if (!input.isTTY || !output.isTTY) return undefined;
  output.write(`${consequences}\n`);
  // The terminal edits the line itself, so that Ctrl-C stays a signal.
  const lines = createInterface({ input, output, terminal: false });
  // After Ctrl-D there is no answer, and the question would wait forever.
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  const answer = await Promise.race([lines.question('Type "yes" to go on: '), closed]);
  lines.close();
  return answer.trim().toLowerCase() === 'yes';
}
