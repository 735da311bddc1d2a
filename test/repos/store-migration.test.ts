import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atOnce, tally, whileOpen } from '../support/races.js';
import { assertProblem } from '../support/raw-http.js';
import { askRaw, assertInvalid, unstorable, unstorableQueries } from '../support/refused-values.js';
import { startTestService } from '../support/service.js';
import { until } from '../support/until.js';

const { ask, sql, base } = await startTestService();

function mark(identifier: string, newIdentifier?: string) {
  return ask('PUT', '/store-migration/identifiers', {
    identifier,
    ...(newIdentifier !== undefined && { new_identifier: newIdentifier }),
  });
}

async function isMigrated(identifier: string): Promise<boolean> {
  const answer = await ask(
    'GET',
    `/store-migration/identifiers?identifier=${encodeURIComponent(identifier)}`,
  );
  assert.equal(answer.status, 200);
  return answer.json.migrated;
}

/** By a count that began after this call: one that was slow is kept, and answered meanwhile. */
async function progress() {
  const [row] = await sql<{ now: string }[]>`select clock_timestamp() as now`;
  const asked = Date.parse(row?.now ?? '');
  let answer: { as_of: string; continuing: boolean; migrated: number } | undefined;
  await until(async () => {
    answer = (await ask('GET', '/store-migration')).json;
    return Date.parse(answer?.as_of ?? '') >= asked;
  }, 60);
  return { continuing: answer?.continuing, migrated: answer?.migrated };
}

test('a migration continues from its first mark until it is cleared', async () => {
  assert.deepEqual(await progress(), { continuing: false, migrated: 0 });
  for (const _ of ['once', 'again']) assert.equal((await mark('old/1', 'new/1')).status, 204);
  assert.deepEqual(await progress(), { continuing: true, migrated: 1 });
  await mark('old/2', 'new/2');
  assert.deepEqual(await progress(), { continuing: true, migrated: 2 });
  for (const _ of ['once', 'again']) assert.equal((await ask('DELETE', '/store-migration')).status, 204);
  assert.deepEqual(await progress(), { continuing: false, migrated: 0 });
  assert.equal(await isMigrated('old/1'), false);
});

test('isMigrated: true for the old identifier and for the new one, byte for byte', async () => {
  await mark('a/ü%2F?&', 'B/😀');
  for (const identifier of ['a/ü%2F?&', 'B/😀']) assert.equal(await isMigrated(identifier), true);
  for (const identifier of ['a/ü/?&', 'A/ü%2F?&', 'b/😀', 'B/', 'B/😀 '])
    assert.equal(await isMigrated(identifier), false);
});

test('markMigrated: a later mark may add or change the new identifier, but not forget it', async () => {
  await mark('x');
  assert.equal(await isMigrated('x'), true);
  await mark('x', 'y');
  await mark('x');
  assert.equal(await isMigrated('y'), true);
  await mark('x', 'z');
  assert.deepEqual(
    [await isMigrated('y'), await isMigrated('z'), await isMigrated('x')],
    [false, true, true],
  );
});

test('markMigrated: two old files may have become one, and a new one may be an old one too', async () => {
  await mark('copy/1', 'one');
  await mark('copy/2', 'one');
  await mark('one', 'elsewhere');
  for (const identifier of ['copy/1', 'copy/2', 'one', 'elsewhere'])
    assert.equal(await isMigrated(identifier), true);
});

// Naive: select, or else insert: of two workers that mark the same file one gets 500.
test('markMigrated, race: 50 marks of one file all succeed', async () => {
  assert.deepEqual(tally(await atOnce(50, (n) => mark('contested', `new/${n % 7}`))), { 204: 50 });
});

// Naive: as above, the rival commits for certain between the look and the write.
test('markMigrated, race: the mark that waited for a rival is kept', async () => {
  const late = await whileOpen(
    sql,
    (tx) => tx`insert into store_migrations (old_identifier, new_identifier) values ('late', 'rival')`,
    () => mark('late', 'mine'),
  );
  assert.equal(late.status, 204);
  assert.deepEqual([await isMigrated('rival'), await isMigrated('mine')], [false, true]);
});

test('every identifier: 2,048 bytes pass, one more is too long', async () => {
  const longest = `${'é'.repeat(1023)}xx`;
  assert.equal((await mark(longest, 'y'.repeat(2048))).status, 204);
  for (const identifier of [longest, 'y'.repeat(2048)]) assert.equal(await isMigrated(identifier), true);
  for (const identifier of [`${longest}x`, 'x'.repeat(2049)]) {
    assertProblem(await mark(identifier), 400, 'identifier_too_long');
    assertProblem(await mark('short', identifier), 400, 'identifier_too_long');
    const asked = await ask(
      'GET',
      `/store-migration/identifiers?identifier=${encodeURIComponent(identifier)}`,
    );
    assertProblem(asked, 400, 'identifier_too_long');
  }
  assert.equal(await isMigrated('short'), false);
});

test('every route: 400 for an invalid identifier', async () => {
  const path = '/store-migration/identifiers';
  const bodies = [undefined, null, [], {}, { new_identifier: 'a' }, { identifier: '' }, { identifier: 1 }];
  for (const body of [
    ...bodies,
    { identifier: 'a', new_identifier: null },
    { identifier: 'a', new_identifier: '' },
  ]) {
    assertProblem(await ask('PUT', path, body), 400, 'invalid_request');
  }
  assertProblem(await ask('PUT', path, { identifier: 'a', more: 1 }), 400, 'invalid_request');
  for (const text of unstorable) {
    assertProblem(await mark(text), 400, 'invalid_text');
    assertProblem(await mark('a', text), 400, 'invalid_text');
  }
  for (const query of [
    '',
    '?identifier=a&identifier=b',
    ...unstorableQueries.map((text) => `?identifier=${text}`),
  ]) {
    assertInvalid(await askRaw(base, 'GET', `${path}${query}`));
  }
  for (const method of ['GET', 'DELETE']) {
    assertProblem(await ask(method, '/store-migration?dry_run=true'), 400, 'invalid_request');
  }
});
