import { Deadline } from './deadline.js';
import { ConnectionError, isFinal, isTransient, StreamError } from './errors.js';
import { ask, type Fetch, foreign, lost, parsed } from './exchange.js';
import type { HttpRequest, Params } from './request.js';
import { pause } from './retry.js';
import { isRecord } from './shape.js';

/** The service itself waits half a minute for its database before it cuts a stream. */
export const SILENCE_SECONDS = 60;

interface Row {
  [member: string]: unknown;
}

interface StreamOptions {
  fetch: Fetch;
  retries: number;
  /** How long nothing may be received. */
  silenceSeconds: number;
  signal: AbortSignal | undefined;
}

/** The members of a row that make its key, in the form of `after`. A member that may contain a comma is the last. */
const KEYS: Record<string, string[]> = {
  'hashes.hashes': ['hash'],
  'aliasAccess.olderAliases': ['accessed', 'alias'],
  'blocklist.blocked': ['digest'],
  'files.unowned': ['identifier'],
  'storeMigration.unmigrated': ['identifier'],
  'variantAccess.olderVariants': ['accessed', 'hash', 'variant'],
};

/**
 * Yields the rows, up to a verified end. If the stream is cut, it goes on after the last row. `retries` limits how many
 * tries one after the other may bring no row.
 */
export async function* stream(
  operationId: string,
  requestFor: (params: Params) => HttpRequest,
  params: Params,
  options: StreamOptions,
): AsyncGenerator<Row, void, undefined> {
  const key = KEYS[operationId];
  if (!key) throw new TypeError(`${operationId} is no stream this client can resume.`);
  let { after } = params;
  let left = typeof params['limit'] === 'number' ? params['limit'] : undefined;
  let hasBegun = false;
  let failures = 0;
  for (;;) {
    try {
      const request = requestFor({ ...params, after, limit: left });
      const end: End = {};
      for await (const row of rows(request, key, options, end)) {
        after = key.map((member) => row[member]).join(',');
        failures = 0;
        hasBegun = true;
        if (left !== undefined) left -= 1;
        yield row;
      }
      // A search among very many rows may end before it has found as many as were asked for.
      if (end.next === undefined || left === 0) return;
      after = end.next;
      failures = 0;
    } catch (error) {
      // Rows were received, so the address is right.
      const mayPass = hasBegun ? !isFinal(error, true) : isTransient(error);
      // The last row was received. Only the end line is missing.
      if (left === 0 && mayPass) return;
      if (failures >= options.retries || !mayPass) throw error;
      await pause(failures, error, options.signal);
      failures += 1;
    }
  }
}

/** What the last line of an answer says. */
interface End {
  /** Where the rest begins. */
  next?: string;
}

/** Yields the rows of one answer. Ends only after an end line with the right count. */
async function* rows(
  request: HttpRequest,
  key: string[],
  { fetch, silenceSeconds, signal }: StreamOptions,
  end: End,
): AsyncGenerator<Row> {
  const deadline = new Deadline(signal);
  try {
    deadline.start(silenceSeconds);
    const response = await ask(fetch, request, deadline);
    let count = 0;
    for await (const line of lines(response, deadline, silenceSeconds)) {
      const row = parsed(line);
      if (isRecord(row) && row['end'] === true) {
        if (row['count'] !== count) throw new StreamError(`${count} rows came of ${row['count']}.`);
        if (typeof row['next'] === 'string') end.next = row['next'];
        return;
      }
      // The page of a proxy, in place of the stream or in the middle of it.
      if (!isRecord(row) || !key.every((member) => typeof row[member] === 'string')) {
        throw foreign(response, line);
      }
      count += 1;
      yield row;
    }
    throw new ConnectionError('The stream was cut.');
  } finally {
    deadline.close();
  }
}

/** Yields whole lines. What follows the last newline was cut off. */
async function* lines(
  { body }: Response,
  deadline: Deadline,
  silenceSeconds: number,
): AsyncGenerator<string> {
  if (!body) return;
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    deadline.start(silenceSeconds);
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw lost(error, deadline.signal);
    });
    deadline.pause();
    if (done) return;
    const parts = (rest + decoder.decode(value, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}
