import { TransferError } from '../error.js';

/** The version of the format. */
export const FORMAT = 1;

/** The first line of an export. */
export interface Header {
  pict_repo_export: number;
  /** The version of the program that wrote the export. */
  version: string;
  /** The newest migration of the database. */
  schema: string;
  /** The number of rows of each table. */
  rows: Record<string, number>;
  /**
   * The columns of each table. A row without one of these members has null there; columns that are not listed get their
   * default.
   */
  columns: Record<string, string[]>;
}

/** @throws TransferError if the line is not the first line of an export, or if the export is newer than this program */
export function readHeader(file: string, line: string | undefined): Header {
  // Also a file of zstd that was cut: Node 22 reports no error for it.
  if (line === undefined)
    throw new TransferError(`${file} is no export of pict-repo, or it is cut or damaged: it has no line.`);
  const header = parse(line);
  if (!isHeader(header))
    throw new TransferError(`${file} is no export of pict-repo: its first line is not that of an export.`);
  if (header.pict_repo_export !== FORMAT) {
    throw new TransferError(
      `${file} has the format ${header.pict_repo_export} (of pict-repo ${header.version}), and this program reads ${FORMAT}.`,
    );
  }
  return header;
}

/** Reads the number of rows of each table from the last line. Returns undefined for any other line. */
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
