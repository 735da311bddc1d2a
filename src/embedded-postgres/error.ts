/**
 * A reason why the embedded PostgreSQL cannot run, with what to do about it. The message is for the
 * operator and is printed without a stack.
 */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError';
}

/** The code of a failed system call or of a PostgreSQL error ('ENOENT', '57P03'), otherwise ''. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}
