import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testKey } from '../support/keys.js';
import { newHash } from '../support/new-hash.js';
import { whileOpen } from '../support/races.js';
import { assertProblem } from '../support/raw-http.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const { ask, sql } = await startTestService({ ACCESS_GRANULARITY_SECONDS: '0' });
const NOTHING = { aliases: [], hashes: [], variants: [], identifiers: [] };
const LONG_AGO = '2026-01-02T00:00:00.000000Z';
const FUTURE = '2099-01-01T00:00:00Z';

let names = 0;
const newName = (what: string): string => `${what}-${++names}`;

/** A content with aliases, and with a motion file and a variant that have details; files are named after the hash. */
async function newContent(aliases: number, more: object = {}) {
  const hash = newHash();
  const names = Array.from({ length: aliases }, () => newName('alias'));
  await made('PUT', `/hashes/${hash}`, { identifier: `${hash}.png` });
  await made('PUT', `/hashes/${hash}/motion-identifier`, { identifier: `${hash}.mp4` });
  await made('PUT', `/hashes/${hash}/variant?variant=v`, { identifier: `${hash}.webp` });
  for (const file of filesOf(hash)) await made('PUT', `/details?identifier=${file}`, { of: file });
  for (const alias of names) await made('PUT', `/aliases/${alias}`, { hash, delete_token: 'token', ...more });
  return { hash, aliases: names };
}

const filesOf = (hash: string): string[] => [`${hash}.mp4`, `${hash}.png`, `${hash}.webp`];

/** All of a content, as an answer names it. */
const wholeOf = ({ hash, aliases }: { hash: string; aliases: string[] }) => ({
  aliases,
  hashes: [hash],
  variants: [{ hash, variant: 'v' }],
  identifiers: filesOf(hash),
});

async function made(method: string, path: string, body: unknown): Promise<void> {
  const { status, text } = await ask(method, path, body);
  assert.ok(status < 300, `${path}: ${text}`);
}

const release = (alias: string, body: object = { delete_token: 'token' }) =>
  ask('POST', `/media/${alias}/release`, body);

async function standing(hash: string) {
  const [row] = await sql`
    select
      (select count(*) from hashes where hash = decode(${hash}, 'hex'))::integer as hashes,
      (select count(*) from variants where hash = decode(${hash}, 'hex'))::integer as variants,
      (select count(*) from aliases where hash = decode(${hash}, 'hex'))::integer as aliases,
      (select count(*) from details where identifier like ${`${hash}%`})::integer as details`;
  return row && { ...row };
}

const GONE = { hashes: 0, variants: 0, aliases: 0, details: 0 };

/** The files that jobs of the queue name, in their order. */
async function jobsOf(queue: string) {
  const rows = await sql<{ identifier: string; state: string }[]>`
    select job -> 'Identifier' ->> 'identifier' as identifier, state from jobs where queue = ${queue} order by seq`;
  return rows.map((row) => ({ ...row }));
}

test('releaseAlias: one of several goes with its URLs and accesses, and names no file', async () => {
  const content = await newContent(2);
  const [alias = '', other = ''] = content.aliases;
  for (const name of [alias, other]) {
    await made('PUT', '/proxies', { url: `https://example.org/${name}`, alias: name });
    await made('PUT', `/aliases/${name}/access`, {});
  }
  const answer = await release(alias, { delete_token: 'token', enqueue: 'none' });
  assert.deepEqual(answer.json, { removed: { ...NOTHING, aliases: [alias] } });
  assert.deepEqual(await jobsOf('none'), []);
  assert.equal((await ask('GET', `/proxies?url=https://example.org/${alias}`)).status, 404);
  assert.equal((await ask('GET', `/proxies?url=https://example.org/${other}`)).status, 200);
  assert.deepEqual(await standing(content.hash), { hashes: 1, variants: 1, aliases: 1, details: 3 });
});

test('releaseAlias: with the last one goes the content, each file is named and enqueued; again nothing', async () => {
  const content = await newContent(1);
  const [alias = ''] = content.aliases;
  await made('PUT', '/proxies', { url: `https://example.org/${alias}`, alias });
  await made('PUT', `/hashes/${content.hash}/variant/access?variant=v`, {});
  const answer = await release(alias, { delete_token: 'token', enqueue: 'cleanup' });
  assert.deepEqual(answer.json, { removed: wholeOf(content) });
  const jobs = filesOf(content.hash).map((identifier) => ({ identifier, state: 'ready' }));
  assert.deepEqual(await jobsOf('cleanup'), jobs);
  assert.deepEqual(await standing(content.hash), GONE);
  for (const body of [{ delete_token: 'token', enqueue: 'cleanup' }, { delete_token: 'wrong' }])
    assert.deepEqual((await release(alias, body)).json, { removed: NOTHING });
  assert.deepEqual(await jobsOf('cleanup'), jobs);
});

test('releaseAlias: a pop that waits gets the job at once', async () => {
  const content = await newContent(1);
  const popped = ask('POST', '/queues/woken/pop', { worker_id: 'w', wait_seconds: 20 });
  await release(content.aliases[0] ?? '', { delete_token: 'token', enqueue: 'woken' });
  assert.equal((await popped).json.jobs[0].job.Identifier.identifier, `${content.hash}.mp4`);
});

test('releaseAlias: 403 for another token, and nothing goes; an expired alias is released too', async () => {
  const content = await newContent(1);
  const [alias = ''] = content.aliases;
  await made('PUT', `/aliases/${alias}/expiry`, { expires_at: LONG_AGO });
  for (const token of ['wrong', 'token2', 'TOKEN'])
    assertProblem(await release(alias, { delete_token: token }), 403, 'invalid_delete_token');
  assert.deepEqual(await standing(content.hash), { hashes: 1, variants: 1, aliases: 1, details: 3 });
  assert.deepEqual((await release(alias)).json, { removed: wholeOf(content) });
});

test('releaseAlias: force is for admin keys, or a service without keys; a token or force, and not both', async () => {
  const content = await newContent(1);
  assert.deepEqual((await release(content.aliases[0] ?? '', { force: true })).json, {
    removed: wholeOf(content),
  });
  for (const body of [{}, { force: false }, { force: true, delete_token: 'token' }, { enqueue: 'q' }])
    assertProblem(await release('any', body), 400, 'invalid_request');
  const [write, admin] = [testKey('w', 'write'), testKey('a', 'admin')];
  const guarded = await startTestService({ PICT_REPO_KEYS: `${write.line},${admin.line}` });
  const forced = (headers: Record<string, string>) =>
    guarded.ask('POST', '/media/any/release', { force: true }, { headers });
  assertProblem(await forced(write.headers), 403, 'insufficient_scope');
  assert.deepEqual((await forced(admin.headers)).json, { removed: NOTHING });
});

test('releaseAlias: of two releases of the last two aliases at the same time, one takes the content', async () => {
  for (let round = 0; round < 5; round++) {
    const content = await newContent(2);
    const answers = await Promise.all(content.aliases.map((alias) => release(alias)));
    const hashes = answers.flatMap(({ json }) => json.removed.hashes);
    assert.deepEqual(hashes, [content.hash]);
    assert.deepEqual(await standing(content.hash), GONE);
  }
});

test('releaseAlias: the other alias goes meanwhile, or another one comes', async () => {
  const content = await newContent(2);
  const [alias = '', other = ''] = content.aliases;
  const went = await whileOpen(
    sql,
    (tx) => tx`delete from aliases where alias = ${other}`,
    () => release(alias),
  );
  assert.deepEqual(went.json, { removed: wholeOf({ ...content, aliases: [alias] }) });

  const second = await newContent(1);
  const late = newName('late');
  const came = await whileOpen(
    sql,
    (tx) =>
      tx`insert into aliases (alias, hash, delete_token) values (${late}, decode(${second.hash}, 'hex'), 't')`,
    () => release(second.aliases[0] ?? ''),
  );
  assert.deepEqual(came.json, { removed: { ...NOTHING, aliases: second.aliases } });
  assert.deepEqual((await ask('GET', `/aliases/${late}/hash`)).json, { hash: second.hash });
});

test('releaseAlias: what comes to the content meanwhile goes with it, and is named', async () => {
  const content = await newContent(1);
  const { json } = await whileOpen(
    sql,
    (tx) =>
      tx`insert into variants (hash, variant, identifier) values (decode(${content.hash}, 'hex'), 'w', ${`${content.hash}.x`})`,
    () => release(content.aliases[0] ?? ''),
  );
  assert.deepEqual(json.removed.identifiers, [...filesOf(content.hash), `${content.hash}.x`]);
  assert.deepEqual(await standing(content.hash), GONE);
});

test('releaseAlias: an alias of the same bytes that comes after is new, and has its own token', async () => {
  const { hash, aliases } = await newContent(1);
  const [alias = ''] = aliases;
  await release(alias);
  await made('PUT', `/hashes/${hash}`, { identifier: `${hash}.again` });
  await made('PUT', `/aliases/${alias}`, { hash, delete_token: 'new' });
  assertProblem(await release(alias), 403, 'invalid_delete_token');
  assert.equal((await ask('GET', `/media?alias=${alias}`)).json.details, null);
});

test('releaseOwner: the oldest first, in passes, aliases of one content judged together', async () => {
  const owner = newName('https://example.org/u');
  const shared = await newContent(3, { owner });
  const single = await newContent(1, { owner });
  const kept = await newContent(2, { owner });
  const [foreign = ''] = kept.aliases;
  await made('PUT', `/aliases/${foreign}/owner`, { owner: 'somebody else' });
  const pass = (more: object = {}) => ask('POST', '/media/release-owner', { owner, ...more });
  const dry = await pass({ limit: 4, dry_run: true, enqueue: 'owner' });
  const first = await pass({ limit: 4, enqueue: 'owner' });
  assert.deepEqual(dry.json, first.json);
  assert.deepEqual(first.json.removed, {
    aliases: [...shared.aliases, ...single.aliases],
    hashes: [shared.hash, single.hash].sort(),
    variants: [shared.hash, single.hash].sort().map((hash) => ({ hash, variant: 'v' })),
    identifiers: [...filesOf(shared.hash), ...filesOf(single.hash)].sort(),
  });
  assert.equal(first.json.more, true);
  const jobs = await jobsOf('owner');
  assert.deepEqual(
    jobs.map(({ identifier }) => identifier),
    first.json.removed.identifiers,
  );
  const rest = { removed: { ...NOTHING, aliases: kept.aliases.slice(1) }, more: false };
  assert.deepEqual((await pass()).json, rest);
  assert.deepEqual((await pass()).json, { removed: NOTHING, more: false });
  assert.deepEqual(await standing(kept.hash), { hashes: 1, variants: 1, aliases: 1, details: 3 });
});

test('releaseOwner: an alias that is given to somebody else meanwhile stays', async () => {
  const owner = newName('owner');
  const content = await newContent(2, { owner });
  const [alias = '', other = ''] = content.aliases;
  const { json } = await whileOpen(
    sql,
    (tx) => tx`update aliases set owner = 'another' where alias = ${alias}`,
    () => ask('POST', '/media/release-owner', { owner }),
  );
  assert.deepEqual(json.removed, { ...NOTHING, aliases: [other] });
});

test('expireAliases: those that expired before a time, the oldest first; one that is made valid meanwhile stays', async () => {
  const at = (n: number): string => `2026-01-0${n}T00:00:00Z`;
  const contents = [];
  for (const n of [3, 1, 2]) contents.push(await newContent(1, { expires_at: at(n) }));
  const [third, first, second] = contents;
  assert.ok(first && second && third);
  await newContent(1, { expires_at: FUTURE });
  const pass = (more: object) => ask('POST', '/media/expire-aliases', { older_than: at(3), ...more });
  assert.deepEqual((await pass({ limit: 1 })).json, { removed: wholeOf(first), more: true });
  const { json } = await whileOpen(
    sql,
    (tx) => tx`update aliases set expires_at = ${FUTURE} where alias = ${second.aliases[0] ?? ''}`,
    () => pass({}),
  );
  assert.deepEqual(json, { removed: NOTHING, more: false });
  // Strictly before; and a time of the future counts as now.
  const rest = await ask('POST', '/media/expire-aliases', { older_than: FUTURE });
  assert.deepEqual(rest.json, { removed: wholeOf(third), more: false });
});

/** Variants of a content of their own, each with a last access; null where there was none. */
async function newVariants(accesses: (string | null)[]) {
  const hash = newHash();
  await made('PUT', `/hashes/${hash}`, { identifier: `${hash}.png` });
  for (const [n, at] of accesses.entries()) {
    const file = `${hash}.${n}`;
    await made('PUT', `/hashes/${hash}/variant?variant=${n}`, { identifier: file });
    await made('PUT', `/details?identifier=${file}`, { of: file });
    if (at !== null) await made('PUT', `/hashes/${hash}/variant/access?variant=${n}`, { at });
  }
  await sql`update variants set idle_since = '2025-01-01Z' where hash = decode(${hash}, 'hex')`;
  return hash;
}

const variantsOf = async (hash: string): Promise<string[]> =>
  (await ask('GET', `/hashes/${hash}/variants`)).json.variants.map(
    ({ variant }: { variant: string }) => variant,
  );

const expireVariants = (more: object) =>
  ask('POST', '/media/expire-variants', { older_than: '2026-02-01T00:00:00Z', ...more });

test('expireVariants: by last access, the oldest first, with ties; without an access by their creation', async () => {
  const day = (n: number): string => `2026-01-${n}T00:00:00Z`;
  const hash = await newVariants([day(13), day(12), '2026-02-01T00:00:00Z', day(12), day(11), null]);
  const passes = [];
  for (let pass = 0; pass < 4; pass++) {
    const { json } = await expireVariants({ limit: 2, enqueue: 'variants', delay_seconds: 3600 });
    passes.push(json);
  }
  assert.deepEqual(
    passes.map(({ removed, more }) => [removed.identifiers, more]),
    [
      [[`${hash}.4`, `${hash}.5`], true],
      [[`${hash}.1`, `${hash}.3`], true],
      [[`${hash}.0`], false],
      [[], false],
    ],
  );
  assert.deepEqual(passes[2]?.removed, {
    ...NOTHING,
    variants: [{ hash, variant: '0' }],
    identifiers: [`${hash}.0`],
  });
  assert.deepEqual(await variantsOf(hash), ['2']);
  assert.deepEqual(await standing(hash), { hashes: 1, variants: 1, aliases: 0, details: 1 });
  assert.equal((await sql`select from variant_accesses where hash = decode(${hash}, 'hex')`).length, 1);
  const jobs = await jobsOf('variants');
  assert.deepEqual([...new Set(jobs.map(({ state }) => state))], ['scheduled']);
  assert.equal(jobs.length, 5);
});

test('expireVariants: a dry run removes nothing, and names what the next pass removes', async () => {
  const hash = await newVariants(['2026-01-01T00:00:00Z', null]);
  const dry = await expireVariants({ dry_run: true, enqueue: 'dry' });
  assert.deepEqual(dry.json.removed.identifiers, [`${hash}.0`, `${hash}.1`]);
  assert.deepEqual(await variantsOf(hash), ['0', '1']);
  assert.deepEqual((await expireVariants({})).json, dry.json);
  assert.deepEqual(await jobsOf('dry'), []);
});

test('expireVariants: variants in use never hide old ones, however many they are', async () => {
  const used = newHash();
  await made('PUT', `/hashes/${used}`, { identifier: `${used}.png` });
  await sql`
    insert into variants (hash, variant, identifier, idle_since)
    select decode(${used}, 'hex'), n::text, ${used} || '.' || n, '2024-01-01Z' from generate_series(1, 1200) as n`;
  await sql`
    insert into variant_accesses (hash, variant, accessed)
    select hash, variant, '2026-03-01Z' from variants where hash = decode(${used}, 'hex')`;
  const old = await newVariants(['2026-01-01T00:00:00Z']);
  const { json } = await expireVariants({});
  assert.deepEqual(json, {
    removed: { ...NOTHING, variants: [{ hash: old, variant: '0' }], identifiers: [`${old}.0`] },
    more: false,
  });
  assert.equal((await standing(used))?.['variants'], 1200);
});

test('expireVariants: a concurrent access keeps its variant, whether it is the first access or not', async () => {
  for (const at of ['2026-01-01T00:00:00Z', null]) {
    const hash = await newVariants([at]);
    const { json } = await whileOpen(
      sql,
      (tx) => tx`
        insert into variant_accesses (hash, variant, accessed) values (decode(${hash}, 'hex'), '0', clock_timestamp())
        on conflict (hash, variant) do update set accessed = excluded.accessed`,
      () => expireVariants({}),
    );
    assert.deepEqual(json, { removed: NOTHING, more: false });
    assert.deepEqual(await variantsOf(hash), ['0']);
  }
});

test('expireVariants: accesses of the last seconds may still be on their way', async () => {
  const hash = await newVariants([null, null]);
  await sql`update variants set idle_since = clock_timestamp() where variant = '1' and hash = decode(${hash}, 'hex')`;
  const { json } = await expireVariants({ older_than: FUTURE });
  assert.ok(json.removed.identifiers.includes(`${hash}.0`));
  assert.deepEqual(await variantsOf(hash), ['1']);
});

test('expireVariants: if the time of creation is not known, the first pass counts', async () => {
  const hash = await newVariants([null, '2026-01-01T00:00:00Z']);
  await sql`update variants set idle_since = '-infinity' where hash = decode(${hash}, 'hex')`;
  assert.deepEqual((await expireVariants({})).json.removed.identifiers, [`${hash}.1`]);
  const [row] =
    await sql`select idle_since > now() - interval '1 hour' as is_new from variants where hash = decode(${hash}, 'hex')`;
  assert.equal(row?.['is_new'], true);
});

/** An alias with URLs, and its last access. */
async function newProxied(at: string | null, urls = 1) {
  const content = await newContent(1);
  const [alias = ''] = content.aliases;
  for (let n = 0; n < urls; n++)
    await made('PUT', '/proxies', { url: `https://example.org/${alias}/${n}`, alias });
  if (at !== null) await made('PUT', `/aliases/${alias}/access`, { at });
  await sql`update proxies set idle_since = '2025-01-01Z' where alias = ${alias}`;
  return content;
}

const expireProxied = (more: object = {}) =>
  ask('POST', '/media/expire-proxied', { older_than: '2026-02-01T00:00:00Z', ...more });

test('expireProxied: aliases with URLs by their last access, the oldest first; others stay however old', async () => {
  const second = await newProxied('2026-01-02T00:00:00Z', 2);
  const first = await newProxied(null);
  const third = await newProxied('2026-01-03T00:00:00Z');
  await newProxied('2026-02-01T00:00:00Z');
  const plain = await newContent(1);
  await made('PUT', `/aliases/${plain.aliases[0]}/access`, { at: '2026-01-01T00:00:00Z' });
  assert.deepEqual((await expireProxied({ limit: 1 })).json, { removed: wholeOf(first), more: true });
  assert.deepEqual((await expireProxied({ limit: 1, dry_run: true })).json, {
    removed: wholeOf(second),
    more: true,
  });
  assert.deepEqual((await expireProxied({ limit: 1, enqueue: 'proxied' })).json, {
    removed: wholeOf(second),
    more: true,
  });
  assert.equal((await jobsOf('proxied')).length, 3);
  assert.deepEqual((await expireProxied()).json, { removed: wholeOf(third), more: false });
  assert.equal((await ask('GET', `/aliases/${plain.aliases[0]}/hash`)).status, 200);
});

test('expireProxied: a concurrent access or new URL keeps the alias', async () => {
  const accessed = await newProxied(null);
  const related = await newProxied('2026-01-01T00:00:00Z');
  const [[alias = ''], [other = '']] = [accessed.aliases, related.aliases];
  const { json } = await whileOpen(
    sql,
    async (tx) => {
      await tx`insert into alias_accesses (alias, accessed) values (${alias}, clock_timestamp())`;
      await tx`insert into proxies (url_sha256, url, alias) values (sha256(${other}::text::bytea), ${other}, ${other})`;
    },
    () => expireProxied(),
  );
  assert.deepEqual(json, { removed: NOTHING, more: false });
});

test('a content with more children than one statement may remove needs a queue, and is removed in steps; without one nothing is removed', async () => {
  const owner = newName('owner');
  for (const [path, body, answersMore] of [
    ['release-owner', { owner, limit: 10 }, false],
    [undefined, { delete_token: 'token' }, true],
  ] as const) {
    const small = await newContent(1, { owner });
    const large = await newContent(1, { owner });
    await sql`
      insert into variants (hash, variant, identifier)
      select decode(${large.hash}, 'hex'), 'more ' || n, ${large.hash} || '.' || n from generate_series(1, 1000) as n`;
    const url = `/media/${path ?? `${large.aliases[0]}/release`}`;
    assertProblem(await ask('POST', url, body), 409, 'enqueue_required');
    assert.equal((await standing(small.hash))?.['aliases'], 1);
    assert.equal((await standing(large.hash))?.['variants'], 1001);
    const queue = newName('steps');
    const { removed, more } = (await ask('POST', url, { ...body, enqueue: queue })).json;
    assert.deepEqual(removed.hashes, path ? [small.hash, large.hash].sort() : [large.hash]);
    assert.deepEqual(removed.aliases, path ? [...small.aliases, ...large.aliases] : large.aliases);
    assert.deepEqual(removed.identifiers, path ? filesOf(small.hash) : []);
    assert.equal(more, answersMore);
    assertProblem(await ask('GET', `/media?alias=${large.aliases[0]}`), 404, 'alias_not_found');
    await until(async () => (await standing(large.hash))?.['hashes'] === 0);
    assert.deepEqual(await standing(large.hash), GONE);
    assert.equal((await jobsOf(queue)).length, (path ? 3 : 0) + 1003);
  }
});

test('a content that is being removed takes no upload until it is gone, nor one of its names, and condemns no file of it', async () => {
  const { hash, aliases } = await newContent(1);
  const [alias = ''] = aliases;
  const url = `https://example.org/${newName('url')}`;
  await made('PUT', '/proxies', { url, alias });
  await sql`update hashes set doomed_at = clock_timestamp() where hash = decode(${hash}, 'hex')`;
  const names = { hash, alias, proxy_url: url };
  for (const name of ['hash', 'alias', 'proxy_url'] as const) {
    const enqueue = newName('doomed');
    const { alias: at, ...upload } = {
      hash: newHash(),
      identifier: newName('file'),
      delete_token: 't',
      alias: newName('alias'),
      [name]: names[name],
      enqueue,
    };
    assertProblem(await ask('PUT', `/media/${at}`, upload), 503, 'hash_being_removed');
    assert.deepEqual(await jobsOf(enqueue), []);
    assert.equal((await sql`select from files where identifier = ${upload.identifier}`).length, 0);
  }
  const upload = { hash: newHash(), identifier: filesOf(hash)[0], delete_token: 't' };
  assertProblem(await ask('PUT', `/media/${newName('alias')}`, upload), 409, 'identifier_condemned');
});
