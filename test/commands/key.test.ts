import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { createKey } from '../../src/keys.js';
import { createDatabase } from '../support/database.js';
import { type TestKey, testKey } from '../support/keys.js';
import { startTestService } from '../support/service.js';
import { startServiceProcess } from '../support/service-process.js';
import { until } from '../support/until.js';

/** Keys as an operator has them: made by the command, changed in their file, named in the log. */

const MAIN = join(import.meta.dirname, '../../src/main.js');
const run = promisify(execFile);

test('SIGHUP loads new keys and drops old ones, and the log has only their names', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'pict-repo-keys-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'keys');
  const write = async (...lines: string[]): Promise<void> => {
    await writeFile(`${file}.new`, lines.join('\n'));
    await rename(`${file}.new`, file);
  };
  const [before, after] = [testKey('before', 'write'), testKey('after', 'write')];
  await write('# the first', before.line);
  const { url } = await createDatabase();
  const service = await startServiceProcess({ DATABASE_URL: url, PICT_REPO_KEYS_FILE: file });
  const statusWith = async ({ headers }: TestKey) =>
    (await fetch(`${service.base}/v1/queues`, { headers })).status;
  const reload = async (said: string): Promise<void> => {
    const from = service.log().length;
    service.send('SIGHUP');
    await until(() => service.log().slice(from).includes(said));
  };

  assert.deepEqual([await statusWith(before), await statusWith(after)], [200, 401]);
  await write(before.line, after.line);
  await reload('keys reloaded');
  assert.deepEqual([await statusWith(before), await statusWith(after)], [200, 200]);
  await write(after.line);
  await reload('keys reloaded');
  assert.deepEqual([await statusWith(before), await statusWith(after)], [401, 200]);

  // Somebody has written the key itself where its hash belongs.
  await write(`before write ${before.key}`);
  await reload('line 1: after the scope comes sha256:');
  await write('');
  await reload('PICT_REPO_KEYS_FILE holds no key');
  await rm(file);
  await reload('PICT_REPO_KEYS_FILE cannot be read');
  assert.deepEqual([await statusWith(before), await statusWith(after)], [401, 200]);

  const query = await fetch(`${service.base}/v1/queues?key=${after.key}`);
  assert.equal(query.status, 401, 'a key in the query is none');
  assert.equal(await service.end('SIGTERM'), 0);
  const records = service
    .log()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    records.filter(({ status }) => status).map(({ status, key }) => `${status} ${key}`),
    [
      ...['200 before', '401 undefined', '200 before', '200 after', '401 undefined', '200 after'],
      ...['401 undefined', '200 after', '401 undefined'],
    ],
  );
  const members = records.filter(({ status }) => status).flatMap((record) => Object.keys(record));
  assert.equal(
    [...new Set(members)].sort().join(' '),
    'bytes hostname key level method ms msg operation path pid remote request_id status time',
  );
  assert.equal(
    records.filter(({ level }) => level === 'error').length,
    3,
    'an error for each file that is no good',
  );
  for (const { key, line } of [before, after]) {
    const [, , hash = ''] = line.split(' ');
    assert.ok(!service.log().includes(key) && !service.log().includes(hash.slice('sha256:'.length)));
  }
});

test('the key that the command shows is accepted with the line that it prints', async () => {
  const make = (...more: string[]) =>
    run(process.execPath, [MAIN, 'key', '--name', 'worker', '--scope', 'write', ...more], { env: {} });
  const { stdout, stderr } = await make('--expires', '2999-01-01T00:00:00Z');
  const [key = ''] = /pictrepo_\S+/.exec(stderr) ?? [];
  assert.match(stdout, /^worker write sha256:[0-9a-f]{64} expires:2999-01-01T00:00:00Z\n$/);
  assert.ok(key.length >= 52 && !stdout.includes(key), stderr);
  const again = await make();
  assert.match(again.stdout, /^worker write sha256:[0-9a-f]{64}\n$/);
  assert.ok(!again.stderr.includes(key), 'the same key twice');

  const { ask } = await startTestService({ PICT_REPO_KEYS: stdout });
  const headers = { authorization: `Bearer ${key}` };
  assert.equal((await ask('GET', '/queues', undefined, { headers })).status, 200);
});

const FULL = '/dev/full';
test('a line that cannot be written is an error', { skip: !existsSync(FULL) }, async () => {
  const shell = `"$0" "$1" key --name worker --scope write >> ${FULL}`;
  await assert.rejects(run('sh', ['-c', shell, process.execPath, MAIN], { env: {} }), (error) => {
    assert.ok(error instanceof Error && 'code' in error && 'stderr' in error);
    assert.equal(error.code, 1);
    assert.match(String(error.stderr), /The line could not be written.*ENOSPC/);
    return true;
  });
});

for (const [what, [fault, ...args]] of Object.entries({
  'no scope': [/scope/, 'a', ''],
  'an unknown scope': [/scope/, 'a', 'root'],
  'no name': [/name/, '', 'read'],
  'a name with a space': [/name/, 'a read', 'read'],
  'an expiry that is no time': [/expires/, 'a', 'read', 'tomorrow'],
  'an expiry in the past': [/expires/, 'a', 'read', '2020-01-01T00:00:00Z'],
} as const)) {
  test(`with ${what} no key is made`, () => {
    const [name, scope, expires] = args;
    assert.throws(() => createKey(name, scope, expires), fault);
  });
}
