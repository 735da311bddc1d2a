/** An error with a code, as the driver's own errors have. */
export function failure(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** A copy of an error without the statement and the parameters that the driver adds, which may be large. */
export function reasonOf(error: unknown): Error {
  const first = error instanceof AggregateError ? error.errors[0] : error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return failure(code, first instanceof Error ? first.message : String(error));
}
