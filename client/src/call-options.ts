/** The options of each call, after its parameters and its body. */
export interface CallOptions {
  /** Ends the call and its retries. */
  signal?: AbortSignal | undefined;
  /** How often the call is tried again if the service did not answer, or answered 408, 429, 502, 503 or 504. */
  retries?: number | undefined;
  /**
   * How many seconds one try may take, in addition to those that the service is asked to wait (`wait_seconds`, `wait`).
   * For a stream: how many seconds nothing may be received.
   */
  timeoutSeconds?: number | undefined;
}
