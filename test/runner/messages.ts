/** In place of the path of a file: there are no more. */
export const END = '';

/** What a test process tells the runner of a test, or of the suite that stands for a whole file. */
export type Report =
  | { kind: 'started'; name: string }
  | {
      kind: 'ended';
      name: string;
      nesting: number;
      outcome: 'passed' | 'failed' | 'skipped' | 'todo';
      milliseconds: number;
      isSuite: boolean;
      /** Absent where it failed only because a test within it did. */
      error?: string;
    }
  /** A diagnostic of a test, or with nesting 0 of node itself. */
  | { kind: 'noted'; message: string; nesting: number };

/** What a file has changed for the files after it in the same process. */
export interface Left {
  kind: 'left';
  what: string[];
}

/** An error that no test has caught. The process ends. */
export interface Uncaught {
  kind: 'uncaught';
  error: string;
}
