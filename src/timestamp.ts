const RFC3339 = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:)(\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/i;

/**
 * Converts an RFC 3339 time to UTC with microseconds, such as `2026-11-22T13:14:56.789012Z`. Further digits are cut off.
 * The result is text, because a Date would lose the microseconds and a keyset of times would skip rows.
 *
 * @returns undefined if the text is not a time of the calendar between the years 1 and 9999
 */
export function toUtc(timestamp: string): string | undefined {
  const [, date, minutes, second, fraction = '', offset] = RFC3339.exec(timestamp) ?? [];
  if (date === undefined || second === undefined || offset === undefined) return undefined;
  // Date turns June 31 into July 1, so the date is compared after parsing.
  const midnight = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(date)) return undefined;
  // PostgreSQL reads a leap second as the first second of the next minute.
  const leap = second === '60' ? 1000 : 0;
  const time = Date.parse(`${date}T${minutes}${leap ? '59' : second}${offset.toUpperCase()}`) + leap;
  const utc = Number.isNaN(time) ? '' : new Date(time).toISOString();
  if (!/^\d{4}-/.test(utc) || utc.startsWith('0000')) return undefined;
  return `${utc.slice(0, 19)}.${fraction.slice(0, 6).padEnd(6, '0')}Z`;
}
