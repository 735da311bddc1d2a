/** The trace that a request belongs to. */
export interface Trace {
  trace_id: string;
  /** The span of the caller. */
  parent_id: string;
}

/** W3C Trace Context, section 3.2: version, trace, span of the caller, flags. Later versions may add more. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/;
const ZEROS = /^0+$/;

/** Reads the header `traceparent`. Undefined if it is missing or invalid, which the standard tells to ignore. */
export function readTraceparent(header: unknown): Trace | undefined {
  if (typeof header !== 'string') return undefined;
  const [, version, trace = '', parent = '', more] = TRACEPARENT.exec(header) ?? [];
  const isInvalid = version === undefined || version === 'ff' || (version === '00' && more !== undefined);
  return isInvalid || ZEROS.test(trace) || ZEROS.test(parent)
    ? undefined
    : { trace_id: trace, parent_id: parent };
}
