/** What the service takes as a result. */
const RESULT_BYTES = 4096;
/** The service takes bodies of 256 levels, and the list of completions around a result has three. */
const RESULT_LEVELS = 253;

/**
 * Returned by a handler whose job has a result. The service keeps it with the completed job if it keeps completed jobs
 * (QUEUE_COMPLETED_RETENTION_MINUTES), and drops it otherwise. What else a handler returns is not sent.
 */
export class JobResult {
  readonly value: unknown;

  /**
   * @param value what JSON can hold, of at most 4096 bytes in JSON and 253 levels, without NUL and lone surrogates
   * @throws {TypeError | RangeError} for any other value; the run then fails, unless the handler catches the error
   */
  constructor(value: unknown) {
    const json: string | undefined = JSON.stringify(value);
    if (json === undefined) throw new TypeError('The result of a job must be a value that JSON has.');
    const { length } = new TextEncoder().encode(json);
    if (length > RESULT_BYTES) {
      throw new RangeError(`The result of a job must have at most ${RESULT_BYTES} bytes; it has ${length}.`);
    }
    // A copy, because the handler may change the value later.
    this.value = JSON.parse(json);
    checkPart(this.value, 0);
  }
}

/** The service refuses the whole request, with the completions of other jobs in it, if it cannot store a result. */
function checkPart(part: unknown, levels: number): void {
  if (typeof part === 'string' && (part.includes('\0') || !part.isWellFormed())) {
    throw new TypeError('The result of a job must not have NUL or a lone surrogate.');
  }
  if (typeof part !== 'object' || part === null) return;
  if (levels === RESULT_LEVELS) {
    throw new RangeError(`The result of a job must have at most ${RESULT_LEVELS} levels.`);
  }
  for (const [name, value] of Object.entries(part)) {
    checkPart(name, levels);
    checkPart(value, levels + 1);
  }
}
