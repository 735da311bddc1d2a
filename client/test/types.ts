import {
  createClient,
  isProblem,
  type Job,
  JobFailure,
  type PictRepo,
  type ProblemError,
  type Schemas,
  work,
} from '../src/index.js';

/**
 * Compiled and never run: what the types take and what they refuse. Without the error that a directive
 * expects, the compiler fails.
 */
const repo = createClient({ baseUrl: 'http://127.0.0.1:3000' });

export async function taken(signal: AbortSignal): Promise<unknown[]> {
  const created = await repo.hashes.create({ hash: 'ab' }, { identifier: 'a' }, { signal });
  const status: 200 | 201 = created.status;
  const identifier: string = created.identifier;
  const { estimate } = { estimate: true };
  const size: number = (await repo.hashes.size({ estimate })).size;
  await repo.hashes.size();
  await repo.hashes.size({}, { signal });
  await repo.aliasAccess.accessed({ alias: 'a' });
  await repo.aliasAccess.accessed({ alias: 'a' }, { at: '2026-01-01T00:00:00Z' });
  await repo.proxies.relateUrl({ url: 'https://example.com/a', alias: 'a' }, { retries: 0 });
  await repo.settings.set({ key: 'k' }, new Uint8Array(3));
  const value: Uint8Array = await repo.settings.get({ key: 'k' });
  const details: Record<string, unknown> = await repo.details.details({ identifier: 'a' });
  const cancelled: 202 | 204 = (await repo.queue.cancel({ id: 'x' })).status;
  const rows: string[] = [];
  for await (const { hash } of repo.hashes.hashes()) rows.push(hash);
  for await (const row of repo.variantAccess.olderVariants({ older_than: 'now' })) rows.push(row.variant);
  return [status, identifier, size, value, details, cancelled, rows];
}

export async function refused(error: unknown): Promise<unknown> {
  // @ts-expect-error the body is missing
  await repo.hashes.create({ hash: 'ab' });
  // @ts-expect-error no such parameter
  await repo.hashes.identifier({ alias: 'ab' });
  // @ts-expect-error no such member of the body
  await repo.queue.push({ queue: 'q' }, { job: 1, prio: 3 });
  // @ts-expect-error which jobs, is not said
  await repo.queue.purge({ queue: 'q' });
  // @ts-expect-error no such method
  await repo.hashes.destroy({ hash: 'ab' });
  // @ts-expect-error a required parameter of the query
  await repo.hashes.variantIdentifier({ hash: 'ab' });
  // @ts-expect-error a stream is no promise of rows
  await repo.hashes.hashes().then();
  for await (const row of repo.hashes.hashes()) {
    // @ts-expect-error the end line is no row
    row.end;
  }
  // @ts-expect-error nothing is answered
  (await repo.details.cleanup({ identifier: 'a' })).removed;
  // @ts-expect-error no such code
  isProblem(error, 'lease_lots');
  return error;
}

export async function works(signal: AbortSignal): Promise<void> {
  await work(repo, 'process', async (job: Job, ended) => {
    ended.throwIfAborted();
    // @ts-expect-error nobody has checked what was pushed
    job.job.Generate;
    throw new JobFailure('no such file', { retry: false });
  });
  await work(repo, 'process', () => 1, { concurrency: 4, signal, onError: (error, job) => [error, job?.id] });
  await work(repo, 'process', () => 1, { maxRunSeconds: 3600 });
  // @ts-expect-error a worker has a handler
  await work(repo, 'process', { concurrency: 4 });
}

interface Generate {
  source: string;
}

/** A payload is what the caller says it is, in the handler and in the hooks. */
export async function typedWork(): Promise<void> {
  await work<Generate>(repo, 'process', ({ job }) => job.source.length);
  await work(repo, 'process', ({ job }: Job<Generate>, signal) => [job.source, signal], {
    onStart: ({ job }) => job.source,
    onDone: ({ job }, { seconds }) => [job.source, seconds.toFixed(1)],
    onFailed: ({ id }, { seconds, error }) => [id, seconds, error],
  });
  // @ts-expect-error no such member of the payload
  await work<Generate>(repo, 'process', ({ job }) => job.target);
}

/** A problem has what its code says. */
export function problemMembers(error: unknown): unknown {
  if (isProblem(error, 'hash_already_exists')) {
    const identifier: string = error.existing.identifier;
    return [identifier, error.status];
  }
  if (isProblem(error, 'lease_lost')) {
    const state: 'gone' | 'scheduled' | 'ready' | 'running' | 'dead' = error.state;
    return state;
  }
  // @ts-expect-error this one has no existing record
  if (isProblem(error, 'hash_not_found')) return error.existing.identifier;
  return undefined;
}

/** What may be left out may be undefined, with `exactOptionalPropertyTypes` too. */
export async function undefinedOptions(key: string | undefined): Promise<PictRepo> {
  const client = createClient({ baseUrl: 'http://127.0.0.1:3000', key, retries: undefined });
  await client.hashes.size({ estimate: undefined }, { signal: undefined });
  await client.queue.push({ queue: 'q' }, { job: 1, unique_key: key });
  await work(client, 'q', () => 1, { concurrency: undefined, workerId: key });
  return client;
}

/** Results have names that an editor shows as they are. */
export async function named(): Promise<[Schemas.Size, Schemas.PoppedJobs]> {
  return [await repo.hashes.size(), await repo.queue.pop({ queue: 'q' }, { worker_id: 'w' })];
}

export function problem(error: ProblemError): [number, string, string | undefined] {
  return [error.status, error.code, error.requestId];
}
