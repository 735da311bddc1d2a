import { TransferError } from '../error.js';

/** The version of the format. */
export const FORMAT = 1;

/** The first line of an export. */
export interface Header {
  pict_repo_export: number;
  /** Of the program that wrote it. */
  version: string;
  /** The newest migration of the database. */
  schema: string;
  /** The rows of each table. */
  rows: Record<string, number>;
  /** What a missing member of a row means: null for these columns, the default for others. */
  columns: Record<string, string[]>;
}

/** @throws TransferError where the line is no first line of an export, or of one that is newer than this program */
export function readHeader(file: string, line: string | undefined): Header {
  const header = parse(line ?? '');
  if (!isHeader(header))
    throw new TransferError(`${file} is no export of pict-repo: its first line is another one.`);
  if (header.pict_repo_export !== FORMAT) {
    throw new TransferError(
      `${file} has the format ${header.pict_repo_export} (of pict-repo ${header.version}), and this program reads ${FORMAT}.`,
    );
  }
  return header;
}

/** The rows of each table, as the last line tells them; undefined for any other line. */
export function readEnd(line: string): Record<string, number> | undefined {
  const end = line.startsWith('{"end":') ? parse(line) : undefined;
  return isObject(end) && isNumbers(end['end']) ? end['end'] : undefined;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isHeader(value: unknown): value is Header {
  return (
    isObject(value) &&
    typeof value['pict_repo_export'] === 'number' &&
    typeof value['version'] === 'string' &&
    typeof value['schema'] === 'string' &&
    isNumbers(value['rows']) &&
    isObject(value['columns']) &&
    Object.values(value['columns']).every(
      (names) => Array.isArray(names) && names.every((name) => typeof name === 'string'),
    )
  );
}

function isNumbers(value: unknown): value is Record<string, number> {
  return isObject(value) && Object.values(value).every((count) => Number.isSafeInteger(count));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
