import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig } from '../src/config.js';
import { describeConfig } from '../src/config-variables.js';

/** What the files of ops/ must say because of what the program says. */

const ops = join(import.meta.dirname, '../../ops');
const manifest = await readFile(join(ops, 'kubernetes/pict-repo.yaml'), 'utf8');
const unit = await readFile(join(ops, 'systemd/pict-repo.service'), 'utf8');
const known = new Set(describeConfig().map(({ name }) => name));
const LONGEST_POLL_SECONDS = 55;
const SYSTEMD_ANALYZE = process.env['SYSTEMD_ANALYZE'] ?? 'systemd-analyze';

test('the manifest sets variables that exist, to values that are taken', () => {
  const names = [...manifest.matchAll(/name: ([A-Z][A-Z_]+)\b/g)].map(([, name = '']) => name);
  assert.ok(names.length > 5);
  for (const name of names) assert.ok(known.has(name), name);
  const values = [...manifest.matchAll(/name: ([A-Z_]+), value: "?([^"\s]+?)"? \}/g)];
  // The files are mounted in a pod only, and without keys the service would listen to nobody else.
  const env = Object.fromEntries(
    values.map(([, name = '', value = '']) => [name, value]).filter(([name]) => !name?.endsWith('_FILE')),
  );
  const config = readConfig({ ...env, PICT_REPO_INSECURE: 'true', DATABASE_URL: 'postgres://u@h/db' });
  assert.ok(manifest.includes(`name: http, containerPort: ${config.PORT} }`));
  assert.ok(manifest.includes(`name: metrics, containerPort: ${config.METRICS_PORT} }`));
  assert.ok(manifest.includes(`name: http, port: ${config.PORT}, targetPort: http }`));
  const [, grace] = /terminationGracePeriodSeconds: (\d+)/.exec(manifest) ?? [];
  const needed = config.SHUTDOWN_DELAY_SECONDS + config.SHUTDOWN_TIMEOUT_SECONDS;
  assert.ok(Number(grace) > Math.max(needed, LONGEST_POLL_SECONDS));
});

test('the manifest asks paths that the service answers, and mounts what it names', () => {
  const paths = [...manifest.matchAll(/path: (\/\S+?),/g)].map(([, path]) => path);
  assert.deepEqual(paths, ['/livez', '/livez', '/readyz']);
  const [, mount = ''] = /name: secrets, mountPath: (\S+?),/.exec(manifest) ?? [];
  const files = [...manifest.matchAll(/value: (\/\S+\/(\S+)) \}/g)];
  assert.equal(files.length, 2);
  for (const [, path = '', key = ''] of files) {
    assert.equal(path, `${mount}/${key}`);
    assert.ok(manifest.includes(`{ key: ${key}, path: ${key} }`), key);
  }
});

test('the unit sets variables that exist, and systemd takes it, where it is at hand', (context) => {
  const names = [...unit.matchAll(/^Environment=(\w+)=/gm)].map(([, name = '']) => name);
  assert.deepEqual(names, ['DATABASE_PASSWORD_FILE', 'PICT_REPO_KEYS_FILE']);
  for (const name of names) assert.ok(known.has(name), name);
  const [, seconds] = /^TimeoutStopSec=(\d+)$/m.exec(unit) ?? [];
  assert.ok(Number(seconds) > LONGEST_POLL_SECONDS);
  const verify = spawnSync(SYSTEMD_ANALYZE, ['verify', join(ops, 'systemd/pict-repo.service')], {
    encoding: 'utf8',
  });
  if (verify.error) return context.diagnostic('systemd-analyze is not at hand');
  assert.deepEqual([verify.status, verify.stderr], [0, '']);
});
