import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDatabase } from '../support/database.js';
import { newHash } from '../support/new-hash.js';
import { atOnce, tally, whileOpen } from '../support/races.js';
import { assertProblem } from '../support/raw-http.js';
import { type Answer, startTestService } from '../support/service.js';
import { until } from '../support/until.js';

/** Removals in steps. What is doomed by SQL waits for a decision that does not come: it stays as it is for 10 seconds. */

const database = await createDatabase();
const replicas = await Promise.all([startTestService({}, database), startTestService({}, database)]);
const { sql } = database;
const ask = (...args: Parameters<(typeof replicas)[0]['ask']>): Promise<Answer> => replicas[0].ask(...args);

/** A content with so many aliases, each with an access and a proxy, and variants, each with details and an access. */
async function newContent({ aliases = 0, variants = 0 }): Promise<string> {
  const hash = newHash();
  await ask('PUT', `/hashes/${hash}`, { identifier: `${hash}.png` });
  await ask('PUT', `/hashes/${hash}/motion-identifier`, { identifier: `${hash}.mp4` });
  await sql`
    with named as (
      insert into aliases (alias, hash, delete_token)
      select ${hash.slice(0, 20)} || '-' || n, decode(${hash}, 'hex'), 't' from generate_series(1, ${aliases}::integer) as n
      returning alias
    ),
    accessed as (
      insert into alias_accesses (alias, accessed) select alias, now() from named
    )
    insert into proxies (url_sha256, url, alias) select sha256(convert_to(alias, 'UTF8')), alias, alias from named`;
  await sql`
    with made as (
      insert into variants (hash, variant, identifier)
      select decode(${hash}, 'hex'), 'v' || n, ${hash} || '/' || n from generate_series(1, ${variants}::integer) as n
      returning hash, variant, identifier
    ),
    accessed as (
      insert into variant_accesses (hash, variant, accessed) select hash, variant, now() from made
    )
    insert into details (identifier, details) select identifier, '{}' from made`;
  return hash;
}

const aliasOf = (hash: string, n = 1): string => `${hash.slice(0, 20)}-${n}`;
const remove = (hash: string, query = '', by = 0): Promise<Answer> =>
  replicas[by % 2]?.ask('DELETE', `/hashes/${hash}${query}`) ?? assert.fail();
const mark = (hash: string) =>
  sql`update hashes set doomed_at = clock_timestamp() where hash = decode(${hash}, 'hex')`;

/** How many rows each table has of the content. */
async function left(hash: string): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select sum(count)::integer as count
    from (
      select count(*) from hashes where hash = decode(${hash}, 'hex')
      union all select count(*) from aliases where hash = decode(${hash}, 'hex')
      union all select count(*) from variants where hash = decode(${hash}, 'hex')
      union all select count(*) from variant_accesses where hash = decode(${hash}, 'hex')
      union all select count(*) from alias_accesses where alias like ${`${hash.slice(0, 20)}-%`}
      union all select count(*) from proxies where alias like ${`${hash.slice(0, 20)}-%`}
      union all select count(*) from details where identifier like ${`${hash}%`}
    ) as counted`;
  return row?.count ?? -1;
}

const namedIn = async (queue: string): Promise<string[]> =>
  (await sql<{ job: { Identifier: { identifier: string } } }[]>`select job from jobs where queue = ${queue}`)
    .map(({ job }) => job.Identifier.identifier)
    .sort();

test('cleanup: more than 1000 children go in steps, each file is named once in a job, and then the hash is new', async () => {
  const hash = await newContent({ aliases: 400, variants: 1700 });
  assert.deepEqual(assertProblem(await remove(hash), 409, 'enqueue_required')['existing'], undefined);
  assert.equal((await ask('GET', `/hashes/${hash}/identifier`)).status, 200);
  const removed = { aliases: [], variants: [], identifiers: [] };
  const [first, again] = [await remove(hash, '?enqueue=steps'), await remove(hash, '?enqueue=other', 1)];
  for (const { status, json } of [first, again])
    assert.deepEqual([status, json], [200, { removed, more: true }]);
  const create = () => ask('PUT', `/hashes/${hash}`, { identifier: `${hash}.gif` });
  assertProblem(await create(), 503, 'hash_being_removed');
  await until(async () => (await left(hash)) === 0);
  const files = [`${hash}.mp4`, `${hash}.png`, ...Array.from({ length: 1700 }, (_, n) => `${hash}/${n + 1}`)];
  assert.deepEqual(await namedIn('steps'), files.sort());
  assert.deepEqual(await namedIn('other'), []);
  const condemned =
    await sql`select from files where condemned_at is not null and identifier = any(${files})`;
  assert.equal(condemned.length, files.length);
  assert.equal((await create()).status, 201);
  assert.deepEqual((await ask('GET', `/hashes/${hash}/variants`)).json, { variants: [] });
});

test('cleanup: proxies count too, and an alias goes after its last one', async () => {
  const hash = await newContent({ aliases: 1 });
  await sql`
    insert into proxies (url_sha256, url, alias)
    select sha256(convert_to(n || ${hash}, 'UTF8')), n || ${hash}, ${aliasOf(hash)} from generate_series(1, 2100) as n`;
  assertProblem(await remove(hash), 409, 'enqueue_required');
  assert.equal((await remove(hash, '?enqueue=proxies')).json.more, true);
  await until(async () => (await left(hash)) === 0);
  assert.deepEqual(await namedIn('proxies'), [`${hash}.mp4`, `${hash}.png`]);
});

test('cleanup: what has an alias is kept, however much it has', async () => {
  const hash = await newContent({ aliases: 1200 });
  const { existing } = assertProblem(
    await remove(hash, '?only_if_unreferenced=true&enqueue=kept'),
    409,
    'hash_in_use',
  ) as { existing: { aliases: string[] } };
  assert.equal(existing.aliases.length, 100);
  const large = await newContent({ variants: 1200 });
  const answer = await whileOpen(
    sql,
    (tx) =>
      tx`insert into aliases (alias, hash, delete_token) values (${aliasOf(large)}, decode(${large}, 'hex'), 't')`,
    () => remove(large, '?only_if_unreferenced=true&enqueue=kept'),
  );
  assertProblem(answer, 409, 'hash_in_use');
  assert.equal((await ask('GET', `/aliases/${aliasOf(large)}/hash`)).status, 200);
  await ask('DELETE', `/aliases/${aliasOf(large)}`);
  assert.equal((await remove(large, '?only_if_unreferenced=true&enqueue=unkept')).json.more, true);
  await until(async () => (await left(large)) === 0);
  assert.deepEqual(await namedIn('kept'), []);
});

test('cleanup: it gets through under 32 creators of aliases on two replicas', async () => {
  for (const round of [1, 2, 3]) {
    const hash = await newContent({ variants: 3 });
    let isOver = false;
    let created = 0;
    const creators = atOnce(32, async (n) => {
      for (let k = 0; ; k++) {
        const path = `/aliases/race-${round}-${n}-${k}`;
        const answer = await replicas[n % 2]?.ask('PUT', path, { hash, delete_token: 't' });
        assert.ok(answer);
        if (answer.status === 201) created++;
        else return answer;
        if (isOver) return answer;
      }
    });
    await until(() => created > 100);
    const { status, json } = await remove(hash);
    isOver = true;
    assert.equal(status, 200, JSON.stringify(json));
    assert.deepEqual(tally(await creators), { '404 hash_not_found': 32 });
    assert.equal(await left(hash), 0);
    assert.equal(json.removed.identifiers.length, 5);
    assert.ok(json.removed.aliases.length >= created - 32);
  }
});

test('a doomed hash is 404 to all reads and absent from lists, and nothing is added to it', async () => {
  const hash = await newContent({ aliases: 1, variants: 1 });
  const alias = aliasOf(hash);
  const at = `/hashes/${hash}`;
  const reads: [path: string, code: string][] = [
    [`${at}/identifier`, 'hash_not_found'],
    [`${at}/motion-identifier`, 'hash_not_found'],
    [`${at}/variant?variant=v1`, 'variant_not_found'],
    [`/aliases/${alias}/hash`, 'alias_not_found'],
    [`/aliases/${alias}/delete-token`, 'alias_not_found'],
    [`/proxies?url=${alias}`, 'proxy_not_found'],
    [`/files?identifier=${hash}.png`, 'file_not_found'],
  ];
  const lists: [path: string, empty: unknown][] = [
    [`${at}/variants`, { variants: [] }],
    [`${at}/aliases`, { aliases: [] }],
    [`${at}/variant/access?variant=v1`, { contains: false }],
  ];
  const future = '2100-01-01T00:00:00Z';
  const streams = ['/hashes', `/alias-access?older_than=${future}`, `/variant-access?older_than=${future}`];
  const inStream = async (path: string) =>
    (await ask('GET', path)).text.includes(path.startsWith('/alias-access') ? alias : hash);
  const size = async () => (await ask('GET', '/hashes/size')).json.size;
  const before = await size();
  for (const [path] of reads) assert.equal((await ask('GET', path)).status, 200, path);
  for (const path of streams) assert.ok(await inStream(path), path);

  await mark(hash);
  for (const [path, code] of reads) assertProblem(await ask('GET', path), 404, code);
  for (const [path, empty] of lists) assert.deepEqual((await ask('GET', path)).json, empty, path);
  for (const path of streams) assert.ok(!(await inStream(path)), path);
  assert.equal(await size(), before - 1);
  const lookup = await ask('POST', '/files/lookup', { identifiers: [`${hash}.png`] });
  assert.deepEqual(lookup.json, { files: [null] });

  const other = await newContent({ aliases: 1 });
  const writes: [method: 'PUT' | 'DELETE', path: string, body: unknown, status: number, code: string][] = [
    ['PUT', at, { identifier: `${hash}.png` }, 503, 'hash_being_removed'],
    ['PUT', `/aliases/${alias}`, { hash: other, delete_token: 't' }, 503, 'hash_being_removed'],
    ['PUT', '/proxies', { url: alias, alias: aliasOf(other) }, 503, 'hash_being_removed'],
    ['PUT', '/aliases/another', { hash, delete_token: 't' }, 404, 'hash_not_found'],
    ['PUT', '/proxies', { url: 'another', alias }, 404, 'alias_not_found'],
    ['PUT', `${at}/variant?variant=v1`, { identifier: `${hash}/1` }, 404, 'hash_not_found'],
    ['PUT', `${at}/variant?variant=v2`, { identifier: `${hash}/2` }, 404, 'hash_not_found'],
    ['PUT', `${at}/identifier`, { identifier: 'another.png' }, 404, 'hash_not_found'],
    ['PUT', `${at}/motion-identifier`, { identifier: 'another.mp4' }, 404, 'hash_not_found'],
    ['PUT', `/aliases/${alias}/access`, {}, 404, 'alias_not_found'],
    ['PUT', `${at}/variant/access?variant=v1`, {}, 404, 'variant_not_found'],
    ['PUT', `/hashes/${other}/variant?variant=v2`, { identifier: `${hash}/1` }, 409, 'identifier_condemned'],
  ];
  for (const [method, path, body, status, code] of writes)
    assertProblem(await ask(method, path, body), status, code);
  assert.deepEqual((await ask('DELETE', `${at}/variant?variant=v1`)).json, { removed: { identifiers: [] } });

  // A request that never came to its decision: another one comes to it.
  assert.equal((await remove(hash)).json.removed.identifiers.length, 3);
  assert.equal(await left(hash), 0);
});

test('whoever waits for the mark adds nothing; whoever came before it is removed with the rest', async () => {
  const adds: [name: string, add: (hash: string) => Promise<Answer>][] = [
    ['alias', (hash) => ask('PUT', `/aliases/late-${hash.slice(0, 8)}`, { hash, delete_token: 't' })],
    ['variant', (hash) => ask('PUT', `/hashes/${hash}/variant?variant=late`, { identifier: `${hash}/late` })],
    ['identifier', (hash) => ask('PUT', `/hashes/${hash}/identifier`, { identifier: `${hash}/late` })],
  ];
  for (const [name, add] of adds) {
    const hash = await newContent({});
    const doom = async (tx: typeof sql) => {
      await tx`select from hashes where hash = decode(${hash}, 'hex') for update`;
      await tx`update hashes set doomed_at = clock_timestamp() where hash = decode(${hash}, 'hex')`;
    };
    const answer = await whileOpen(
      sql,
      (tx) => doom(tx as unknown as typeof sql),
      () => add(hash),
    );
    assertProblem(answer, 404, 'hash_not_found');
    assert.equal((await remove(hash)).json.removed.identifiers.length, 2, name);
  }
});

test('a mark whose request died before it decided goes, and the content is found again', async () => {
  const hash = await newContent({ aliases: 1 });
  await sql`update hashes set doomed_at = now() - interval '11 s' where hash = decode(${hash}, 'hex')`;
  await until(async () => (await ask('GET', `/aliases/${aliasOf(hash)}/hash`)).status === 200);
  assert.equal((await ask('GET', `/hashes/${hash}/identifier`)).status, 200);
});

test('removals of several hashes go on beside one that another transaction holds', async () => {
  const [held, free] = [await newContent({ aliases: 1001 }), await newContent({ aliases: 1001 })];
  await sql.begin(async (tx) => {
    await tx`select from aliases where alias = ${aliasOf(held, 5)} for key share`;
    for (const hash of [held, free]) assert.equal((await remove(hash, '?enqueue=several')).json.more, true);
    await until(async () => (await left(free)) === 0);
    assert.notEqual(await left(held), 0);
  });
  await until(async () => (await left(held)) === 0);
  assert.equal((await namedIn('several')).length, 4);
});

test('variants, aliases: a page at a time, however many there are', async () => {
  const hash = await newContent({ aliases: 2100, variants: 2100 });
  for (const [kind, keyOf] of [
    ['variants', (one: { variant: string }) => one.variant],
    ['aliases', (one: string) => one],
  ] as const) {
    for (const limit of [undefined, 700]) {
      const names: string[] = [];
      let after: string | undefined;
      do {
        const query = new URLSearchParams({
          ...(after !== undefined && { after }),
          ...(limit && { limit: `${limit}` }),
        });
        const { status, json } = await ask('GET', `/hashes/${hash}/${kind}?${query}`);
        assert.equal(status, 200);
        const page = json[kind].map(keyOf);
        assert.ok(page.length <= (limit ?? 1000));
        names.push(...page);
        after = json.next;
      } while (after !== undefined);
      assert.equal(names.length, 2100);
      assert.deepEqual(names, [...new Set(names)].sort());
    }
    for (const query of ['limit=0', 'limit=1001', 'after=', 'cursor=x'])
      assertProblem(await ask('GET', `/hashes/${hash}/${kind}?${query}`), 400, 'invalid_request');
  }
});
