/** A request that a statement is run for. */
export interface Requester {
  operation: string;
  requestId: string;
}

/** Whom work is done for: a request, or the origins of calls that share a statement. */
export type Origin = Requester | readonly (Origin | undefined)[];

let current: Origin | undefined;

/** Whom the code that runs now works for; undefined for work of the service itself. */
export function currentOrigin(): Origin | undefined {
  return current;
}

/**
 * Calls a function that works for this origin. That holds until its first `await`: what goes on after one keeps
 * `currentOrigin()` in a variable, and calls `runFor` again. (AsyncLocalStorage would follow it by itself, but costs each
 * request 2 µs in Node 20.)
 */
export function runFor<Result>(origin: Origin | undefined, run: () => Result): Result {
  const before = current;
  current = origin;
  try {
    return run();
  } finally {
    current = before;
  }
}

/** The requests of an origin, in the order of their calls, each once. */
export function requestersOf(origin: Origin | undefined): Requester[] {
  const found = new Set<Requester>();
  const visit = (one: Origin | undefined): void => {
    if (one === undefined) return;
    if ('requestId' in one) found.add(one);
    else for (const part of one) visit(part);
  };
  visit(origin);
  return [...found];
}
