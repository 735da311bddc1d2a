/** The ages by which lists can be cut, in days. */
export const AGES = [
  ['', 'any'],
  ['1', 'older than a day'],
  ['7', 'older than a week'],
  ['30', 'older than 30 days'],
  ['365', 'older than a year'],
] as const;

/** The time that an age means, from the day on: so that the pages of a list have the same end. */
export function beforeOf(age: string): string | undefined {
  if (!/^\d{1,4}$/.test(age)) return undefined;
  const today = new Date();
  today.setUTCHours(0, 0, 0, 0);
  return new Date(today.getTime() - (Number(age) - 1) * 86_400_000).toISOString();
}
