// A runner of one file, for test/runner.test.ts, which kills it.
import { join } from 'node:path';
import { Results } from '../runner/results.js';
import { TestProcess } from '../runner/test-process.js';

const path = join(import.meta.dirname, '../fixtures/runner/children.js');
const { signal } = new AbortController();
await new TestProcess([{ name: 'children', path }], new Results(() => {}), {
  env: process.env,
  signal,
  silenceMs: 60_000,
}).run();
