const releases: (() => Promise<unknown>)[] = [];

/** Runs after the tests of the file, last in, first out: a service closes before its database is dropped. */
export function atEnd(release: () => Promise<unknown>): void {
  releases.push(release);
}

export async function releaseAll(): Promise<void> {
  for (let next = releases.pop(); next; next = releases.pop()) await next();
}
