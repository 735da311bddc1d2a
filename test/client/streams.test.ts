import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { ConnectionError, createClient, ProblemError, StreamError } from '../../client/src/index.js';
import { collect } from '../support/collect.js';
import { startCuttingProxy } from '../support/cutting-proxy.js';
import { startTestService } from '../support/service.js';

/** More than a page of the service. */
const ROWS = 7000;
const { base, sql } = await startTestService();
const repo = createClient({ baseUrl: base });
let hashes: string[] = [];

before(async () => {
  await sql`
    insert into hashes (hash, identifier)
    select sha256(int8send(n)), 'row/' || n
    from generate_series(1, ${ROWS}::bigint) as n`;
  // Many share a time, and a variant may hold what separates the parts of a key.
  await sql`
    insert into variants (hash, variant, identifier)
    select sha256(int8send(n)), 'a, b/' || n % 3, 'variant/' || n
    from generate_series(1, 3000::bigint) as n`;
  await sql`
    insert into variant_accesses (hash, variant, accessed)
    select hash, variant, timestamptz '2026-01-01 00:00:00.000001+00' + (length(identifier) % 2) * interval '1 s'
    from variants`;
  const rows = await sql<{ hash: string }[]>`
    select encode(hash, 'hex') as hash from hashes order by hash`;
  hashes = rows.map(({ hash }) => hash);
});

const read = async (stream: AsyncIterable<{ hash: string }>): Promise<string[]> =>
  (await collect(stream)).map(({ hash }) => hash);

/** Answers of which only the first line, and an end, are as the service would send them. */
const answering = (...texts: (string | Response)[]) => {
  const asked: string[] = [];
  const client = createClient({
    baseUrl: base,
    retries: 1,
    fetch: async (url) => {
      asked.push(new URL(String(url)).search);
      const next = texts.shift() ?? '';
      return next instanceof Response ? next : new Response(next);
    },
  });
  return { client, asked };
};

test('all rows, in order', async () => {
  assert.deepEqual(await read(repo.hashes.hashes()), hashes);
});

test('a stream that is cut again and again brings every row once', async () => {
  const proxy = await startCuttingProxy(base, () => 60_000);
  const client = createClient({ baseUrl: proxy.base });
  assert.deepEqual(await read(client.hashes.hashes()), hashes);
  assert.ok(proxy.cuts() >= 5, `${proxy.cuts()} cuts`);
});

test('older variants resume where time, hash and variant share their commas', async () => {
  const proxy = await startCuttingProxy(base, () => 40_000);
  const rows = await collect(
    createClient({ baseUrl: proxy.base }).variantAccess.olderVariants({ older_than: '2026-02-01T00:00:00Z' }),
  );
  assert.equal(new Set(rows.map(({ hash, variant }) => `${hash} ${variant}`)).size, 3000);
  assert.equal(rows.length, 3000);
  assert.ok(proxy.cuts() >= 5, `${proxy.cuts()} cuts`);
});

test('a limit and a beginning hold over cuts of the stream', async () => {
  const proxy = await startCuttingProxy(base, () => 100_000);
  const client = createClient({ baseUrl: proxy.base });
  const after = hashes[9];
  assert.ok(after);
  assert.deepEqual(await read(client.hashes.hashes({ after, limit: 5000 })), hashes.slice(10, 5010));
  assert.ok(proxy.cuts() >= 2);
});

test('a search that was cut goes on where it ended, and spaces between lines are skipped', async () => {
  const { client, asked } = answering(
    '  {"identifier":"a"}\n {"end":true,"count":1,"next":"k"}\n',
    '{"end":true,"count":0,"next":"p"}\n',
    '{"identifier":"q"}\n{"end":true,"count":1}\n',
  );
  const files = await collect(client.files.unowned({ older_than: '2026-01-01T00:00:00Z', limit: 3 }));
  assert.deepEqual(files, [{ identifier: 'a' }, { identifier: 'q' }]);
  assert.deepEqual(
    asked.map((search) => {
      const params = new URLSearchParams(search);
      return [params.get('after'), params.get('limit')];
    }),
    [
      [null, '3'],
      ['k', '2'],
      ['p', '2'],
    ],
  );
});

test('a stream that makes no progress is given up', async () => {
  const proxy = await startCuttingProxy(base, () => 10);
  const client = createClient({ baseUrl: proxy.base, retries: 2 });
  await assert.rejects(read(client.hashes.hashes()), ConnectionError);
  assert.equal(proxy.cuts(), 3);
});

test('a stream without its end line is incomplete, however it ends', async () => {
  const { client, asked } = answering(
    '{"hash":"aa"}\n',
    '{"hash":"bb"}\n{"end":tr',
    '{"end":true,"count":0}\n',
  );
  assert.deepEqual(await read(client.hashes.hashes()), ['aa', 'bb']);
  assert.deepEqual(asked, ['', '?after=aa', '?after=bb']);
});

const page = '<html>\n<h1>Bad gateway</h1>\n</html>\n';
const foreign: Record<string, () => string | Response> = {
  'a page': () => page,
  'an empty answer': () => '',
  'an empty object': () => '{}\n',
  'a list': () => '[]\n',
  'rows of another kind': () => '{"alias":"bb"}\n{"end":true,"count":1}\n',
  '404 of an ingress': () => new Response(page, { status: 404 }),
  '500 of something': () => new Response(page, { status: 500 }),
};
for (const [name, answer] of Object.entries(foreign)) {
  test(`${name} in the middle of a stream is neither a row nor an end: it goes on behind the last row`, async () => {
    const { client, asked } = answering(
      '{"hash":"aa"}\n',
      answer(),
      '{"hash":"bb"}\n{"end":true,"count":1}\n',
    );
    assert.deepEqual(await read(client.hashes.hashes({}, { retries: 2 })), ['aa', 'bb']);
    assert.deepEqual(asked, ['', '?after=aa', '?after=aa']);
  });
}

test('a page within a stream counts as a cut', async () => {
  const { client } = answering(`{"hash":"aa"}\n{"hash":"b${page}`, '{"hash":"bb"}\n{"end":true,"count":1}\n');
  assert.deepEqual(await read(client.hashes.hashes()), ['aa', 'bb']);
});

test('404 of an ingress before the first row is final, a page is given up after all tries', async () => {
  const is = (status: number) => (error: unknown) =>
    error instanceof ProblemError && error.status === status && error.excerpt?.startsWith('<html>') === true;
  const absent = answering(new Response(page, { status: 404 }));
  await assert.rejects(read(absent.client.hashes.hashes()), is(404));
  assert.equal(absent.asked.length, 1);
  const pages = answering(page, page);
  await assert.rejects(read(pages.client.hashes.hashes()), is(200));
  assert.equal(pages.asked.length, 2);
});

test('the last row of a limit needs no end line', async () => {
  const { client, asked } = answering('{"hash":"aa"}\n');
  assert.deepEqual(await read(client.hashes.hashes({ limit: 1 })), ['aa']);
  assert.equal(asked.length, 1);
});

test('an end line with another count is an error', async () => {
  const { client } = answering('{"hash":"aa"}\n{"end":true,"count":2}\n');
  await assert.rejects(read(client.hashes.hashes()), StreamError);
});

test('a refusal is a problem, at the first row', async () => {
  const rows = repo.aliasAccess.olderAliases({ older_than: 'yesterday' });
  await assert.rejects(collect(rows), (error) => error instanceof ProblemError && error.status === 400);
});

test('a reader that breaks off, or is aborted, ends the request', async () => {
  const seen: string[] = [];
  for await (const { hash } of repo.hashes.hashes()) {
    seen.push(hash);
    if (seen.length === 3) break;
  }
  assert.deepEqual(seen, hashes.slice(0, 3));
  const stop = new AbortController();
  const reason = new Error('enough');
  const reading = async () => {
    for await (const _ of repo.hashes.hashes({}, { signal: stop.signal })) stop.abort(reason);
  };
  await assert.rejects(reading(), reason);
});
