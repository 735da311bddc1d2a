import { after } from 'node:test';

const releases: (() => Promise<unknown>)[] = [];

/** Runs after the tests of the file, last in, first out: a service closes before its database is dropped. */
export function atEnd(release: () => Promise<unknown>): void {
  if (releases.length === 0) {
    after(async () => {
      for (let next = releases.pop(); next; next = releases.pop()) await next();
    });
  }
  releases.push(release);
}
