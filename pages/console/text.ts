/** How figures and times are written. */

export function count(number: number): string {
  return number.toLocaleString('en');
}

export function counted(number: number, noun: string, plural = `${noun}s`): string {
  return `${count(number)} ${number === 1 ? noun : plural}`;
}

/** A length of time, in its two largest units at most. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '–';
  if (seconds < 1) return seconds === 0 ? '0 s' : `${Math.max(Math.round(seconds * 1000), 1)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  if (days < 10) return `${days} d ${hours % 24} h`;
  return days < 2 * 365 ? `${days} d` : `${count(Math.floor(days / 365.25))} years`;
}

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

export function size(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return '–';
  if (bytes === 1) return '1 byte';
  let [value, unit] = [bytes, 0];
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** How long ago, or in how long. */
export function fromNow(at: string, now = Date.now()): string {
  const seconds = (Date.parse(at) - now) / 1000;
  if (Math.abs(seconds) < 1) return 'now';
  const length = duration(Math.floor(Math.abs(seconds)));
  return seconds < 0 ? `${length.replace('.0', '')} ago` : `in ${length.replace('.0', '')}`;
}

/** @param error what a request threw */
export function said(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'The service took too long.';
  if (error instanceof TypeError) return 'The service does not answer.';
  return error instanceof Error ? error.message : String(error);
}

/** The last byte of a hash of pict-rs, which has 39: its format. */
export const FORMATS = [
  'apng',
  'animated avif',
  'gif',
  'animated webp',
  'avif',
  'jpeg',
  'jxl',
  'png',
  'webp',
  'mp4',
  'webm',
];

export function formatOf(hash: string): string {
  return hash.length === 78 ? (FORMATS[Number.parseInt(hash.slice(-2), 16)] ?? 'unknown') : 'unknown';
}
