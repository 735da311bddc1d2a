import type { Database, Sql } from '../../src/database/database.js';

interface Template {
  strings: readonly string[];
  values: readonly unknown[];
}

/** A name of a table or column: sql('jobs'). */
interface Identifier {
  identifier: string;
}

class Captured extends Error {}

/** The text of the first statement that `ask` runs, with its parameters as $1, $2 …. Nothing is sent. */
export async function renderSql(ask: (db: Database) => unknown): Promise<string> {
  let text: string | undefined;
  const db: Database = {
    async run(statement) {
      text ??= textOf(statement(sql as unknown as Sql));
      throw new Captured();
    },
    load: () => ({ running: 0, waiting: 0, size: 1 }),
    close: async () => {},
  };
  try {
    await ask(db);
  } catch (error) {
    if (!(error instanceof Captured)) throw error;
  }
  if (text === undefined) throw new Error('no statement was run');
  return text;
}

function sql(first: TemplateStringsArray | string, ...values: unknown[]): Template | Identifier {
  return typeof first === 'string' ? { identifier: first } : { strings: first, values };
}

function textOf(statement: unknown): string {
  if (!isTemplate(statement)) throw new Error('not a statement');
  let parameters = 0;
  const render = ({ strings, values }: Template): string =>
    strings.reduce((text, string, at) => {
      const value = values[at - 1];
      if (isTemplate(value)) return text + indentAfter(text, dedent(render(value))) + string;
      if (isIdentifier(value)) return text + value.identifier + string;
      return `${text}$${++parameters}${string}`;
    });
  return `${dedent(render(statement))}\n`;
}

/** Without empty lines, and with the least indented line at the margin. */
function dedent(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');
  const indentation = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(indentation)).join('\n');
}

/** A part of several lines, indented like the line in which it begins. */
function indentAfter(text: string, part: string): string {
  const lastLine = text.slice(text.lastIndexOf('\n') + 1);
  const indentation = lastLine.slice(0, lastLine.length - lastLine.trimStart().length);
  return part.replaceAll('\n', `\n${indentation}`);
}

function isTemplate(value: unknown): value is Template {
  return typeof value === 'object' && value !== null && 'strings' in value;
}

function isIdentifier(value: unknown): value is Identifier {
  return typeof value === 'object' && value !== null && 'identifier' in value;
}
