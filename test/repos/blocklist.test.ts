import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { Database } from '../../src/database/database.js';
import { blocklistRepo } from '../../src/repos/blocklist/repo.js';
import { nodesOf, planner } from '../support/queue-plans.js';
import { atOnce, tally, whileOpen } from '../support/races.js';
import { assertProblem } from '../support/raw-http.js';
import { unstorable } from '../support/refused-values.js';
import { linesOf, startTestService } from '../support/service.js';

const service = await startTestService();
const { ask, sql } = service;
const REASON = 'reported by "several" instances, \\ü';

const newDigest = (): string => randomBytes(32).toString('hex');
/** As pict-rs makes it: size and format come after the digest. */
const hashOf = (digest: string, format = '05'): string => `${digest}000000000100${format}`;
const block = (digest: string, body?: object) => ask('PUT', `/blocked-hashes/${digest}`, body);
const unblock = (digest: string) => ask('DELETE', `/blocked-hashes/${digest}`);
const create = (hash: string, identifier = `${hash}.png`) => ask('PUT', `/hashes/${hash}`, { identifier });

let names = 0;
function newUpload(hash: string, more: object = {}) {
  const name = `upload-${++names}`;
  return { alias: `${name}.png`, hash, identifier: `file/${name}`, delete_token: 't', ...more };
}

const commit = ({ alias, ...body }: ReturnType<typeof newUpload>) => ask('PUT', `/media/${alias}`, body);

async function jobsOf(queue: string): Promise<string[]> {
  const rows = await sql<{ identifier: string }[]>`
    select job -> 'Identifier' ->> 'identifier' as identifier from jobs where queue = ${queue} order by seq`;
  return rows.map(({ identifier }) => identifier);
}

test('block: 201, again 200; another reason replaces the one before, none leaves it, null takes it away', async () => {
  const digest = newDigest();
  const first = await block(digest.toUpperCase(), { reason: REASON });
  assert.equal(first.status, 201);
  const { blocked_at } = first.json;
  assert.deepEqual(first.json, { digest, reason: REASON, blocked_at });
  for (const [body, reason] of [
    [undefined, REASON],
    [{}, REASON],
    [{ reason: 'other' }, 'other'],
    [{ reason: null }, null],
    [{ reason: REASON }, REASON],
  ] as const) {
    const again = await block(digest, body);
    assert.deepEqual([again.status, again.json], [200, { digest, reason, blocked_at }]);
    assert.deepEqual((await ask('GET', `/blocked-hashes/${digest}`)).json, again.json);
  }
  assert.equal((await unblock(digest)).status, 204);
  assert.equal((await unblock(digest)).status, 204);
  assertProblem(await ask('GET', `/blocked-hashes/${digest}`), 404, 'blocked_hash_not_found');
});

test('block, unblock, entry, standing: 400 for an invalid SHA-256 or reason', async () => {
  const digest = newDigest();
  for (const bad of ['ab', digest.slice(1), `${digest}00`, `${digest.slice(1)}g`, `${digest}%0A`]) {
    for (const [method, more] of [
      ['PUT', ''],
      ['DELETE', ''],
      ['GET', ''],
      ['GET', '/standing'],
    ] as const)
      assertProblem(await ask(method, `/blocked-hashes/${bad}${more}`), 400, 'invalid_request');
  }
  assertProblem(await block(digest, { reason: 'ü'.repeat(513) }), 400, 'reason_too_long');
  assert.equal((await block(digest, { reason: 'ü'.repeat(512) })).status, 201);
  for (const reason of ['', 1]) assertProblem(await block(digest, { reason }), 400, 'invalid_request');
  for (const reason of unstorable) assertProblem(await block(digest, { reason }), 400, 'invalid_text');
  assertProblem(await block(digest, { why: 'x' }), 400, 'invalid_request');
  assertProblem(await ask('GET', `/blocked-hashes/${digest}/standing?limit=51`), 400, 'invalid_request');
});

test('blocked: all, in the order of their digests, in pages, resumed', async () => {
  await sql`delete from blocked_hashes`;
  const digests = Array.from({ length: 3 }, newDigest).sort();
  for (const digest of digests) await block(digest, { reason: REASON });
  const all = linesOf(await ask('GET', '/blocked-hashes'));
  assert.deepEqual(
    all.slice(0, -1).map(({ digest, reason }) => [digest, reason]),
    digests.map((digest) => [digest, REASON]),
  );
  assert.deepEqual(all.at(-1), { end: true, count: 3 });
  const first = linesOf(await ask('GET', '/blocked-hashes?limit=2'));
  assert.deepEqual(first.at(-1), { end: true, count: 2, next: digests[1] });
  assert.deepEqual(
    linesOf(await ask('GET', `/blocked-hashes?after=${digests[1]}`)),
    all.slice(2, 3).concat([{ end: true, count: 1 } as never]),
  );
});

test('hashes.create: 403 with the reason to each hash that begins with the digest, also where it stands', async () => {
  const digest = newDigest();
  const hash = hashOf(digest);
  await create(hash);
  await block(digest, { reason: REASON });
  for (const refused of [hash, hash.toUpperCase(), digest, `${digest}00`, hashOf(digest, '07')]) {
    const problem = assertProblem(await create(refused), 403, 'hash_blocked');
    assert.equal(problem['reason'], REASON);
  }
  // Those are another content, or too short to be one that can be blocked.
  assert.equal((await create(digest.slice(2))).status, 201);
  assert.equal((await create(`00${digest}`)).status, 201);
  await block(digest, { reason: null });
  assert.equal(assertProblem(await create(hash), 403, 'hash_blocked')['reason'], undefined);
  assert.equal((await ask('GET', `/hashes/${hash}`)).status, 200);
  await unblock(digest);
  assert.equal((await create(hash)).status, 200);
  assert.equal((await create(digest)).status, 201);
});

test('hashes.create: of many at once only the blocked ones fail', async () => {
  const digests = Array.from({ length: 60 }, newDigest);
  for (const [n, digest] of digests.entries()) if (n % 20 === 0) await block(digest);
  const answers = await atOnce(120, (n) => create(hashOf(digests[n % 60] ?? '')));
  assert.deepEqual(tally(answers), { 201: 57, 200: 57, '403 hash_blocked': 6 });
});

test('commitUpload: 403; its files are condemned, named and enqueued once, and nothing is created', async () => {
  const digest = newDigest();
  await block(digest, { reason: REASON });
  const upload = newUpload(hashOf(digest), { enqueue: digest, motion_identifier: `motion-${digest}` });
  await ask('PUT', `/details?identifier=${upload.identifier}`, {});
  const files = [upload.identifier, `motion-${digest}`].sort();
  for (const _ of ['once', 'again']) {
    const problem = assertProblem(await commit(upload), 403, 'hash_blocked');
    assert.deepEqual([problem['reason'], problem['unneeded']], [REASON, files]);
  }
  assert.deepEqual((await jobsOf(digest)).sort(), files);
  assertProblem(await ask('GET', `/aliases/${upload.alias}`), 404, 'alias_not_found');
  assertProblem(await ask('GET', `/hashes/${upload.hash}`), 404, 'hash_not_found');
  assertProblem(await ask('GET', `/details?identifier=${upload.identifier}`), 404, 'details_not_found');
  await unblock(digest);
  assertProblem(await commit(upload), 409, 'identifier_condemned');
});

test('commitUpload: a file that somebody owns, or that moves, is not named; what stands is not touched', async () => {
  const digest = newDigest();
  const standing = newUpload(hashOf(digest));
  const other = newUpload(hashOf(newDigest()));
  await commit(standing);
  await commit(other);
  await ask('PUT', '/store-migration/identifiers', { identifier: 'old', new_identifier: `new-${digest}` });
  await block(digest);
  for (const upload of [
    standing,
    newUpload(standing.hash, { identifier: standing.identifier }),
    newUpload(standing.hash, { identifier: other.identifier }),
    newUpload(standing.hash, { identifier: `new-${digest}` }),
  ])
    assert.deepEqual(assertProblem(await commit(upload), 403, 'hash_blocked')['unneeded'], []);
  assert.equal((await ask('GET', `/media?alias=${standing.alias}`)).status, 200);
  // A new file of the same content is in vain.
  const vain = newUpload(standing.hash);
  assert.deepEqual(assertProblem(await commit(vain), 403, 'hash_blocked')['unneeded'], [vain.identifier]);
});

test('standing: the contents of a digest with their aliases, also the expired; in pages; blocked or not', async () => {
  const digest = newDigest();
  assert.deepEqual((await ask('GET', `/blocked-hashes/${digest}/standing`)).json, { contents: [] });
  const hashes = ['03', '05', '07'].map((format) => hashOf(digest, format));
  for (const hash of hashes) await create(hash);
  await create(hashOf(newDigest()));
  const alias = `expired-${digest}`;
  await ask('PUT', `/aliases/${alias}`, { hash: hashes[1], delete_token: 't', owner: 'alice' });
  await ask('PUT', `/aliases/${alias}/expiry`, { expires_at: '2026-01-01T00:00:00Z' });
  const read = async (query = '') => (await ask('GET', `/blocked-hashes/${digest}/standing${query}`)).json;
  const { contents, next } = await read();
  assert.deepEqual([contents.map(({ hash }: { hash: string }) => hash), next], [hashes, undefined]);
  const [{ alias: named, owner, expired, delete_token }] = contents[1].aliases;
  assert.deepEqual([named, owner, expired, delete_token], [alias, 'alice', true, undefined]);
  const first = await read('?limit=2');
  assert.deepEqual([first.contents.length, first.next], [2, hashes[1]]);
  assert.deepEqual(await read(`?after=${first.next}`), { contents: contents.slice(2) });
  assert.deepEqual(await read(`?after=${'ff'.repeat(33)}`), { contents: [] });
  await sql`
    insert into aliases (alias, hash, delete_token)
    select ${digest} || n, decode(${hashes[0] ?? ''}, 'hex'), 't' from generate_series(1, 101) as n`;
  const [many] = (await read()).contents;
  assert.deepEqual([many.aliases.length, many.aliases_more], [100, true]);
});

test('race: of many blocks at once one is new; an upload that waits for its content sees a block only afterwards', async () => {
  const digest = newDigest();
  const hash = hashOf(digest);
  const answers = await atOnce(20, (n) => block(digest, { reason: `r${n}` }));
  assert.deepEqual(tally(answers), { 201: 1, 200: 19 });
  await unblock(digest);
  await commit(newUpload(hash));
  const late = newUpload(hash);
  const answer = await whileOpen(
    sql,
    async (tx) => {
      await tx`select from hashes where hash = decode(${hash}, 'hex') for update`;
      await tx`insert into blocked_hashes (digest) values (decode(${digest}, 'hex'))`;
    },
    () => commit(late),
  );
  // It began before the block was there, so it may stand; whoever comes afterwards is refused.
  assert.equal(answer.status, 201);
  assertProblem(await commit(newUpload(hash)), 403, 'hash_blocked');
});

test('race: blocks and uploads of the same contents: whatever was refused is condemned, whatever was not stands', async () => {
  const digests = Array.from({ length: 20 }, newDigest);
  const uploads = digests.map((digest) => newUpload(hashOf(digest), { enqueue: 'raced' }));
  const [answers] = await Promise.all([
    Promise.all(uploads.map(commit)),
    Promise.all(digests.map((digest) => block(digest))),
  ]);
  const refused: string[] = [];
  for (const [n, { status, json }] of answers.entries()) {
    const { identifier = '', alias = '' } = uploads[n] ?? {};
    if (status === 403) refused.push(identifier);
    if (status === 403) assert.deepEqual(json.unneeded, [identifier]);
    assert.equal((await ask('GET', `/media?alias=${alias}`)).status, status === 201 ? 200 : 404);
  }
  assert.deepEqual((await jobsOf('raced')).sort(), refused.sort());
});

const { explain } = planner(service.url);

test('the list and what stands are read by index', async () => {
  await sql`
    insert into blocked_hashes (digest) select sha256(int8send(n)) from generate_series(1, 2000) as n`;
  await sql`
    insert into hashes (hash, identifier) select sha256(int8send(n)), 'plan/' || n from generate_series(1, 2000) as n`;
  const [digest = ''] = [createHash('sha256').update(Buffer.alloc(8)).digest('hex')];
  const asked: Record<string, (db: Database) => Promise<unknown>> = {
    entry: (db) =>
      blocklistRepo(db)
        .entry(digest)
        .catch(() => {}),
    unblock: (db) => blocklistRepo(db).unblock(digest),
    standing: (db) => blocklistRepo(db).standing(digest, {}),
  };
  for (const [name, call] of Object.entries(asked)) {
    for (const node of nodesOf(await explain(call, 'force_generic_plan'))) {
      assert.ok(!/^(Seq|Bitmap)/.test(node['Node Type']), `${name}: ${node['Relation Name']}`);
      assert.ok(node['Actual Rows'] * node['Actual Loops'] < 100, `${name}: ${node['Node Type']}`);
    }
  }
});
