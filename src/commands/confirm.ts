import { createInterface } from 'node:readline/promises';

/** Where a question is asked, and its answer is read. */
interface Terminal {
  input: NodeJS.ReadableStream & { isTTY?: boolean };
  output: NodeJS.WritableStream & { isTTY?: boolean };
}

/**
 * Shows what a command would do, and asks whether it may. Where there is no terminal nobody can answer, which is no.
 *
 * @returns undefined where nobody could be asked
 */
export async function confirm(
  consequences: string,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<boolean | undefined> {
  if (!input.isTTY || !output.isTTY) return undefined;
  output.write(`${consequences}\n`);
  // The terminal itself edits the line, so that Ctrl-C is a signal.
  const lines = createInterface({ input, output, terminal: false });
  // Without an answer (Ctrl-D) the question would wait for ever.
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  const answer = await Promise.race([lines.question('Type "yes" to go on: '), closed]);
  lines.close();
  return answer.trim().toLowerCase() === 'yes';
}
