import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newHash } from '../support/new-hash.js';
import { atOnce, tally, whileOpen } from '../support/races.js';
import { assertProblem } from '../support/raw-http.js';
import { startTestService } from '../support/service.js';

const { ask, sql } = await startTestService({ CONDEMNED_GRACE_SECONDS: '0' });
const DETAILS = '{"width":1920, "z":-0,"n":1e300}';
const FUTURE = '2099-01-01T00:00:00.000000Z';

let names = 0;
const newName = (what: string): string => `${what}-${++names}`;

interface Upload {
  alias: string;
  hash: string;
  identifier: string;
  delete_token: string;
  motion_identifier?: string;
  /** JSON text, which is sent as it is. */
  details?: string;
}

/** An upload of the test's own. */
function newUpload(more: Record<string, unknown> = {}): Upload {
  const name = newName('upload');
  return {
    alias: `${name}.png`,
    hash: newHash(),
    identifier: `file/${name}`,
    delete_token: 'token',
    ...more,
  };
}

function commit({ alias, details, ...body }: Upload & { enqueue?: string }) {
  const text = JSON.stringify(body);
  return ask(
    'PUT',
    `/media/${alias}`,
    details === undefined ? text : `${text.slice(0, -1)},"details":${details}}`,
  );
}

const bodyOf = ({ alias, hash, identifier }: Upload, more: object = {}) => ({
  alias,
  hash,
  identifier,
  content: 'created',
  unneeded: [],
  ...more,
});

async function made(method: string, path: string, body?: unknown) {
  const answer = await ask(method, path, body);
  assert.ok(answer.status < 300, `${path}: ${answer.text}`);
  return answer;
}

async function jobsOf(queue: string): Promise<string[]> {
  const rows = await sql<{ identifier: string }[]>`
    select job -> 'Identifier' ->> 'identifier' as identifier from jobs where queue = ${queue} order by seq`;
  return rows.map(({ identifier }) => identifier);
}

/** What is there of the names of an upload. */
async function traceOf({ alias, hash, identifier }: Upload) {
  const statuses = await Promise.all(
    [
      `/aliases/${alias}`,
      `/hashes/${hash}`,
      `/files?identifier=${identifier}`,
      `/details?identifier=${identifier}`,
    ].map(async (path) => (await ask('GET', path)).status),
  );
  return statuses.join(' ');
}

const ALL = '200 200 200 200';
const NONE = '404 404 404 404';

test('commitUpload: content, details, alias, URL and access in one request; the same again is 200 with the same body', async () => {
  const url = `https://example.org/${newHash()}`;
  const upload = newUpload({
    details: DETAILS,
    bytes: 48_213,
    blurhash: 'LEHV6n',
    owner: 'alice',
    expires_at: '2099-01-01T01:00:00+01:00',
    proxy_url: url,
    enqueue: 'never',
  });
  Object.assign(upload, { motion_identifier: `${upload.identifier}.mp4` });
  const created = await commit(upload);
  assert.equal(created.status, 201);
  assert.deepEqual(created.json, bodyOf(upload));
  const again = await commit(upload);
  assert.equal(again.status, 200);
  assert.equal(again.text, created.text);
  const image = await ask('GET', `/media?url=${url}`);
  assert.ok(image.text.includes(`"details":${DETAILS}`));
  const { alias, hash, identifier } = upload;
  const { details: _, ...rest } = image.json;
  assert.deepEqual(rest, {
    ...{ alias, hash, identifier, motion_identifier: `${identifier}.mp4`, blurhash: 'LEHV6n' },
    ...{ owner: 'alice', expires_at: FUTURE, variant: null },
  });
  assert.equal((await ask('GET', `/hashes/${hash}`)).json.bytes, 48_213);
  assert.equal((await sql`select from alias_accesses where alias = ${alias}`).length, 1);
  assert.deepEqual((await ask('GET', `/aliases/${alias}/delete-token`)).json, { delete_token: 'token' });
  assert.deepEqual(await jobsOf('never'), []);
});

test('commitUpload: without anything that may be left out', async () => {
  const upload = newUpload();
  assert.deepEqual((await commit({ ...upload, hash: upload.hash.toUpperCase() })).json, bodyOf(upload));
  assert.equal(await traceOf(upload), '200 200 200 404');
});

test('commitUpload: of content that stands, the answer has its file; what was uploaded in vain is named and enqueued once', async () => {
  const first = newUpload();
  await commit(first);
  const second = newUpload({ hash: first.hash, details: DETAILS, bytes: 7, blurhash: 'b', enqueue: 'vain' });
  await made('PUT', `/details?identifier=${second.identifier}`, { of: 'the upload in vain' });
  const expected = {
    ...bodyOf(second),
    identifier: first.identifier,
    content: 'standing',
    unneeded: [second.identifier],
  };
  const answer = await commit(second);
  assert.deepEqual([answer.status, answer.json], [201, expected]);
  const again = await commit(second);
  assert.deepEqual([again.status, again.json], [200, expected]);
  assert.deepEqual(await jobsOf('vain'), [second.identifier]);
  assert.equal((await ask('GET', `/details?identifier=${second.identifier}`)).status, 404);
  // What was missing is filled in, and only that.
  assert.equal((await ask('GET', `/details?identifier=${first.identifier}`)).text, DETAILS);
  await commit(newUpload({ hash: first.hash, details: '{"other":1}', bytes: 8, blurhash: 'c' }));
  assert.equal((await ask('GET', `/details?identifier=${first.identifier}`)).text, DETAILS);
  const { bytes, blurhash } = (await ask('GET', `/hashes/${first.hash}`)).json;
  assert.deepEqual([bytes, blurhash], [7, 'b']);
});

test('commitUpload: of content that stands with the very file, nothing is in vain', async () => {
  const first = newUpload();
  await commit(first);
  const second = { ...first, alias: newName('alias') };
  const answer = await commit(second);
  assert.deepEqual([answer.status, answer.json], [201, bodyOf(second)]);
});

test('commitUpload: a motion file is adopted where none stands, and otherwise in vain', async () => {
  const first = newUpload();
  await commit(first);
  const motion = { motion_identifier: newName('motion') };
  const second = await commit(newUpload({ ...first, alias: newName('alias'), ...motion }));
  assert.deepEqual(second.json.unneeded, []);
  assert.equal((await ask('GET', `/hashes/${first.hash}`)).json.motion_identifier, motion.motion_identifier);
  const third = newUpload({ hash: first.hash, motion_identifier: newName('motion') });
  assert.deepEqual((await commit(third)).json.unneeded, [third.identifier, third.motion_identifier].sort());
  assert.equal((await ask('GET', `/hashes/${first.hash}`)).json.motion_identifier, motion.motion_identifier);
});

test('commitUpload: 409 for an alias with another content or token; the files are condemned, named and enqueued once', async () => {
  const first = newUpload();
  await commit(first);
  for (const other of [
    newUpload({ alias: first.alias }),
    newUpload({ ...first, delete_token: 'other', identifier: newName('file') }),
  ]) {
    const queue = newName('queue');
    for (let round = 0; round < 2; round++) {
      const answer = await commit({ ...other, enqueue: queue });
      const problem = assertProblem(answer, 409, 'alias_already_exists');
      assert.deepEqual(problem['existing'], { alias: first.alias, hash: first.hash });
      assert.deepEqual(problem['unneeded'], [other.identifier]);
    }
    assert.deepEqual(await jobsOf(queue), [other.identifier]);
    assertProblem(
      await ask('PUT', `/hashes/${newHash()}`, { identifier: other.identifier }),
      409,
      'identifier_condemned',
    );
  }
  // The file that stands is not.
  const same = await commit({ ...first, delete_token: 'other' });
  assert.deepEqual(assertProblem(same, 409, 'alias_already_exists')['unneeded'], []);
  assert.equal((await ask('GET', `/media?alias=${first.alias}`)).json.identifier, first.identifier);
});

test('commitUpload: a file that was deleted and uploaded in vain once more is condemned and enqueued once more', async () => {
  const first = newUpload();
  await commit(first);
  const [queue, identifier] = [newName('queue'), newName('file')];
  const vain = { ...newUpload({ alias: first.alias, identifier }), enqueue: queue };
  for (let round = 1; round <= 2; round++) {
    for (const _ of ['once', 'again']) {
      const problem = assertProblem(await commit(vain), 409, 'alias_already_exists');
      assert.deepEqual(problem['unneeded'], [identifier]);
    }
    assert.deepEqual(await jobsOf(queue), Array(round).fill(identifier));
    const [file] =
      await sql`select deleted_at, condemned_at is not null as condemned from files where identifier = ${identifier}`;
    assert.deepEqual(file, { deleted_at: null, condemned: true });
    assert.equal((await ask('POST', '/files/deleted', { identifiers: [identifier] })).status, 200);
  }
});

test('commitUpload: 409 for the URL of another alias, and nothing is created', async () => {
  const url = `https://example.org/${newHash()}`;
  const first = newUpload({ proxy_url: url });
  await commit(first);
  const second = newUpload({ proxy_url: url, details: DETAILS, enqueue: 'proxied' });
  const problem = assertProblem(await commit(second), 409, 'proxy_already_exists');
  assert.deepEqual(problem['existing'], { alias: first.alias });
  assert.deepEqual(problem['unneeded'], [second.identifier]);
  assert.deepEqual(await jobsOf('proxied'), [second.identifier]);
  assert.equal(await traceOf(second), NONE);
});

test('commitUpload: 409 where the motion file is the original of the content, and nothing changes', async () => {
  const first = newUpload();
  await commit(first);
  const second = newUpload({ hash: first.hash, motion_identifier: first.identifier });
  const { existing } = assertProblem(await commit(second), 409, 'identifier_already_used');
  assert.deepEqual(existing, { hash: first.hash, identifier: first.identifier });
  assert.equal((await ask('GET', `/hashes/${first.hash}`)).json.motion_identifier, null);
  assert.equal((await ask('GET', `/aliases/${second.alias}`)).status, 404);
});

test('commitUpload: 409 for a file that somebody owns, be it of whatever kind, and nothing is created', async () => {
  const first = newUpload({ motion_identifier: newName('motion') });
  await commit(first);
  const variant = newName('variant-file');
  await made('PUT', `/hashes/${first.hash}/variant?variant=v`, { identifier: variant });
  for (const [file, of] of [
    [first.identifier, {}],
    [first.motion_identifier, {}],
    [variant, { variant: 'v' }],
  ] as const) {
    for (const member of ['identifier', 'motion_identifier']) {
      const upload = newUpload({ [member]: file, details: DETAILS });
      const { existing } = assertProblem(await commit(upload), 409, 'identifier_already_used');
      assert.deepEqual(existing, { hash: first.hash, ...of, identifier: file });
      assert.equal((await ask('GET', `/aliases/${upload.alias}`)).status, 404);
      assert.equal((await ask('GET', `/hashes/${upload.hash}`)).status, 404);
    }
  }
});

test('commitUpload: after its alias was released, the same again is 409, until the file is deleted', async () => {
  for (const hash of [undefined, newHash()]) {
    // The content goes with its last alias, or stands.
    if (hash) await commit(newUpload({ hash }));
    const upload = newUpload(hash ? { hash } : {});
    await commit(upload);
    await made('POST', `/media/${upload.alias}/release`, { delete_token: 'token' });
    assertProblem(await commit(upload), 409, 'identifier_condemned');
    assert.equal((await ask('GET', `/aliases/${upload.alias}`)).status, 404);
  }
});

test('commitUpload: 400 for a time that is over, details that are no object, the same file twice', async () => {
  for (const more of [{ expires_at: '2026-01-01T00:00:00Z' }, { details: '[1]' }, { details: '"text"' }]) {
    const upload = newUpload(more);
    assertProblem(await commit(upload), 400, 'invalid_request');
    assert.equal(await traceOf(upload), NONE);
  }
  const twice = newUpload();
  assertProblem(await commit({ ...twice, motion_identifier: twice.identifier }), 400, 'invalid_request');
});

test('commitUpload: details of 1 MiB, and 413 for more', async () => {
  const around = '{"x":""}'.length;
  const details = (length: number) => `{"x":"${'x'.repeat(length - around)}"}`;
  assert.equal((await commit(newUpload({ details: details(1024 * 1024) }))).status, 201);
  const upload = newUpload({ details: details(1024 * 1024 + 1) });
  assertProblem(await commit(upload), 413, 'details_too_large');
  assert.equal(await traceOf(upload), NONE);
});

test('commitUpload: the same again is 200 also when its time is over, and whoever owns the alias now', async () => {
  const upload = newUpload({ owner: 'alice', expires_at: FUTURE });
  await commit(upload);
  await made('PUT', `/aliases/${upload.alias}/owner`, { owner: 'bob' });
  await made('PUT', `/aliases/${upload.alias}/expiry`, { expires_at: '2026-01-01T00:00:00Z' });
  assert.equal((await commit(upload)).status, 200);
});

test('commitUpload: a file that a store migration has marked is not condemned', async () => {
  const first = newUpload();
  await commit(first);
  const second = newUpload({ hash: first.hash });
  await made('PUT', '/store-migration/identifiers', { identifier: 'old', new_identifier: second.identifier });
  assert.deepEqual((await commit(second)).json.unneeded, []);
  assert.equal((await sql`select from files where identifier = ${second.identifier}`).length, 0);
});

test('commitUpload: of many uploads at once of the same bytes one file stands, and each other one is named', async () => {
  const hash = newHash();
  const uploads = Array.from({ length: 30 }, () =>
    newUpload({ hash, motion_identifier: newName('motion'), enqueue: hash }),
  );
  const answers = await Promise.all(uploads.map(commit));
  assert.deepEqual(tally(answers), { 201: 30 });
  const { identifier, motion_identifier } = (await ask('GET', `/hashes/${hash}`)).json;
  const files = uploads.flatMap((upload) => [upload.identifier, String(upload.motion_identifier)]);
  const lost = files.filter((file) => file !== identifier && file !== motion_identifier).sort();
  assert.equal(lost.length, 58);
  assert.deepEqual(answers.flatMap(({ json }) => json.unneeded).sort(), lost);
  assert.deepEqual((await jobsOf(hash)).sort(), lost);
});

test('commitUpload: of many uploads at once under one alias, or of one URL, one gets it', async () => {
  const alias = newName('alias');
  const uploads = Array.from({ length: 10 }, () => newUpload({ alias }));
  assert.deepEqual(tally(await Promise.all(uploads.map(commit))), { 201: 1, '409 alias_already_exists': 9 });
  const url = `https://example.org/${newHash()}`;
  const proxied = Array.from({ length: 10 }, () => newUpload({ proxy_url: url }));
  assert.deepEqual(tally(await Promise.all(proxied.map(commit))), { 201: 1, '409 proxy_already_exists': 9 });
  const again = await atOnce(10, () =>
    commit(newUpload({ ...uploads[0], alias: `${alias}-2`, hash: newHash(), identifier: 'wanted' })),
  );
  assert.equal(tally(again)['201'], 1);
});

test('commitUpload: beside the release of the last alias, the content stays whole or is new', async () => {
  const first = newUpload({ details: DETAILS });
  await commit(first);
  const second = newUpload({ hash: first.hash, details: DETAILS });
  const answer = await whileOpen(
    sql,
    async (tx) => {
      await tx`select from hashes where hash = decode(${first.hash}, 'hex') for update`;
      await tx`delete from aliases where alias = ${first.alias}`;
      await tx`delete from details where identifier = ${first.identifier}`;
      await tx`delete from hashes where hash = decode(${first.hash}, 'hex')`;
    },
    () => commit(second),
  );
  assert.deepEqual([answer.status, answer.json], [201, bodyOf(second)]);
  assert.equal(await traceOf(second), ALL);
});

test('commitUpload: what another transaction is making of it is waited for, and then decided', async () => {
  const [one, two] = [newUpload(), newUpload()];
  const committed = await whileOpen(
    sql,
    (tx) => tx`insert into hashes (hash, identifier) values (decode(${one.hash}, 'hex'), 'of the rival')`,
    () => commit(one),
  );
  assert.deepEqual(committed.json, {
    ...bodyOf(one),
    identifier: 'of the rival',
    content: 'standing',
    unneeded: [one.identifier],
  });
  const undone = await whileOpen(
    sql,
    (tx) => tx`insert into hashes (hash, identifier) values (decode(${two.hash}, 'hex'), 'of the rival too')`,
    () => commit(two),
    'rollback',
  );
  assert.deepEqual(undone.json, bodyOf(two));
});
