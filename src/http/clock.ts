/** The clock of connections, in milliseconds. Tests set it forward. */
export const clock = { now: (): number => performance.now() };
