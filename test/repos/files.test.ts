import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TransactionSql } from 'postgres';
import { connectionOptions } from '../../src/database/connection.js';
import type { Sql } from '../../src/database/database.js';
import { openDatabase } from '../../src/database/open-database.js';
import { maintainFiles } from '../../src/repos/files/upkeep.js';
import { keysetStream, type Range } from '../../src/repos/keyset.js';
import { Repeater } from '../../src/repos/repeater.js';
import { type ScannedRow, scannedPages } from '../../src/repos/scanned-pages.js';
import { collect } from '../support/collect.js';
import { createDatabase } from '../support/database.js';
import { newHash } from '../support/new-hash.js';
import { atOnce, tally, whileOpen } from '../support/races.js';
import { assertProblem } from '../support/raw-http.js';
import { badNames, unstorable } from '../support/refused-values.js';
import { linesOf, startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const service = await startTestService({ CONDEMNED_GRACE_SECONDS: '1' });
const { ask, sql } = service;
const encoded = encodeURIComponent;
const OLD = '2030-01-01T00:00:00Z';

const create = (hash: string, identifier: string) => ask('PUT', `/hashes/${hash}`, { identifier });
const relate = (hash: string, variant: string, identifier: string) =>
  ask('PUT', `/hashes/${hash}/variant?variant=${encoded(variant)}`, { identifier });
const relateMotion = (hash: string, identifier: string) =>
  ask('PUT', `/hashes/${hash}/motion-identifier`, { identifier });
const update = (hash: string, identifier: string) => ask('PUT', `/hashes/${hash}/identifier`, { identifier });
const owner = (identifier: string) => ask('GET', `/files?identifier=${encoded(identifier)}`);
const deleted = (...identifiers: string[]) => ask('POST', '/files/deleted', { identifiers });

/** A content of three files: `<hash>.png`, `<hash>.mp4` and `<hash>/v`. */
async function newContent(): Promise<string> {
  const hash = newHash();
  await create(hash, `${hash}.png`);
  await relateMotion(hash, `${hash}.mp4`);
  await relate(hash, 'v', `${hash}/v`);
  return hash;
}

/** The details of a file, as old as those that a cleaner may look at. */
async function oldDetails(...identifiers: string[]): Promise<void> {
  for (const identifier of identifiers) await ask('PUT', `/details?identifier=${encoded(identifier)}`, {});
  await sql`update details set created_at = '2020-01-01' where identifier = any(${identifiers})`;
}

/** Fails unless `files` says of every file what the contents say. */
async function assertKept(): Promise<void> {
  const wrong = await sql`
    select *
    from (
      select identifier, hash, 'original' as kind from hashes
      union all
      select motion_identifier, hash, 'motion' from hashes where motion_identifier is not null
      union all
      select identifier, hash, 'variant' from variants
    ) as owned
    full join (select identifier, hash, kind from files where condemned_at is null) as kept
      using (identifier, hash, kind)
    where owned is null or kept is null`;
  assert.deepEqual([...wrong], []);
}

test('one file has one owner: 409 to every other kind, which names the owner', async () => {
  const [hash, other] = [await newContent(), await newContent()];
  for (const [identifier, existing] of [
    [`${hash}.png`, { hash, identifier: `${hash}.png` }],
    [`${hash}.mp4`, { hash, identifier: `${hash}.mp4` }],
    [`${hash}/v`, { hash, variant: 'v', identifier: `${hash}/v` }],
  ] as const) {
    for (const by of [other, hash]) {
      const attempts = [create(newHash(), identifier), relate(by, 'w', identifier)];
      if (!(by === hash && identifier.endsWith('.png'))) attempts.push(update(by, identifier));
      if (!(by === hash && identifier.endsWith('.mp4'))) attempts.push(relateMotion(by, identifier));
      for (const answer of await Promise.all(attempts))
        assert.deepEqual(assertProblem(answer, 409, 'identifier_already_used')['existing'], existing);
    }
  }
  await assertKept();
});

test('owner, owners: whose a file is, with or without details; 404 and null where nobody owns it', async () => {
  const hash = await newContent();
  await oldDetails(`${hash}/v`);
  const files = [
    { identifier: `${hash}.png`, kind: 'original', hash, has_details: false },
    { identifier: `${hash}.mp4`, kind: 'motion', hash, has_details: false },
    { identifier: `${hash}/v`, kind: 'variant', hash, variant: 'v', has_details: true },
  ];
  for (const file of files) assert.deepEqual((await owner(file.identifier)).json, file);
  assertProblem(await owner(`${hash}.gif`), 404, 'file_not_found');
  const identifiers = [`${hash}.gif`, `${hash}/v`, `${hash}.png`, `${hash}/v`, `${hash}.mp4`];
  const { json } = await ask('POST', '/files/lookup', { identifiers });
  assert.deepEqual(json, { files: [null, files[2], files[0], files[2], files[1]] });
  assert.deepEqual((await ask('POST', '/files/lookup', { identifiers: [] })).json, { files: [] });
});

test('a file that was given up is condemned: 409 to everybody, until it is deleted and the time is up', async () => {
  const hash = await newContent();
  await relate(hash, 'w', `${hash}/w`);
  await relateMotion(hash, `${hash}.webm`);
  await update(hash, `${hash}.jpeg`);
  await ask('DELETE', `/hashes/${hash}/variant?variant=w`);
  const files = [`${hash}.mp4`, `${hash}.png`, `${hash}/w`];
  const { removed } = (await ask('DELETE', `/hashes/${hash}`)).json;
  const rest = [`${hash}.jpeg`, `${hash}.webm`, `${hash}/v`];
  assert.deepEqual(removed.identifiers, rest);
  files.push(...rest);

  const other = await newContent();
  for (const file of files) {
    assertProblem(await owner(file), 404, 'file_not_found');
    for (const answer of await Promise.all([
      create(hash, file),
      relate(other, 'w', file),
      update(other, file),
      relateMotion(other, file),
    ]))
      assertProblem(answer, 409, 'identifier_condemned');
  }
  const [first, again] = [await deleted(...files), await deleted(...files)];
  assert.deepEqual([first.status, again.json], [200, first.json]);
  await until(async () => (await create(hash, `${hash}.png`)).status === 201);
  assert.equal((await relate(hash, 'v', `${hash}/v`)).status, 201);
  assert.ok(Date.now() >= Date.parse(first.json.freed_at) - 1000);
  assert.deepEqual((await deleted(`${hash}.jpeg`, 'never')).json, { freed_at: null });
  await assertKept();
});

test('deleted: 409 for a file that somebody owns, and nothing is changed', async () => {
  const [hash, gone] = [await newContent(), await newContent()];
  await ask('DELETE', `/hashes/${gone}`);
  const refused = await deleted(`${gone}.png`, `${hash}/v`);
  const { existing } = assertProblem(refused, 409, 'identifier_already_used');
  assert.deepEqual(existing, { hash, variant: 'v', identifier: `${hash}/v` });
  assert.equal((await sql`select from files where deleted_at is not null`).length, 0);
});

test('a name that nobody says to be deleted is free after the days of its retention, any other one after its grace', async () => {
  const hash = await newContent();
  await ask('DELETE', `/hashes/${hash}`);
  await sql`update files set condemned_at = condemned_at - interval '29 days' where identifier = ${`${hash}/v`}`;
  await sql`update files set condemned_at = condemned_at - interval '31 days' where identifier = ${`${hash}.png`}`;
  await sql`
    update files
    set condemned_at = condemned_at - interval '31 days', deleted_at = clock_timestamp() + interval '1 hour'
    where identifier = ${`${hash}.mp4`}`;
  await until(async () => (await create(hash, `${hash}.png`)).status === 201);
  assertProblem(await relateMotion(hash, `${hash}.mp4`), 409, 'identifier_condemned');
  assertProblem(await relate(hash, 'v', `${hash}/v`), 409, 'identifier_condemned');
});

test('names are freed until none is left, with and without a report', async () => {
  const { sql, url } = await createDatabase();
  const db = openDatabase(connectionOptions({ url, statementTimeoutSeconds: 30 }), {
    poolSize: 1,
    waitSeconds: 10,
  });
  await sql`
    insert into files (identifier, condemned_at, deleted_at)
    select kind || n, '2020-01-01Z', case when kind = 'reported' then '2020-01-01Z'::timestamptz end
    from unnest(array['reported', 'unreported']) as kind, generate_series(1, 1500) as n`;
  let freeNames = (): Promise<number> => assert.fail('no task');
  class Once extends Repeater {
    override every(_pause: [from: number, to: number], task: () => Promise<number>): void {
      freeNames = task;
    }
    override once(): void {}
  }
  const repeater = new Once((error) => assert.fail(String(error)));
  maintainFiles(repeater, { db, options: { graceSeconds: 0, retentionDays: 1 }, onShared: () => {} });
  await freeNames();
  assert.equal((await sql`select from files`).length, 0);
  await db.close();
});

test('a search among many rows that finds little: a request with a limit ends soon, a stream shows that it goes on', async () => {
  const db = openDatabase(connectionOptions({ url: service.url, statementTimeoutSeconds: 30 }), {
    poolSize: 1,
    waitSeconds: 10,
  });
  // From "a" to "d", of which "c" is wanted.
  const scan = (sql: Sql, after: string) => sql<ScannedRow[]>`
    select
      case when ${after}::text = 'b' then '{"identifier":"c"}' || chr(10) end as lines,
      (${after}::text = 'b')::integer as count,
      case when ${after}::text < 'd' then chr(ascii(coalesce(nullif(${after}::text, ''), '\`')) + 1) end as last`;
  const read = async (range: Range): Promise<string[]> => {
    const chunks = await collect(await keysetStream(scannedPages(db, scan, -1), range));
    return chunks.map(({ lines }) => lines.toString());
  };
  try {
    const end = '{"end":true,"count":1}\n';
    assert.deepEqual(await read({}), [' ', ' ', '{"identifier":"c"}\n', ' ', end]);
    assert.deepEqual(await read({ limit: 2 }), [' ', '{"end":true,"count":0,"next":"a"}\n']);
    const found = ['{"identifier":"c"}\n', '{"end":true,"count":1,"next":"c"}\n'];
    assert.deepEqual(await read({ limit: 2, after: 'b' }), found);
    assert.deepEqual(await read({ limit: 1, after: 'b' }), found);
    assert.deepEqual(await read({ limit: 1, after: 'd' }), ['{"end":true,"count":0}\n']);
  } finally {
    await db.close();
  }
});

test('unowned: files with details and no owner, old enough, in pages, resumed', async () => {
  await sql`truncate details`;
  const hash = await newContent();
  const lost = ['a/ü"1', 'a/2', 'a/3'];
  await oldDetails(...lost, `${hash}.png`, `${hash}.mp4`, `${hash}/v`);
  await ask('PUT', '/details?identifier=a/young', {});
  const all = linesOf(await ask('GET', `/files/unowned?older_than=${OLD}`));
  assert.deepEqual(all, [...lost.sort().map((identifier) => ({ identifier })), { end: true, count: 3 }]);
  const first = linesOf(await ask('GET', `/files/unowned?older_than=${OLD}&limit=2`));
  assert.deepEqual(first.at(-1), { end: true, count: 2, next: lost[1] });
  const path = `/files/unowned?older_than=${OLD}&after=${encoded(lost[1] ?? '')}`;
  assert.deepEqual(linesOf(await ask('GET', path)), [{ identifier: lost[2] }, { end: true, count: 1 }]);
  const none = await ask('GET', '/files/unowned?older_than=2019-01-01T00:00:00Z');
  assert.deepEqual(linesOf(none), [{ end: true, count: 0 }]);
  assertProblem(await ask('GET', '/files/unowned'), 400, 'invalid_request');
});

test('condemn: what nobody owns and is old enough, with its details; again: the same', async () => {
  const hash = await newContent();
  const lost = [`${hash}/lost`, `${hash}/never`];
  await oldDetails(`${hash}/lost`, `${hash}.png`);
  await ask('PUT', `/details?identifier=${hash}/young`, {});
  const moved = { identifier: `${hash}.png`, new_identifier: `${hash}/moved` };
  await ask('PUT', '/store-migration/identifiers', moved);
  const identifiers = [...lost, `${hash}/young`, `${hash}/moved`, `${hash}.png`, `${hash}/v`, `${hash}/lost`];
  for (const _ of ['once', 'again']) {
    const { json } = await ask('POST', '/files/condemn', { identifiers, older_than: OLD });
    assert.deepEqual(json, { condemned: lost });
  }
  assertProblem(await ask('GET', `/details?identifier=${hash}/lost`), 404, 'details_not_found');
  assert.equal((await ask('GET', `/details?identifier=${hash}/young`)).status, 200);
  for (const file of lost) assertProblem(await relate(hash, 'w', file), 409, 'identifier_condemned');
});

test('condemn: a file that a move has made is named once its content was removed', async () => {
  const hash = await newContent();
  const copy = `${hash}/copy`;
  const move = { identifier: `${hash}.png`, new_identifier: copy };
  assert.equal((await ask('POST', '/store-migration/move', move)).status, 200);
  const condemn = () => ask('POST', '/files/condemn', { identifiers: [copy], older_than: OLD });
  assert.deepEqual((await condemn()).json, { condemned: [] });
  await ask('DELETE', `/hashes/${hash}`);
  assert.deepEqual((await condemn()).json, { condemned: [copy] });
});

test('lookup, condemn, deleted: 400 and 413 for what is no list of files', async () => {
  for (const [path, more] of [
    ['lookup', {}],
    ['condemn', { older_than: OLD }],
    ['deleted', {}],
  ] as const) {
    const send = (body: object) => ask('POST', `/files/${path}`, { ...body, ...more });
    for (const body of [{}, { identifiers: 'a' }, { identifiers: [1] }, { identifiers: [''] }])
      assertProblem(await send(body), 400, 'invalid_request');
    for (const name of unstorable) assertProblem(await send({ identifiers: [name] }), 400, 'invalid_text');
    const { detail } = assertProblem(
      await send({ identifiers: ['a', 'a'.repeat(2049)] }),
      400,
      'identifier_too_long',
    );
    assert.equal(detail, '/body/identifiers/1: An identifier has at most 2048 bytes.');
    assertProblem(await send({ identifiers: Array(1001).fill('a') }), 413, 'batch_too_large');
  }
  assert.equal((await ask('POST', '/files/lookup', { identifiers: badNames.slice(1) })).status, 200);
});

// Naive: each kind looks at the unique index of its own table.
test('race: of many that want one file, in every kind, one gets it', async () => {
  const contents = await Promise.all(Array.from({ length: 4 }, newContent));
  for (let round = 0; round < 5; round++) {
    const file = newHash();
    const answers = await atOnce(40, (n) => {
      const hash = contents[n % 4] ?? '';
      const ways = [
        () => create(newHash(), file),
        () => relate(hash, `${round}-${n}`, file),
        () => relateMotion(hash, file),
        () => update(hash, file),
      ];
      return ways[Math.floor(n / 4) % 4]?.() ?? assert.fail();
    });
    const won = answers.filter(({ status }) => status < 300);
    // A hash that has the file already may say so again.
    assert.ok(won.length >= 1 && won.length <= 3, JSON.stringify(tally(answers)));
    for (const { json } of answers.filter(({ status }) => status >= 300))
      assert.equal(json.code, 'identifier_already_used');
  }
  await assertKept();
});

// Naive: the file is owned by nobody in the snapshot, and a live file is deleted.
test('condemn, race: a file that somebody gets meanwhile is not condemned', async () => {
  const hash = await newContent();
  const late = await whileOpen(
    sql,
    (tx: TransactionSql) => tx`
      insert into variants (hash, variant, identifier) values (decode(${hash}, 'hex'), 'late', ${`${hash}/late`})`,
    () => ask('POST', '/files/condemn', { identifiers: [`${hash}/late`], older_than: OLD }),
  );
  assert.deepEqual(late.json, { condemned: [] });
});

// Naive: the snapshot shows no owner and no condemned name, and the insert says 500.
test('create, relate, race: 409 where the name is condemned meanwhile', async () => {
  const hash = await newContent();
  for (const attempt of [
    (file: string) => create(newHash(), file),
    (file: string) => relate(hash, 'late', file),
    (file: string) => update(hash, file),
    (file: string) => relateMotion(hash, file),
  ]) {
    const file = newHash();
    const late = await whileOpen(
      sql,
      (tx: TransactionSql) => tx`insert into files (identifier, condemned_at) values (${file}, now())`,
      () => attempt(file),
    );
    assertProblem(late, 409, 'identifier_condemned');
  }
});

test('old files are added to the table files, and a file that is used twice is never condemned', async () => {
  const database = await createDatabase();
  const { sql } = database;
  // As the version before left them.
  await sql`alter table hashes disable trigger user`;
  await sql`alter table variants disable trigger user`;
  await sql`
    insert into hashes (hash, identifier, motion_identifier)
    select int4send(n), 'o' || n, case when n % 2 = 0 then 'm' || n end from generate_series(1, 2500) as n`;
  await sql`insert into variants (hash, variant, identifier) select hash, 'v', 'v' || identifier from hashes`;
  await sql`update hashes set motion_identifier = 'o1' where hash = int4send(1)`;
  await sql`update variants set identifier = 'o2' where hash = int4send(3)`;
  await sql`alter table hashes enable trigger user`;
  await sql`alter table variants enable trigger user`;
  await sql`update files_taken_in set stage = 'hashes'`;

  const second = await startTestService({}, database);
  const refused = await second.ask('PUT', '/hashes/ff', { identifier: 'vo2500' });
  assertProblem(refused, 409, 'identifier_already_used');
  const before = await second.ask('DELETE', '/hashes/000009c4');
  assert.deepEqual(before.json.removed.identifiers, ['m2500', 'o2500', 'vo2500']);
  assertProblem(await second.ask('PUT', '/hashes/ff', { identifier: 'vo2500' }), 409, 'identifier_condemned');
  await until(async () => (await sql`select from files_taken_in where stage = 'done'`).length === 1);
  const [counts] = await sql`
    select
      count(*) filter (where condemned_at is null)::integer as kept,
      count(*) filter (where is_shared)::integer as shared,
      (select shared::integer from files_taken_in) as reported
    from files`;
  assert.deepEqual({ ...counts }, { kept: 2499 + 1249 + 2498, shared: 2, reported: 2 });

  const { removed } = (await second.ask('DELETE', '/hashes/00000002')).json;
  assert.deepEqual(removed.identifiers, ['m2', 'vo2']);
  assert.equal((await second.ask('GET', '/files?identifier=o2')).json.hash, '00000003');
  assert.deepEqual((await second.ask('DELETE', '/hashes/00000003')).json.removed.identifiers, ['o3']);
  assert.deepEqual((await second.ask('DELETE', '/hashes/00000001')).json.removed.identifiers, ['vo1']);
  // Nobody was told to delete them, so their names are free.
  assert.equal((await second.ask('PUT', '/hashes/ff', { identifier: 'o2' })).status, 201);
});
