import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { before, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import Fastify from 'fastify';
import { readConfig } from '../../src/config.js';
import type { Database } from '../../src/database/database.js';
import { ndjson, payloadOf } from '../../src/http/answer.js';
import { connectionsOf } from '../../src/http/connections.js';
import { Streams } from '../../src/http/streams.js';
import { Problem, unavailable } from '../../src/problems.js';
import { aliasAccessRepo } from '../../src/repos/alias-access/repo.js';
import { hashesRepo } from '../../src/repos/hashes/repo.js';
import { keysetStream, type ReadPage } from '../../src/repos/keyset.js';
import { variantAccessRepo } from '../../src/repos/variant-access/repo.js';
import { atEnd } from '../support/cleanup.js';
import { createManyHashes } from '../support/many-hashes.js';
import { scrape } from '../support/metrics.js';
import { NO_QUEUE } from '../support/no-queue.js';
import { nodesOf, planner } from '../support/queue-plans.js';
import { assertProblem } from '../support/raw-http.js';
import { type Answer, startTestService } from '../support/service.js';
import { until } from '../support/until.js';

/** Few rows for what a stream says; 8 MB, twice of what the buffers on the way hold, for how it is sent. */
const FEW = 12_345;
const MANY = 56_000;
const NOW = '2026-11-28T00:00:00Z';

const few = await startTestService();
const many = await startTestService({ DATABASE_POOL_SIZE: '2' });
let hashes: string[] = [];

before(async () => {
  await few.sql`
    insert into hashes (hash, identifier)
    select sha256(int8send(n)) || decode('00000000010005', 'hex'), 'row/' || n
    from generate_series(1, ${FEW}::bigint) as n`;
  await createManyHashes(many.sql, MANY);
  for (const { sql } of [few, many]) await sql`analyze hashes`;
  const rows = await few.sql<
    { hash: string }[]
  >`select encode(hash, 'hex') as hash from hashes order by hash`;
  hashes = rows.map(({ hash }) => hash);
});

function linesOf({ text }: Answer): Record<string, unknown>[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

function open(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => get(url, resolve).on('error', reject));
}

/** A stream of which the first bytes have come, and no more is read until `rest`. */
async function openStream(path: string, base = many.base) {
  const response = await open(`${base}/v1${path}`);
  const pieces: AsyncIterator<string> = response.setEncoding('utf8')[Symbol.asyncIterator]();
  let tail = '';
  const read = async (): Promise<string[] | undefined> => {
    const { value, done } = await pieces.next();
    if (done) return undefined;
    const lines = (tail + value).split('\n');
    tail = lines.pop() ?? '';
    return lines;
  };
  const first = await read();
  assert.ok(first);
  return {
    /** All lines; `onLines` is called between reads. */
    async rest(onLines = async (_lines: string[]): Promise<void> => {}): Promise<string[]> {
      const all = [...first];
      for (let lines = await read(); lines; lines = await read()) {
        await onLines(lines);
        for (const line of lines) all.push(line);
      }
      assert.equal(tail, '');
      return all;
    },
  };
}

/** Asserts that the lines are hashes in order, each once, and the end. */
function assertWhole(lines: string[], count = MANY): void {
  assert.equal(lines.length, count + 1);
  assert.deepEqual(JSON.parse(lines.at(-1) ?? ''), { end: true, count });
  const wrong = lines.findIndex((line, at) => at > 0 && at < count && `${lines[at - 1]}` >= line);
  assert.equal(wrong, -1, 'out of order');
}

/** How many sessions of the service read hashes now, or have a transaction open. */
async function busySessions(): Promise<number> {
  const [row] = await many.sql<{ busy: number }[]>`
    select count(*)::integer as busy
    from pg_stat_activity
    where datname = current_database()
      and pid <> pg_backend_pid()
      and (
        state like 'idle in transaction%'
        or query like '%from hashes%' and state_change > clock_timestamp() - interval '300 milliseconds'
        or query like '%from hashes%' and state <> 'idle'
      )`;
  return row?.busy ?? 0;
}

test('all hashes come in the order of their bytes, and then the end', async () => {
  const lines = linesOf(await few.ask('GET', '/hashes'));
  assert.deepEqual(lines.pop(), { end: true, count: FEW });
  assert.deepEqual(
    lines.map(({ hash }) => hash),
    hashes,
  );
});

for (const limit of [1, 4999, 5000, 5001, 10_000, FEW - 1, FEW, FEW + 1]) {
  test(`a limit of ${limit} sends so many, and says what to resume after where rows are left`, async () => {
    const lines = linesOf(await few.ask('GET', `/hashes?limit=${limit}`));
    const count = Math.min(limit, FEW);
    const next = limit < FEW ? { next: hashes[limit - 1] } : {};
    assert.deepEqual(lines.pop(), { end: true, count, ...next });
    assert.deepEqual(
      lines.map(({ hash }) => hash),
      hashes.slice(0, limit),
    );
  });
}

test('a stream is resumed after any key, in upper case and of a hash that is gone too', async () => {
  for (const at of [0, 4999, 5000, FEW - 2, FEW - 1]) {
    const after = hashes[at] ?? '';
    for (const key of [after, after.toUpperCase(), `${after}00`]) {
      const lines = linesOf(await few.ask('GET', `/hashes?after=${key}`));
      assert.deepEqual(lines.pop(), { end: true, count: FEW - at - 1 });
      assert.deepEqual(
        lines.map(({ hash }) => hash),
        hashes.slice(at + 1),
      );
    }
  }
});

test('streams of equal times skip nothing where pages meet, and resume within the time', async () => {
  const { sql, ask } = few;
  await sql`
    insert into aliases (alias, hash, delete_token)
    select 'a,' || n, hash, 't'
    from (select min(encode(hash, 'hex')) as first from hashes) as any_hash
    join hashes on encode(hash, 'hex') = first
    cross join generate_series(1, 6000) as n`;
  await sql`insert into alias_accesses select alias, '2020-01-01 00:00:00.123456Z' from aliases`;
  const path = '/alias-access?older_than=2020-01-01T00:00:00.123457Z';
  const all = linesOf(await ask('GET', path))
    .slice(0, -1)
    .map(({ alias }) => alias);
  assert.equal(new Set(all).size, 6000);
  const resumed: unknown[] = [];
  for (let after = ''; ; ) {
    const lines = linesOf(
      await ask('GET', `${path}&limit=2500${after && `&after=${encodeURIComponent(after)}`}`),
    );
    const next = lines.pop()?.['next'];
    resumed.push(...lines.map(({ alias }) => alias));
    if (typeof next !== 'string') break;
    after = next;
  }
  assert.deepEqual(resumed, all);
});

test('names of any characters come as JSON, and a stream goes on after each of them', async () => {
  const hash = 'ab'.repeat(5);
  const names = {
    alias: ['"', 'a,b', 'é', '😀', '","accessed":"', '{"end":true}'],
    variant: ['"', '\\', 'a,b', 'line\nbreak', '\t\u0001', 'é', '😀', '","variant":"', '{"end":true}'],
  };
  const time = '2019-01-01T00:00:00.500000Z';
  await few.sql`insert into hashes (hash, identifier) values (decode(${hash}, 'hex'), 'of names')`;
  await few.sql`
    insert into aliases (alias, hash, delete_token)
    select alias, decode(${hash}, 'hex'), 't' from unnest(${names.alias}::text[]) as alias`;
  await few.sql`
    insert into variants (hash, variant, identifier)
    select decode(${hash}, 'hex'), variant, variant from unnest(${names.variant}::text[]) as variant`;
  await few.sql`insert into alias_accesses select alias, ${time} from aliases where delete_token = 't' and hash = decode(${hash}, 'hex')`;
  await few.sql`insert into variant_accesses select hash, variant, ${time} from variants`;
  for (const [kind, line] of [
    ['alias', (alias: string): object => ({ alias, accessed: time })],
    ['variant', (variant: string): object => ({ hash, variant, accessed: time })],
  ] as const) {
    const path = `/${kind}-access?older_than=2019-01-02T00:00:00Z`;
    const all = linesOf(await few.ask('GET', path)).slice(0, -1);
    const sorted = names[kind].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual(
      all,
      sorted.map((name) => line(name)),
    );
    for (let at = 0, next: unknown = ''; next !== undefined; at++) {
      const after = next && `&after=${encodeURIComponent(String(next))}`;
      const lines = linesOf(await few.ask('GET', `${path}&limit=1${after}`));
      assert.deepEqual(lines[0], all[at]);
      next = lines.at(-1)?.['next'];
    }
  }
});

const { explain } = planner(few.url);
const pages: Record<string, [(db: Database) => Promise<unknown>, RegExp]> = {
  hashes: [(db) => hashesRepo(db, NO_QUEUE).hashes({ after: '20' }), /^Index Only Scan hashes_pkey$/],
  olderAliases: [
    (db) => aliasAccessRepo(db, 0).olderAliases(NOW, { after: '2019-01-01T00:00:00.500000Z,"' }),
    /^Index Only Scan alias_accesses_accessed$/,
  ],
  olderVariants: [
    (db) => variantAccessRepo(db, 0).olderVariants(NOW, { after: '2019-01-01T00:00:00.000001Z,ab,x' }),
    /^Index Only Scan variant_accesses_accessed$/,
  ],
};
for (const [name, [read, scan]] of Object.entries(pages)) {
  test(`a page of ${name} is read in the order of its index, and not sorted or kept on the way`, async () => {
    for (const mode of ['force_custom_plan', 'force_generic_plan'] as const) {
      const kinds = nodesOf(await explain(read, mode))
        .filter((node) => node['Node Type'] !== 'Subquery Scan')
        .map((node) => [node['Node Type'], node['Index Name'] ?? []].flat().join(' '));
      assert.deepEqual(kinds.slice(0, 2), ['Aggregate', 'Limit']);
      assert.ok(
        kinds.some((kind) => scan.test(kind)),
        kinds.join(),
      );
      for (const kind of kinds) assert.doesNotMatch(kind, /Sort|Materialize|Memoize|Seq|Hash|Bitmap/);
    }
  });
}

test('readers that stop reading hold no connection, and get the rest when they read on', async () => {
  // More of them than the service has connections.
  const streams = await Promise.all(Array.from({ length: 3 }, () => openStream('/hashes')));
  await until(async () => (await busySessions()) === 0);
  const size = await many.ask('GET', '/hashes/size');
  assert.deepEqual(size.json, { size: MANY });
  for (const stream of streams) assertWhole(await stream.rest());
});

test('connections that are killed between pages do not break a stream', async () => {
  const stream = await openStream('/hashes');
  let kills = 0;
  const lines = await stream.rest(async (some) => {
    if (some.length === 0 || kills++ % 25 !== 0) return;
    await many.sql`
      select pg_terminate_backend(pid)
      from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid() and query like '%from hashes%'`;
  });
  assert.ok(kills > 50);
  assertWhole(lines);
});

test('rows that exist throughout are sent exactly once, whatever else is created and removed', async () => {
  const { sql } = many;
  /** Rows between the others, all over the stream. */
  const churn = (from: number, to: number) => sql`
    with gone as (delete from hashes where identifier like 'churn/%' and get_byte(hash, 7) % 3 = ${from % 3})
    insert into hashes (hash, identifier)
    select int8send(n * 7919 % ${MANY}) || int8send(n), 'churn/' || n
    from generate_series(${from}::bigint, ${to}::bigint) as n
    on conflict do nothing`;
  await churn(1_000_000, 1_002_000);
  const stream = await openStream('/hashes');
  let reads = 0;
  const lines = await stream.rest(async () => {
    if (reads++ % 10 === 0) await churn(2_000_000 + reads * 20, 2_000_000 + reads * 20 + 199);
  });
  assert.ok(reads > 40, `${reads} reads`);
  await sql`delete from hashes where identifier like 'churn/%'`;
  assertWhole(lines, lines.length - 1);
  // Those that came and went have shorter hashes.
  assertWhole([...lines.slice(0, -1).filter((line) => line.length > 80), `{"end":true,"count":${MANY}}`]);
});

/** While it runs, every read of hashes fails by a fault that no later try mends. */
async function whileReadsFail(task: () => Promise<void>): Promise<void> {
  await many.sql`alter table hashes rename to elsewhere`;
  await many.sql`create view hashes as select * from elsewhere where 1 / 0 = 1`;
  await task();
  await many.sql`drop view hashes`;
  await many.sql`alter table elsewhere rename to hashes`;
}

test('a stream whose page fails is cut: no end, and an incomplete message', async () => {
  const stream = await openStream('/hashes');
  let last = '';
  await whileReadsFail(async () => {
    const rest = stream.rest(async (lines) => {
      last = lines.at(-1) ?? last;
    });
    await assert.rejects(rest, /terminated|aborted/);
  });
  assert.match(last, /^\{"hash":"/);
});

test('a stream whose first page fails is a problem', async () => {
  await whileReadsFail(async () => {
    assertProblem(await many.ask('GET', '/hashes'), 500, 'internal_error');
  });
});

test('while a reader has stopped, one page more is fetched and no other', async () => {
  const app = Fastify();
  atEnd(() => app.close());
  app.decorate('streams', new Streams({ max: 1, onRows: () => {} }));
  app.decorate(
    'connections',
    connectionsOf(readConfig({}), () => {}),
  );
  let fetched = 0;
  /** More than the buffers of the system hold. */
  async function* source() {
    while (fetched < 3) yield { lines: Buffer.alloc(16 * 1024 * 1024, `${++fetched}\n`), count: 1 };
  }
  app.get('/', async (_request, reply) => payloadOf(ndjson(source()), reply));
  const response = await open(await app.listen({ port: 0, host: '127.0.0.1' }));
  await until(() => fetched === 2);
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  assert.equal(fetched, 2);
  await once(response.resume(), 'end');
  assert.equal(fetched, 3);
});

test('a page that comes after its client has gone is not counted as unread', async () => {
  const { base } = many;
  const abort = new AbortController();
  await many.sql.begin(async (tx) => {
    const response = await fetch(`${base}/v1/hashes`, { signal: abort.signal });
    await response.body?.getReader().read();
    await tx`lock table hashes in access exclusive mode`;
    await until(async () => {
      const [row] = await tx<
        { waits: boolean }[]
      >`select exists (select from pg_locks where not granted) as waits`;
      return row?.waits === true;
    });
    abort.abort();
    await until(async () => (await scrape(base)).get('pict_repo_streams_open') === 0);
  });
  await until(async () => (await busySessions()) === 0);
  assert.equal((await scrape(base)).get('pict_repo_unread_bytes'), 0);
});

/** Drains a stream of two pages, the second of which fails `failures` times. */
async function drainPages(failures: number, onFailure = () => {}) {
  const sent: string[] = [];
  let reads = 0;
  const read = async (after: string | undefined): ReturnType<ReadPage> => {
    if (after === undefined) return { lines: Buffer.from('first\n'), count: 5000, last: 'key' };
    if (reads++ === failures) return { lines: Buffer.from('second\n'), count: 1, last: 'end' };
    onFailure();
    throw unavailable('database_unavailable', 'away');
  };
  const error = await (async () => {
    for await (const { lines } of await keysetStream(read, {})) sent.push(String(lines));
  })().catch((reason: unknown) => reason);
  return { sent, error, reads };
}

test('a page is asked for again while the database is away', async () => {
  const { sent, error } = await drainPages(2);
  assert.equal(error, undefined);
  assert.deepEqual(sent, ['first\n', 'second\n', '{"end":true,"count":5001}\n']);
});

test('a database that stays away for half a minute cuts the stream, and never ends it', async (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const { sent, error, reads } = await drainPages(100, () => {
    now += 14_000;
  });
  assert.ok(error instanceof Problem);
  assert.deepEqual(sent, ['first\n']);
  assert.equal(reads, 3);
});

test('a stream in flight is sent to its end while the service closes, and then not waited for', async () => {
  const { base, close } = await startTestService({ SHUTDOWN_TIMEOUT_SECONDS: '10' }, many);
  const stream = await openStream('/hashes', base);
  const closed = close();
  assertWhole(await stream.rest());
  const sent = performance.now();
  await closed;
  assert.ok(performance.now() - sent < 4000, 'the connection was waited for after its answer');
});
