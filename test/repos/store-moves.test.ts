import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newHash } from '../support/new-hash.js';
import { atOnce, tally, whileOpen } from '../support/races.js';
import { assertProblem } from '../support/raw-http.js';
import { badNames, unstorable } from '../support/refused-values.js';
import { type Answer, linesOf, startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const { ask, sql } = await startTestService();
const encoded = encodeURIComponent;

const move = (identifier: string, to: string, more: object = {}) =>
  ask('POST', '/store-migration/move', { identifier, new_identifier: to, ...more });
const owner = (identifier: string) => ask('GET', `/files?identifier=${encoded(identifier)}`);
const setDetails = (identifier: string, details: object) =>
  ask('PUT', `/details?identifier=${encoded(identifier)}`, details);
const details = (identifier: string) => ask('GET', `/details?identifier=${encoded(identifier)}`);

function assertMoved(answer: Answer, identifier: string): void {
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.json, { moved: true, removed: { identifiers: [identifier] }, unneeded: [] });
}

function assertGone(answer: Answer, ...unneeded: string[]): void {
  assert.equal(answer.status, 200, answer.text);
  assert.deepEqual(answer.json, { moved: false, removed: { identifiers: [] }, unneeded });
}

/** A content of three files, each with details: `<hash>.png`, `<hash>.mp4` and `<hash>/v`. */
async function newContent(): Promise<string> {
  const hash = newHash();
  await ask('PUT', `/hashes/${hash}`, { identifier: `${hash}.png` });
  await ask('PUT', `/hashes/${hash}/motion-identifier`, { identifier: `${hash}.mp4` });
  await ask('PUT', `/hashes/${hash}/variant?variant=v`, { identifier: `${hash}/v` });
  for (const file of filesOf(hash)) await setDetails(file, { of: file });
  return hash;
}

const filesOf = (hash: string) => [`${hash}.png`, `${hash}.mp4`, `${hash}/v`];

async function isMigrated(identifier: string): Promise<boolean> {
  return (await ask('GET', `/store-migration/identifiers?identifier=${encoded(identifier)}`)).json.migrated;
}

async function jobsOf(queue: string): Promise<string[]> {
  const { json } = await ask('POST', `/queues/${queue}/pop`, { worker_id: 'w', max: 100, wait_seconds: 0 });
  return json.jobs.map(
    ({ job }: { job: { Identifier: { identifier: string } } }) => job.Identifier.identifier,
  );
}

/** Fails where a file that nobody has has details, or is not condemned. */
async function assertNothingLeft(hash: string): Promise<void> {
  const left = await sql`
    select identifier from details where starts_with(identifier, ${hash})
    union all
    select identifier from files where starts_with(identifier, ${hash}) and condemned_at is null`;
  assert.deepEqual([...left], []);
}

test('move: each kind of file, with its details; it is marked, and the old one is condemned and pushed to the queue once', async () => {
  const hash = await newContent();
  for (const file of filesOf(hash)) {
    const before = (await owner(file)).json;
    for (const _ of ['once', 'again'])
      assertMoved(await move(file, `${file}-new`, { enqueue: 'cleanup' }), file);
    assert.deepEqual((await owner(`${file}-new`)).json, { ...before, identifier: `${file}-new` });
    assert.deepEqual((await details(`${file}-new`)).json, { of: file });
    assertProblem(await details(file), 404, 'details_not_found');
    assertProblem(await owner(file), 404, 'file_not_found');
    for (const name of [file, `${file}-new`]) assert.equal(await isMigrated(name), true);
    const taken = await ask('PUT', `/hashes/${newHash()}`, { identifier: file });
    assertProblem(taken, 409, 'identifier_condemned');
  }
  assert.deepEqual(await jobsOf('cleanup'), filesOf(hash));
});

test('move: the new file keeps its own details', async () => {
  const hash = await newContent();
  await setDetails(`${hash}-new`, { width: 1 });
  assertMoved(await move(`${hash}.png`, `${hash}-new`), `${hash}.png`);
  assert.deepEqual((await details(`${hash}-new`)).json, { width: 1 });
});

test('move: a file may be moved on, and no file is condemned twice', async () => {
  const hash = await newContent();
  assertMoved(await move(`${hash}.png`, `${hash}-2`), `${hash}.png`);
  assertMoved(await move(`${hash}-2`, `${hash}-3`), `${hash}-2`);
  const late = await move(`${hash}.png`, `${hash}-2`);
  assert.deepEqual(late.json, { moved: false, removed: { identifiers: [] }, unneeded: [] });
  assert.equal((await owner(`${hash}-3`)).json.hash, hash);
});

test('move: a mark without a new file, or with this one, is completed', async () => {
  const hash = await newContent();
  await ask('PUT', '/store-migration/identifiers', { identifier: `${hash}.png` });
  await ask('PUT', '/store-migration/identifiers', { identifier: `${hash}/v`, new_identifier: `${hash}/w` });
  assertMoved(await move(`${hash}.png`, `${hash}.new`), `${hash}.png`);
  assertMoved(await move(`${hash}/v`, `${hash}/w`), `${hash}/v`);
  assert.equal(await isMigrated(`${hash}.new`), true);
});

test('move: 404 if nobody owns the file and it is not marked', async () => {
  const name = newHash();
  assertProblem(await move(name, `${name}-new`), 404, 'file_not_found');
  assert.equal((await sql`select from files where identifier = ${`${name}-new`}`).length, 0);
});

test('move: 409 if it was moved to another file, with that one; the copy is condemned and pushed once', async () => {
  const hash = await newContent();
  await move(`${hash}.png`, `${hash}-a`);
  for (const _ of ['once', 'again']) {
    const refused = await move(`${hash}.png`, `${hash}-b`, { enqueue: 'lost' });
    const { existing, unneeded } = assertProblem(refused, 409, 'identifier_already_moved');
    assert.deepEqual(existing, { identifier: `${hash}.png`, new_identifier: `${hash}-a` });
    assert.deepEqual(unneeded, [`${hash}-b`]);
  }
  assert.deepEqual(await jobsOf('lost'), [`${hash}-b`]);
  const used = await move(`${hash}.png`, `${hash}/v`);
  assert.deepEqual(assertProblem(used, 409, 'identifier_already_moved')['unneeded'], []);
});

test('move: if the content was removed or has another file, the copy is condemned and named, and its details removed', async () => {
  const [gone, replaced, moved] = [await newContent(), await newContent(), await newContent()];
  await ask('DELETE', `/hashes/${gone}`);
  await ask('PUT', `/hashes/${replaced}/identifier`, { identifier: `${replaced}.jpeg` });
  await move(`${moved}.png`, `${moved}-new`);
  await ask('DELETE', `/hashes/${moved}`);
  for (const hash of [gone, replaced, moved]) {
    await setDetails(`${hash}-new`, {});
    for (const _ of ['once', 'again'])
      assertGone(await move(`${hash}.png`, `${hash}-new`, { enqueue: 'vain' }), `${hash}-new`);
    const taken = await ask('PUT', `/hashes/${newHash()}`, { identifier: `${hash}-new` });
    assertProblem(taken, 409, 'identifier_condemned');
  }
  // The removal of the moved content has named it before.
  assert.deepEqual(await jobsOf('vain'), [`${gone}-new`, `${replaced}-new`]);
  await assertNothingLeft(gone);
});

test('move: a copy that was deleted and made in vain once more is condemned and pushed once more', async () => {
  const hash = await newContent();
  await ask('DELETE', `/hashes/${hash}`);
  for (const _ of ['first copy', 'second copy']) {
    for (const _ of ['once', 'again'])
      assertGone(await move(`${hash}.png`, `${hash}-new`, { enqueue: 'copies' }), `${hash}-new`);
    assert.deepEqual(await jobsOf('copies'), [`${hash}-new`]);
    await ask('POST', '/files/deleted', { identifiers: [`${hash}-new`] });
  }
});

test('move: a file that is not a copy of this one is not condemned: somebody owns it, or another file was moved there', async () => {
  const [gone, other] = [await newContent(), await newContent()];
  await ask('DELETE', `/hashes/${gone}`);
  const taken = await move(`${gone}.png`, `${other}/v`);
  const { existing } = assertProblem(taken, 409, 'identifier_already_used');
  assert.deepEqual(existing, { hash: other, variant: 'v', identifier: `${other}/v` });
  await ask('PUT', '/store-migration/identifiers', {
    identifier: `${other}.png`,
    new_identifier: `${other}-2`,
  });
  assertGone(await move(`${gone}.png`, `${other}-2`));
  assertMoved(await move(`${other}.png`, `${other}-2`), `${other}.png`);
});

test('move: 409 for a new file that somebody owns or that is condemned, and nothing is changed', async () => {
  const [hash, other] = [await newContent(), await newContent()];
  await ask('PUT', `/hashes/${other}/identifier`, { identifier: `${other}.jpeg` });
  const taken = await move(`${hash}/v`, `${other}.mp4`);
  assert.deepEqual(assertProblem(taken, 409, 'identifier_already_used')['existing'], {
    hash: other,
    identifier: `${other}.mp4`,
  });
  assertProblem(await move(`${hash}/v`, `${other}.png`), 409, 'identifier_condemned');
  assert.equal((await owner(`${hash}/v`)).json.has_details, true);
  assert.equal(await isMigrated(`${hash}/v`), false);
});

test('move: 409 for a file that old data uses twice, until it is used once; it is never condemned', async () => {
  const [hash, other] = [await newContent(), await newContent()];
  await sql.begin(async (tx) => {
    await tx`alter table hashes disable trigger replace_files`;
    await tx`update hashes set motion_identifier = ${`${other}.png`} where hash = ${Buffer.from(hash, 'hex')}`;
    await tx`alter table hashes enable trigger replace_files`;
    await tx`update files set is_shared = true where identifier = ${`${other}.png`}`;
  });
  assertProblem(await move(`${other}.png`, `${other}-new`), 409, 'file_shared');
  const replaced = await ask('PUT', `/hashes/${hash}/motion-identifier`, { identifier: `${hash}-copy` });
  assert.deepEqual(replaced.json.removed.identifiers, []);
  const moved = await move(`${other}.png`, `${other}-new`);
  assert.deepEqual(moved.json, { moved: true, removed: { identifiers: [] }, unneeded: [] });
});

test('move: 503 while the content is being removed', async () => {
  const hash = await newContent();
  await sql`update hashes set doomed_at = clock_timestamp() + interval '1 hour' where hash = ${Buffer.from(hash, 'hex')}`;
  for (const file of [`${hash}.png`, `${hash}/v`])
    assertProblem(await move(file, `${file}-new`), 503, 'hash_being_removed');
  const lines = linesOf(await ask('GET', '/store-migration/unmigrated'));
  assert.ok(!lines.some(({ identifier }) => identifier?.startsWith(hash)));
});

test('move, race: of 20 movers with different copies one wins, and all others are named; with the same copy all succeed', async () => {
  const hash = await newContent();
  const answers = await atOnce(20, (n) => move(`${hash}.png`, `${hash}-${n}`));
  assert.deepEqual(tally(answers), { 200: 1, '409 identifier_already_moved': 19 });
  const winner = answers.findIndex(({ status }) => status === 200);
  const named = answers.flatMap(({ json }) => json.unneeded);
  assert.deepEqual(
    named.sort(),
    [...Array(20).keys()]
      .filter((n) => n !== winner)
      .map((n) => `${hash}-${n}`)
      .sort(),
  );
  const same = await atOnce(20, () => move(`${hash}/v`, `${hash}/w`));
  assert.deepEqual(tally(same), { 200: 20 });
});

test('move, race: two files of different contents to one name', async () => {
  const [one, two] = [await newContent(), await newContent()];
  const both = await Promise.all([move(`${one}/v`, `${one}-same`), move(`${two}/v`, `${one}-same`)]);
  assert.deepEqual(tally(both), { 200: 1, '409 identifier_already_used': 1 });
});

test('move, race: beside an update of the file, the copy is not needed', async () => {
  for (const [file, column, table] of [
    ['.png', 'identifier', 'hashes'],
    ['.mp4', 'motion_identifier', 'hashes'],
    ['/v', 'identifier', 'variants'],
  ] as const) {
    const hash = await newContent();
    const answer = await whileOpen(
      sql,
      (tx) =>
        tx`update ${tx(table)} set ${tx(column)} = ${`${hash}-rival`} where hash = ${Buffer.from(hash, 'hex')}`,
      () => move(`${hash}${file}`, `${hash}-new`),
    );
    assertGone(answer, `${hash}-new`);
    assert.equal((await owner(`${hash}-rival`)).json.hash, hash);
  }
});

test('move, race: after the rollback of an update, or of a removal, the file is moved', async () => {
  const hash = await newContent();
  const answer = await whileOpen(
    sql,
    (tx) => tx`delete from variants where hash = ${Buffer.from(hash, 'hex')}`,
    () => move(`${hash}/v`, `${hash}-new`),
    'rollback',
  );
  assertMoved(answer, `${hash}/v`);
});

// Naive: the removal deletes the details that it saw as it began, so those that the move brought stay for ever.
test('a removal that waits for a move names the new file, and its details go', async () => {
  for (const [way, file] of [
    ['cleanup', '/v'],
    ['cleanup', '.png'],
    ['variant', '/v'],
    ['release', '/v'],
    ['release', '.png'],
  ] as const) {
    const hash = await newContent();
    await ask('PUT', `/aliases/${hash}`, { hash, delete_token: 't' });
    const moving = `${hash}${file}`;
    const [table, column] = file === '/v' ? ['variants', 'identifier'] : ['hashes', 'identifier'];
    const answer = await whileOpen(
      sql,
      async (tx) => {
        await tx`select from hashes where hash = ${Buffer.from(hash, 'hex')} for key share`;
        await tx`update ${tx(table)} set ${tx(column)} = ${`${hash}-new`} where identifier = ${moving}`;
        await tx`delete from details where identifier = ${moving}`;
        await tx`insert into details (identifier, details) values (${`${hash}-new`}, '{}')`;
      },
      () => {
        if (way === 'cleanup') return ask('DELETE', `/hashes/${hash}`);
        if (way === 'variant') return ask('DELETE', `/hashes/${hash}/variant?variant=v`);
        return ask('POST', `/media/${hash}/release`, { delete_token: 't' });
      },
    );
    assert.ok(answer.json.removed.identifiers.includes(`${hash}-new`), `${way} ${file}: ${answer.text}`);
    assertProblem(await details(`${hash}-new`), 404, 'details_not_found');
    if (way === 'variant') await ask('DELETE', `/hashes/${hash}`);
    await assertNothingLeft(hash);
  }
});

test('move, race: beside removals of the content, and uploads of the same bytes, no file is live and condemned', async () => {
  const named = new Set<string>();
  for (let round = 0; round < 10; round++) {
    const hash = await newContent();
    await ask('PUT', `/aliases/${hash}`, { hash, delete_token: 't' });
    const upload = { hash, identifier: `${hash}-up`, delete_token: 't', details: {} };
    const answers = await Promise.all([
      move(`${hash}.png`, `${hash}-a`),
      move(`${hash}/v`, `${hash}-v`),
      ask('POST', `/media/${hash}/release`, { delete_token: 't' }),
      ask('PUT', `/media/${hash}-2`, upload),
      move(`${hash}.png`, `${hash}-b`),
    ]);
    for (const { status, json, text } of answers) {
      assert.ok(status < 500 || json.code === 'contended', text);
      for (const name of [...(json.removed?.identifiers ?? []), ...(json.unneeded ?? [])]) named.add(name);
    }
    await ask('POST', `/media/${hash}/release`, { delete_token: 't' });
  }
  const owned = await sql<{ identifier: string }[]>`
    select identifier from hashes
    union all
    select motion_identifier from hashes where motion_identifier is not null
    union all
    select identifier from variants`;
  const live = new Set(owned.map(({ identifier }) => identifier));
  assert.deepEqual(
    [...named].filter((name) => live.has(name)),
    [],
  );
});

test('progress: how many files there are, how many are done, how fast', async () => {
  const progress = async () => (await ask('GET', '/store-migration')).json;
  // A count that was slow is told for some seconds.
  const untilDone = async (done: number, rate: (rate: number) => boolean) => {
    await until(async () => {
      const now = await progress();
      return now.done === done && rate(now.rate);
    }, 60);
    return await progress();
  };
  await ask('DELETE', '/store-migration');
  const before = await untilDone(0, (rate) => rate === 0);
  assert.equal(before.continuing, false);
  const hash = await newContent();
  for (const file of filesOf(hash)) await move(file, `${file}-new`);
  await ask('PUT', '/store-migration/identifiers', { identifier: 'x', new_identifier: 'y' });
  const now = await untilDone(3, (rate) => rate > 0 && rate <= 4);
  assert.deepEqual([now.migrated, now.total], [4, before.total + 3]);
  await sql`update store_migrations set marked_at = marked_at - interval '2 minutes'`;
  await untilDone(3, (rate) => rate === 0);
  await ask('DELETE', `/hashes/${hash}`);
  const then = await untilDone(0, (rate) => rate === 0);
  assert.deepEqual([then.migrated, then.total], [4, before.total]);
});

test('unmigrated: files of each kind that have no mark, in order, in pages, resumed', async () => {
  await sql`truncate hashes cascade`;
  await ask('DELETE', '/store-migration');
  const hash = await newContent();
  const sorted = filesOf(hash).sort();
  const all = linesOf(await ask('GET', '/store-migration/unmigrated'));
  assert.deepEqual(all, [...sorted.map((identifier) => ({ identifier })), { end: true, count: 3 }]);
  const first = linesOf(await ask('GET', '/store-migration/unmigrated?limit=1'));
  assert.deepEqual(first.at(-1), { end: true, count: 1, next: sorted[0] });
  const rest = linesOf(await ask('GET', `/store-migration/unmigrated?after=${encoded(sorted[0] ?? '')}`));
  assert.deepEqual(rest, all.slice(1, 3).concat([{ end: true, count: 2 } as never]));
  await move(`${hash}.png`, `${hash}.zzz`);
  await ask('PUT', '/store-migration/identifiers', { identifier: `${hash}/v` });
  const left = linesOf(await ask('GET', '/store-migration/unmigrated'));
  assert.deepEqual(left, [{ identifier: `${hash}.mp4` }, { end: true, count: 1 }]);
});

test('move: 400 for an invalid move', async () => {
  const path = '/store-migration/move';
  for (const body of [
    ...[null, [], {}, { identifier: 'a' }, { new_identifier: 'a' }, { identifier: 'a', new_identifier: '' }],
    { identifier: 'a', new_identifier: 'a' },
    { identifier: 'a', new_identifier: 'b', more: 1 },
    ...badNames.map((enqueue) => ({ identifier: 'a', new_identifier: 'b', enqueue })),
  ])
    assertProblem(await ask('POST', path, body), 400, 'invalid_request');
  for (const text of unstorable) {
    assertProblem(await move(text, 'b'), 400, 'invalid_text');
    assertProblem(await move('a', text), 400, 'invalid_text');
  }
  assertProblem(await move('a', 'x'.repeat(2049)), 400, 'identifier_too_long');
  assertProblem(
    await ask('GET', `/store-migration/unmigrated?after=${'x'.repeat(2049)}`),
    400,
    'identifier_too_long',
  );
});
