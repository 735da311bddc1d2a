/** What each call takes after its parameters and its body. */
export interface CallOptions {
  /** Ends the call and its retries. */
  signal?: AbortSignal | undefined;
  /** How often the call is tried again where it got no answer of the service, or 408, 429, 502, 503 or 504. */
  retries?: number | undefined;
  /**
   * How long one try may take; what it asks the service to wait (`wait_seconds`, `wait`) comes on top. Of a stream, how
   * long it may be silent.
   */
  timeoutSeconds?: number | undefined;
}
