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

/**
 * A timestamptz as PostgreSQL prints it in UTC (`2026-11-22 13:14:56.789+00`), or in the time zone of a pooler that
 * keeps none for its clients, as toUtc gives it. Infinity and years before 1 stay as they are.
 */
export function fromPostgres(text: string): string {
  if (!text.endsWith('+00')) return toUtc(text.replace(' ', 'T').replace(/[+-]\d\d$/, '$&:00')) ?? text;
  // Sliced, not matched: a claim does it twice for each job.
  const space = text.indexOf(' ');
  const dot = space + 9;
  return `${text.slice(0, space)}T${text.slice(space + 1, dot)}.${text.slice(dot + 1, -3).padEnd(6, '0')}Z`;
}
