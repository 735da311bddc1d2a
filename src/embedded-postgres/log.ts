import { closeSync, copyFileSync, fstatSync, openSync, readSync, statSync, truncateSync } from 'node:fs';

/** The logger for the embedded PostgreSQL: a part of pino's interface. */
export interface EmbeddedLog {
  info(obj: Fields, msg: string): void;
  warn(obj: Fields, msg: string): void;
}

/** The members that pino adds to each line are not allowed: the line would have them twice. */
type Fields = Record<string, unknown> & Partial<Record<'level' | 'time' | 'pid' | 'hostname' | 'msg', never>>;

const MAX_BYTES = 16 * 1024 * 1024;
const SHOWN_LINES = 15;

/**
 * The log file of PostgreSQL. PostgreSQL writes to it directly, so that it never waits for this process, and loses no
 * line when this process dies.
 */
export interface ServerLog {
  readonly path: string;
  /** Opens the file for appending. The caller closes the descriptor. */
  open(): number;
  size(): number;
  /** The last lines of what was written from this size on. */
  lastLines(from: number): string;
  /** If the file has more than 16 MiB, moves its content to `<path>.1`. */
  trim(): void;
}

/** The server's log at this path, made if missing. */
export function serverLog(path: string): ServerLog {
  const open = () => openSync(path, 'a', 0o600);
  const size = () => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  return {
    path,
    open,
    size,
    lastLines: (from) => {
      try {
        return lastLines(readFrom(path, from));
      } catch {
        return '';
      }
    },
    trim: () => {
      if (size() < MAX_BYTES) return;
      try {
        // Copied, not renamed: PostgreSQL keeps appending to the file that it has open.
        copyFileSync(path, `${path}.1`);
        truncateSync(path);
      } catch {
        // The disk may be full; the next call tries again.
      }
    },
  };
}

function readFrom(path: string, from: number): string {
  const file = openSync(path, 'r');
  try {
    const end = fstatSync(file).size;
    const begin = Math.max(end - 8192, from > end ? 0 : from);
    const bytes = Buffer.alloc(end - begin);
    readSync(file, bytes, 0, bytes.length, begin);
    return bytes.toString();
  } finally {
    closeSync(file);
  }
}

/** The last lines of a text. */
export function lastLines(text: string): string {
  return text.trim().split('\n').slice(-SHOWN_LINES).join('\n');
}
