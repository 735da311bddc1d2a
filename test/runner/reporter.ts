import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';
import type { Report } from './messages.js';

/** A reporter of node:test that sends to the runner what happens, at once. */
// biome-ignore lint/style/noDefaultExport: node takes the reporter from the default export
export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    const told = reportOf(event);
    if (told) process.send?.(told);
    yield '';
  }
}

function reportOf(event: TestEvent): Report | undefined {
  if (event.type === 'test:diagnostic') {
    return { kind: 'noted', message: event.data.message, nesting: event.data.nesting };
  }
  if (event.type !== 'test:pass' && event.type !== 'test:fail') return undefined;
  const { name, nesting, skip, todo, details } = event.data;
  const error = event.type === 'test:fail' ? errorOf(event.data.details.error) : undefined;
  return {
    kind: 'ended',
    name,
    nesting,
    outcome: isSet(skip)
      ? 'skipped'
      : isSet(todo)
        ? 'todo'
        : event.type === 'test:pass'
          ? 'passed'
          : 'failed',
    milliseconds: details.duration_ms,
    isSuite: details.type === 'suite',
    ...(error !== undefined && { error }),
  };
}

/** A reason may be an empty text. */
function isSet(value: string | boolean | undefined): boolean {
  return value !== undefined && value !== false;
}

function errorOf(error: Error & { failureType?: string }): string | undefined {
  if (error.failureType === 'subtestsFailed') return undefined;
  // What the test threw is the cause of node's own error.
  const cause = error.cause ?? error;
  return typeof cause === 'string' ? cause : inspect(cause, { depth: 4 });
}
