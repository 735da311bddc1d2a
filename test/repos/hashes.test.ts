import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { TransactionSql } from 'postgres';
import { newHash } from '../support/new-hash.js';
import { atOnce, tally, whileOpen } from '../support/races.js';
import { assertProblem } from '../support/raw-http.js';
import { askRaw, assertInvalid, badHashes, badNames, unstorable } from '../support/refused-values.js';
import { linesOf, startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const { ask, sql, base, parked } = await startTestService();
const encoded = encodeURIComponent;

function create(hash: string, identifier: string) {
  return ask('PUT', `/hashes/${hash}`, { identifier });
}

function relate(hash: string, variant: string, identifier: string) {
  return ask('PUT', `/hashes/${hash}/variant?variant=${encoded(variant)}`, { identifier });
}

async function identifierOf(hash: string): Promise<string> {
  return (await ask('GET', `/hashes/${hash}/identifier`)).json.identifier;
}

/** A hash with its file, `<hash>.png`. */
async function newContent(): Promise<string> {
  const hash = newHash();
  assert.equal((await create(hash, `${hash}.png`)).status, 201);
  return hash;
}

test('hashes, size: none in an empty table, counted and estimated', async () => {
  assert.equal((await ask('GET', '/hashes')).text, '{"end":true,"count":0}\n');
  assert.deepEqual((await ask('GET', '/hashes/size')).json, { size: 0 });
  assert.deepEqual((await ask('GET', '/hashes/size?estimate=true')).json, { size: 0 });
});

test('hashes: in the order of bytes, across pages of the server, each once', async () => {
  // Hashes of 1, 2 and 4 bytes: the order of their bytes is not that of their lengths.
  await sql`
    insert into hashes (hash, identifier)
    select decode(lpad(to_hex(n), case when n < 256 then 2 when n < 65536 then 4 else 8 end, '0'), 'hex'), n::text
    from generate_series(1, 80000, 14) as n`;
  const [{ hashes } = { hashes: [] }] = await sql<{ hashes: string[] }[]>`
    select json_agg(encode(hash, 'hex') order by hash) as hashes from hashes`;
  const lines = linesOf(await ask('GET', '/hashes'));
  assert.deepEqual(lines.pop(), { end: true, count: 5715 });
  assert.deepEqual(
    lines.map(({ hash }) => hash),
    hashes,
  );

  assert.deepEqual((await ask('GET', '/hashes/size')).json, { size: 5715 });
  const { size } = (await ask('GET', '/hashes/size?estimate=true')).json;
  assert.ok(size > 4000 && size < 8000, `estimated without statistics: ${size}`);
  await sql`analyze hashes`;
  assert.deepEqual((await ask('GET', '/hashes/size?estimate=true')).json, { size: 5715 });
});

test('hashes: limit leaves the rest to "next", which is no row of its own', async () => {
  const all = linesOf(await ask('GET', '/hashes'))
    .map(({ hash }) => hash)
    .slice(0, -1);
  const seen = [];
  let after: string | undefined;
  do {
    const lines = linesOf(
      await ask('GET', `/hashes?limit=5002${after ? `&after=${after.toUpperCase()}` : ''}`),
    );
    after = lines.pop()?.['next'];
    seen.push(...lines.map(({ hash }) => hash));
  } while (after);
  assert.deepEqual(seen, all);
  const exact = await ask('GET', `/hashes?limit=2&after=${all.at(-3)}`);
  assert.equal(exact.text, `{"hash":"${all.at(-2)}"}\n{"hash":"${all.at(-1)}"}\n{"end":true,"count":2}\n`);
  await sql`truncate hashes cascade`;
});

test('hashes, size: 400 for what is no limit, no hash, no boolean; HEAD is answered', async () => {
  for (const query of [
    'limit=0',
    'limit=-1',
    'limit=1e3',
    'limit=',
    'limit=1000000001',
    'limit=1&limit=2',
    'x=1',
  ]) {
    assertProblem(await ask('GET', `/hashes?${query}`), 400, 'invalid_request');
  }
  for (const hash of badHashes)
    assertProblem(await ask('GET', `/hashes?after=${hash}`), 400, 'invalid_request');
  for (const query of ['estimate=1', 'estimate=', 'estimate=TRUE', 'exact=true']) {
    assertProblem(await ask('GET', `/hashes/size?${query}`), 400, 'invalid_request');
  }
  assert.equal((await ask('HEAD', '/hashes')).status, 200);
});

test('every route: 400 for what is no hash, 1 to 64 bytes are one', async () => {
  const body = '{"identifier":"never"}';
  const routes: [method: string, below: string, body?: string][] = [
    ['PUT', '', body],
    ['DELETE', ''],
    ['PUT', '/identifier', body],
    ['GET', '/identifier'],
    ['PUT', '/variant?variant=v', body],
    ['GET', '/variant?variant=v'],
    ['DELETE', '/variant?variant=v'],
    ['GET', '/variants'],
    ['PUT', '/motion-identifier', body],
    ['GET', '/motion-identifier'],
    ['GET', '/aliases'],
    ['PUT', '/variant/access?variant=v'],
    ['GET', '/variant/access?variant=v'],
    ['DELETE', '/variant/access?variant=v'],
  ];
  for (const [method, below, json] of routes) {
    for (const hash of [...badHashes, '%FF', '..']) {
      const fault = assertInvalid(await askRaw(base, method, `/hashes/${hash}${below}`, json));
      if (fault) assert.equal(fault, '/params/hash');
    }
  }
  for (const length of [1, 32, 39, 64])
    assert.equal((await create('AB'.repeat(length), `${length}`)).status, 201);
});

test('create: 201, then 200 with the same body, also in upper case', async () => {
  const hash = newHash();
  const created = await create(hash, 'a/ü%2F?&.png');
  assert.equal(created.status, 201);
  assert.deepEqual(created.json, { hash, identifier: 'a/ü%2F?&.png' });
  const again = await create(hash.toUpperCase(), 'a/ü%2F?&.png');
  assert.equal(again.status, 200);
  assert.equal(again.text, created.text);
  assert.deepEqual((await ask('GET', `/hashes/${hash.toUpperCase()}/identifier`)).json, {
    identifier: 'a/ü%2F?&.png',
  });
});

test('create: 409 hash_already_exists, before identifier_already_used', async () => {
  const [first, second] = [await newContent(), await newContent()];
  const existing = { hash: first, identifier: `${first}.png` };
  for (const identifier of ['other', `${second}.png`]) {
    assert.deepEqual(
      assertProblem(await create(first, identifier), 409, 'hash_already_exists')['existing'],
      existing,
    );
  }
  const used = assertProblem(await create(newHash(), `${first}.png`), 409, 'identifier_already_used');
  assert.deepEqual(used['existing'], existing);
});

test('every body: 400 for anything but an identifier that can be stored', async () => {
  const hash = await newContent();
  const bodies: [code: string, body: unknown][] = [
    ...[undefined, {}, null, [], 'null', { identifier: 1 }, { identifier: null }, { identifier: '' }].map(
      (body): [string, unknown] => ['invalid_request', body],
    ),
    ['invalid_request', { identifier: 'a', more: 1 }],
    ['malformed_json', '{"identifier":"a"'],
    ...unstorable.map((identifier): [string, unknown] => ['invalid_text', { identifier }]),
    ['identifier_too_long', { identifier: 'a'.repeat(2049) }],
    ['identifier_too_long', { identifier: `${'é'.repeat(1024)}a` }],
  ];
  for (const path of ['', '/identifier', '/variant?variant=v', '/motion-identifier']) {
    for (const [code, body] of bodies)
      assertProblem(await ask('PUT', `/hashes/${hash}${path}`, body), 400, code);
    const large = await ask('PUT', `/hashes/${hash}${path}`, { identifier: 'a'.repeat(70_000) });
    assertProblem(large, 413, 'body_too_large');
  }
  assert.equal(await identifierOf(hash), `${hash}.png`);
});

test('every text: 2,048 bytes that do not compress are stored, one more is too long', async () => {
  // Random, since PostgreSQL compresses what repeats before it finds that a row of an index is too long.
  const text = (end: string) =>
    randomBytes(1536).toString('base64').slice(Buffer.byteLength(end)).replaceAll('+', '-') + end;
  const hash = randomBytes(64).toString('hex');
  assert.equal((await create(hash, text('é'))).status, 201);
  const variant = text('é');
  assert.equal((await relate(hash, variant, text('é'))).status, 201);
  assert.equal((await ask('PUT', `/hashes/${hash}/variant/access?variant=${encoded(variant)}`)).status, 204);
  assertProblem(await relate(hash, `${variant}a`, 'short'), 400, 'variant_too_long');
  assertProblem(await relate(hash, 'é'.repeat(1025), 'short'), 400, 'variant_too_long');
  for (const method of ['GET', 'DELETE']) {
    const path = `/hashes/${hash}/variant?variant=${encoded(`${variant}a`)}`;
    assertProblem(await ask(method, path), 400, 'variant_too_long');
    assert.equal((await ask(method, path.slice(0, -1))).status, 200);
  }
});

test('updateIdentifier: names the file that it had, whose details go; 404 and 409 change nothing', async () => {
  const [hash, other] = [await newContent(), await newContent()];
  await ask('PUT', `/details?identifier=${hash}.png`, { old: true });
  for (const identifiers of [[`${hash}.png`], []]) {
    const { status, json } = await ask('PUT', `/hashes/${hash}/identifier`, { identifier: `${hash}/new` });
    assert.deepEqual([status, json], [200, { removed: { identifiers } }]);
  }
  assert.equal(await identifierOf(hash), `${hash}/new`);
  assertProblem(await ask('GET', `/details?identifier=${hash}.png`), 404, 'details_not_found');

  await ask('PUT', `/details?identifier=${hash}/new`, { kept: true });
  const used = await ask('PUT', `/hashes/${hash}/identifier?enqueue=refused`, { identifier: `${other}.png` });
  const { existing } = assertProblem(used, 409, 'identifier_already_used');
  assert.deepEqual(existing, { hash: other, identifier: `${other}.png` });
  const condemned = await ask('PUT', `/hashes/${other}/identifier`, { identifier: `${hash}.png` });
  assertProblem(condemned, 409, 'identifier_condemned');
  assert.equal(await identifierOf(hash), `${hash}/new`);
  assert.deepEqual((await ask('GET', `/details?identifier=${hash}/new`)).json, { kept: true });
  assert.equal((await sql`select from jobs where queue = 'refused'`).length, 0);
  const unknown = await ask('PUT', `/hashes/${newHash()}/identifier`, { identifier: `${other}.png` });
  assertProblem(unknown, 404, 'hash_not_found');
  assertProblem(await ask('GET', `/hashes/${newHash()}/identifier`), 404, 'hash_not_found');
});

test('updateIdentifier: with keep_details they move byte for byte, unless the new file has some', async () => {
  const hash = await newContent();
  const details = '{"n":-0, "x":1.50}';
  await ask('PUT', `/details?identifier=${hash}.png`, details);
  const path = `/hashes/${hash}/identifier?keep_details=true&enqueue=replaced`;
  await ask('PUT', path, { identifier: `${hash}/2` });
  assert.equal((await ask('GET', `/details?identifier=${hash}/2`)).text, details);
  await ask('PUT', `/details?identifier=${hash}/3`, { own: true });
  await ask('PUT', path, { identifier: `${hash}/3` });
  assert.deepEqual((await ask('GET', `/details?identifier=${hash}/3`)).json, { own: true });
  for (const old of [`${hash}.png`, `${hash}/2`])
    assertProblem(await ask('GET', `/details?identifier=${old}`), 404, 'details_not_found');
  const jobs = await sql<{ job: string }[]>`
    select job -> 'Identifier' ->> 'identifier' as job from jobs where queue = 'replaced' order by seq`;
  assert.deepEqual(
    jobs.map(({ job }) => job),
    [`${hash}.png`, `${hash}/2`],
  );
});

test('motion identifier: 404 before, 200, the one before is named, 409 when somebody has it', async () => {
  const [hash, other] = [await newContent(), await newContent()];
  const path = `/hashes/${hash}/motion-identifier`;
  assertProblem(await ask('GET', path), 404, 'motion_identifier_not_found');
  assertProblem(await ask('GET', `/hashes/${newHash()}/motion-identifier`), 404, 'hash_not_found');
  const unknown = await ask('PUT', `/hashes/${newHash()}/motion-identifier`, { identifier: 'm' });
  assertProblem(unknown, 404, 'hash_not_found');
  for (const [identifier, identifiers] of [
    [`${hash}.mp4`, []],
    [`${hash}.mp4`, []],
    [`${hash}.webm`, [`${hash}.mp4`]],
  ] as const) {
    const { status, json } = await ask('PUT', path, { identifier });
    assert.deepEqual([status, json], [200, { removed: { identifiers } }]);
    assert.deepEqual((await ask('GET', path)).json, { identifier });
  }
  const used = await ask('PUT', `/hashes/${other}/motion-identifier`, { identifier: `${hash}.webm` });
  const { existing } = assertProblem(used, 409, 'identifier_already_used');
  assert.deepEqual(existing, { hash, identifier: `${hash}.webm` });
});

test('cleanup: all goes together, every file is named once; an unknown hash has nothing', async () => {
  const hash = await newContent();
  const files = [`${hash}.mp4`, `${hash}.png`, `${hash}/a`, `${hash}/b`];
  await ask('PUT', `/hashes/${hash}/motion-identifier`, { identifier: `${hash}.mp4` });
  for (const variant of ['b', 'a']) {
    await relate(hash, variant, `${hash}/${variant}`);
    await ask('PUT', `/hashes/${hash}/variant/access?variant=${variant}`);
  }
  for (const file of files) await ask('PUT', `/details?identifier=${file}`, {});
  for (const alias of [`${hash}-2`, `${hash}-1`]) {
    await ask('PUT', `/aliases/${alias}`, { hash, delete_token: 't' });
    await ask('PUT', `/aliases/${alias}/access`);
    await ask('PUT', '/proxies', { url: `https://example.org/${alias}`, alias });
  }
  const { status, json } = await ask('DELETE', `/hashes/${hash}`);
  const aliases = [`${hash}-1`, `${hash}-2`];
  assert.deepEqual([status, json], [200, { removed: { aliases, variants: ['a', 'b'], identifiers: files } }]);
  const [left] = await sql`
    select
      (select count(*)::integer from details where identifier like ${`${hash}%`}) as details,
      (select count(*)::integer from proxies where alias like ${`${hash}%`}) as proxies,
      (select count(*)::integer from alias_accesses where alias like ${`${hash}%`}) as alias_accesses,
      (select count(*)::integer from variant_accesses where hash = decode(${hash}, 'hex')) as variant_accesses`;
  assert.deepEqual({ ...left }, { details: 0, proxies: 0, alias_accesses: 0, variant_accesses: 0 });
  const again = await ask('DELETE', `/hashes/${hash}`);
  assert.deepEqual(
    [again.status, again.json],
    [200, { removed: { aliases: [], variants: [], identifiers: [] } }],
  );
});

test('cleanup: only_if_unreferenced refuses with the aliases, removes and enqueues nothing', async () => {
  const hash = await newContent();
  for (const alias of ['b', 'a']) await ask('PUT', `/aliases/${alias}`, { hash, delete_token: 't' });
  const refused = await ask('DELETE', `/hashes/${hash}?only_if_unreferenced=true&enqueue=refused`);
  assert.deepEqual(assertProblem(refused, 409, 'hash_in_use')['existing'], { aliases: ['a', 'b'] });
  assert.equal(await identifierOf(hash), `${hash}.png`);
  assert.equal((await sql`select from jobs where queue = 'refused'`).length, 0);
  const { removed } = (await ask('DELETE', `/hashes/${hash}?only_if_unreferenced=false`)).json;
  assert.deepEqual(removed.aliases, ['a', 'b']);
  const unreferenced = await newContent();
  const { json } = await ask('DELETE', `/hashes/${unreferenced}?only_if_unreferenced=true`);
  assert.deepEqual(json.removed.identifiers, [`${unreferenced}.png`]);
});

test('cleanup: enqueue pushes a job for each file, once, and wakes the polls of all replicas', async () => {
  const hash = await newContent();
  await relate(hash, 'v', `${hash}"\\/ü`);
  const rung: string[] = [];
  const { unlisten } = await sql.listen('pict_repo_jobs', (payload) => rung.push(payload));
  const pop = ask('POST', '/queues/files/pop', { worker_id: 'w', max: 10 });
  await until(() => parked() === 1);
  const removed = await ask('DELETE', `/hashes/${hash}?enqueue=files`);
  const files = [`${hash}"\\/ü`, `${hash}.png`];
  assert.deepEqual(removed.json.removed.identifiers, files);
  const jobs: { job: unknown; max_attempts: number }[] = (await pop).json.jobs;
  assert.deepEqual(
    jobs.map(({ job }) => job),
    files.map((identifier) => ({ Identifier: { identifier } })),
  );
  assert.equal(jobs[0]?.max_attempts, 5);
  await until(() => rung.some((payload) => payload.split('\n').includes('files')));
  await unlisten();
  await ask('DELETE', `/hashes/${hash}?enqueue=files`);
  assert.equal((await sql`select from jobs where queue = 'files'`).length, 2);
});

test('cleanup: 400 for what is no boolean and no queue', async () => {
  const hash = await newContent();
  const queries = [
    'only_if_unreferenced=1',
    'only_if_unreferenced=',
    'x=1',
    'enqueue=a&enqueue=b',
    'enqueue=%00',
  ];
  for (const query of [...queries, ...badNames.map((name) => `enqueue=${encoded(name)}`)]) {
    assertProblem(await ask('DELETE', `/hashes/${hash}?${query}`), 400, 'invalid_request');
  }
  for (const queue of ['a'.repeat(256), 'é'.repeat(128)]) {
    assertProblem(await ask('DELETE', `/hashes/${hash}?enqueue=${encoded(queue)}`), 400, 'queue_too_long');
  }
  assert.equal(
    (await ask('DELETE', `/hashes/${hash}?enqueue=${encoded(`${'é'.repeat(127)}a`)}`)).status,
    200,
  );
});

// Naive: `insert … on conflict do nothing` and then what stands, run once: a rival that commits after the
// snapshot is in the way and not to be seen, so that nothing is returned. `do update` would overwrite it.
test('create, race: of 200 identifiers for one hash one wins, and all others learn which', async () => {
  const hash = newHash();
  const answers = await atOnce(200, (n) => create(hash, `${hash}-${n}`));
  assert.deepEqual(tally(answers), { 201: 1, '409 hash_already_exists': 199 });
  const identifier = await identifierOf(hash);
  for (const { status, json } of answers) {
    assert.deepEqual(status === 201 ? json : json.existing, { hash, identifier });
  }
});

// Naive: a plain insert answers 500 to 199 of them, and `do nothing` tells them nothing.
test('create, race: of 200 retries with the same identifier one creates, and all get the same body', async () => {
  const hash = newHash();
  const answers = await atOnce(200, () => create(hash, hash));
  assert.deepEqual(tally(answers), { 200: 199, 201: 1 });
  assert.deepEqual(new Set(answers.map(({ text }) => text)).size, 1);
});

// Naive: `on conflict (hash)` fails on the second unique key, and nobody looks for its holder.
test('create, race: of 200 hashes for one identifier one wins, and all others learn which', async () => {
  const identifier = newHash();
  const answers = await atOnce(200, () => create(newHash(), identifier));
  assert.deepEqual(tally(answers), { 201: 1, '409 identifier_already_used': 199 });
  const winner = answers.find(({ status }) => status === 201)?.json;
  for (const { status, json } of answers) assert.deepEqual(status === 201 ? json : json.existing, winner);
});

// Naive: as above, run once; here the rival commits for certain between the snapshot and the conflict.
test('create, race: a rival that commits is seen, one that rolls back is not', async () => {
  const rival = () => {
    const [hash, taken] = [newHash(), newHash()];
    const insert = (tx: TransactionSql) => tx`
      insert into hashes (hash, identifier) values (decode(${hash}, 'hex'), ${taken})`;
    return { hash, taken, insert, existing: { hash, identifier: taken } };
  };
  const undone = rival();
  const created = await whileOpen(sql, undone.insert, () => create(undone.hash, newHash()), 'rollback');
  assert.equal(created.status, 201);
  const first = rival();
  const late = await whileOpen(sql, first.insert, () => create(first.hash, newHash()));
  assert.deepEqual(assertProblem(late, 409, 'hash_already_exists')['existing'], first.existing);
  const second = rival();
  const used = await whileOpen(sql, second.insert, () => create(newHash(), second.taken));
  assert.deepEqual(assertProblem(used, 409, 'identifier_already_used')['existing'], second.existing);
  const third = rival();
  assert.equal((await whileOpen(sql, third.insert, () => create(third.hash, third.taken))).status, 200);
});

// Naive: what the snapshot still shows is taken for what stands, and a client that was told 409 deletes the
// file of the row that it has in fact created.
test('create, race: 201 where the hash in the way is removed meanwhile', async () => {
  const hash = await newContent();
  const remove = (tx: TransactionSql) => tx`delete from hashes where hash = decode(${hash}, 'hex')`;
  const created = await whileOpen(sql, remove, () => create(hash, `${hash}-new`));
  assert.deepEqual([created.status, created.json.identifier], [201, await identifierOf(hash)]);
});

// Naive: the holder is looked for in the snapshot only, and the unique index then says 500.
test('updateIdentifier, race: 409 where another hash gets the identifier meanwhile', async () => {
  const [hash, other] = [await newContent(), await newContent()];
  for (const [column, route] of [
    ['identifier', 'identifier'],
    ['motion_identifier', 'motion-identifier'],
  ] as const) {
    const identifier = newHash();
    const late = await whileOpen(
      sql,
      (tx) => tx`update hashes set ${tx(column)} = ${identifier} where hash = decode(${other}, 'hex')`,
      () => ask('PUT', `/hashes/${hash}/${route}`, { identifier }),
    );
    const { existing } = assertProblem(late, 409, 'identifier_already_used');
    assert.deepEqual(existing, { hash: other, identifier });
  }
});

// Naive: with ON DELETE CASCADE or one look at the children, the late variant goes unnamed and its file leaks.
test('cleanup, race: a variant that came meanwhile is named, and enqueued once', async () => {
  const hash = await newContent();
  const removed = await whileOpen(
    sql,
    async (tx) => {
      await tx`
        insert into variants (hash, variant, identifier)
        values (decode(${hash}, 'hex'), 'late', ${`${hash}/late`})`;
      await tx`insert into details (identifier, details) values (${`${hash}/late`}, '{}')`;
    },
    () => ask('DELETE', `/hashes/${hash}?enqueue=late`),
  );
  const identifiers = [`${hash}.png`, `${hash}/late`];
  assert.deepEqual(removed.json, { removed: { aliases: [], variants: ['late'], identifiers } });
  assertProblem(await ask('GET', `/details?identifier=${hash}/late`), 404, 'details_not_found');
  const jobs = await sql<{ job: string }[]>`
    select job -> 'Identifier' ->> 'identifier' as job from jobs where queue = 'late' order by seq`;
  assert.deepEqual(
    jobs.map(({ job }) => job),
    identifiers,
  );
});

// Naive: the hash is read without a lock, and what it was a moment ago is named.
test('removals, race: details that a rival is relating go with their file, and those of other files stay', async () => {
  for (const way of ['cleanup', 'variant', 'replaced']) {
    const hash = newHash();
    await ask('PUT', `/hashes/${hash}`, { identifier: `${hash}.png` });
    await ask('PUT', `/hashes/${hash}/variant?variant=v`, { identifier: `${hash}.v` });
    const file = way === 'variant' ? `${hash}.v` : `${hash}.png`;
    const answer = await whileOpen(
      sql,
      (tx) =>
        tx`insert into details (identifier, details) values (${file}, '{}'), (${`${hash}.other`}, '{}')`,
      () => {
        if (way === 'cleanup') return ask('DELETE', `/hashes/${hash}`);
        if (way === 'variant') return ask('DELETE', `/hashes/${hash}/variant?variant=v`);
        return ask('PUT', `/hashes/${hash}/identifier`, { identifier: `${hash}.new` });
      },
    );
    assert.ok(answer.json.removed.identifiers.includes(file), way);
    const left = await sql`select identifier from details where starts_with(identifier, ${hash})`;
    assert.deepEqual([...left], [{ identifier: `${hash}.other` }], way);
  }
});

test('cleanup, race: the identifier that came meanwhile is named, not the one before', async () => {
  const hash = await newContent();
  const removed = await whileOpen(
    sql,
    (tx) => tx`update hashes set identifier = ${`${hash}.new`} where hash = decode(${hash}, 'hex')`,
    () => ask('DELETE', `/hashes/${hash}`),
  );
  assert.deepEqual(removed.json.removed.identifiers, [`${hash}.new`]);
});

// Naive: as above; two callers delete the same file, which by then may be somebody else's.
test('cleanup, race: what a rival has removed meanwhile is not named again', async () => {
  const hash = await newContent();
  const late = await whileOpen(
    sql,
    (tx) => tx`delete from hashes where hash = decode(${hash}, 'hex')`,
    () => ask('DELETE', `/hashes/${hash}?enqueue=again`),
  );
  assert.deepEqual(late.json, { removed: { aliases: [], variants: [], identifiers: [] } });
  assert.equal((await sql`select from jobs where queue = 'again'`).length, 0);
});

test('cleanup, race: of 50 cleanups of one hash one names its file', async () => {
  const hash = await newContent();
  const answers = await atOnce(50, () => ask('DELETE', `/hashes/${hash}?enqueue=once`));
  assert.deepEqual(tally(answers), { 200: 50 });
  const named = answers.flatMap(({ json }) => json.removed.identifiers);
  assert.deepEqual(named, [`${hash}.png`]);
  assert.equal((await sql`select from jobs where queue = 'once'`).length, 1);
});

// Naive: see the races above, all at once: a file that is named although its create was refused, or never.
test('race: of creates and removals at once, every file that was created is named once, or stands', async () => {
  const hashes = [newHash(), newHash(), newHash()];
  const created: string[] = [];
  const named: string[] = [];
  const giveUp = performance.now() + 1000;
  let files = 0;

  async function work(): Promise<void> {
    while (performance.now() < giveUp) {
      const hash = hashes[Math.floor(Math.random() * 3)] ?? '';
      const [original, variant] = [`file ${++files}`, `file ${++files}`];
      if ((await create(hash, original)).status === 201) created.push(original);
      if ((await relate(hash, 'v', variant)).status === 201) created.push(variant);
      const path = Math.random() < 0.5 ? `/hashes/${hash}` : `/hashes/${hash}/variant?variant=v`;
      named.push(...(await ask('DELETE', path)).json.removed.identifiers);
    }
  }
  await Promise.all(Array.from({ length: 12 }, work));

  const existing = await sql<{ identifier: string }[]>`
    select identifier from hashes where identifier like 'file %'
    union all
    select identifier from variants where identifier like 'file %'`;
  const gone = [...named, ...existing.map(({ identifier }) => identifier)];
  assert.deepEqual(gone.toSorted(), created.toSorted());
});
