const RFC3339 = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:)(\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/i;

/**
 * An RFC 3339 time in UTC with microseconds, as `2026-11-22T13:14:56.789012Z`; further digits are cut off.
 * Text to text: a Date would drop the microseconds, and a keyset on it then skips rows.
 *
 * @returns undefined where the text is no time of the calendar between the years 1 and 9999
 */
export function toUtc(timestamp: string): string | undefined {
  const [, date, minutes, second, fraction = '', offset] = RFC3339.exec(timestamp) ?? [];
  if (date === undefined || second === undefined || offset === undefined) return undefined;
  // Every month has a day 28 or less; Date would carry day 31 of June over into July.
  const midnight = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(date)) return undefined;
  // A leap second is the first of the next minute, as PostgreSQL reads it.
  const leap = second === '60' ? 1000 : 0;
  const time = Date.parse(`${date}T${minutes}${leap ? '59' : second}${offset.toUpperCase()}`) + leap;
  const utc = Number.isNaN(time) ? '' : new Date(time).toISOString();
  if (!/^\d{4}-/.test(utc) || utc.startsWith('0000')) return undefined;
  return `${utc.slice(0, 19)}.${fraction.slice(0, 6).padEnd(6, '0')}Z`;
}
