import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readConfig } from '../src/config.js';

/** What the container's files must say because of what the program says. They are tried with an engine by hand. */

const root = join(import.meta.dirname, '../..');
const LONGEST_POLL_SECONDS = 55;

const read = (file: string): Promise<string> => readFile(join(root, file), 'utf8');

function secondsOf(text: string, name: string): number {
  const [, value, unit] = new RegExp(`^\\s*${name}:?\\s+(\\d+)(s|h)?$`, 'm').exec(text) ?? [];
  assert.ok(value !== undefined, name);
  return Number(value) * (unit === 'h' ? 3600 : 1);
}

test('every package of the service and its development runs on the Node that the README asks for', async () => {
  const { engines } = JSON.parse(await read('package.json'));
  const { packages } = JSON.parse(await read('package-lock.json'));
  const [, major = '', minor = ''] = /^>=(\d+)\.(\d+)$/.exec(engines.node) ?? [];
  const takes = (range: string): boolean =>
    range.split('||').some((part) => {
      const [, sign, least, minorLeast = '0'] = /^\s*(>=|\^|>)?\s*v?(\d+)(?:\.(\d+))?/.exec(part) ?? [];
      if (least === undefined) return part.trim() === '*';
      if (least === major) return Number(minorLeast) <= Number(minor);
      return sign?.startsWith('>') === true && Number(least) < Number(major);
    });
  const late = Object.entries<{ engines?: { node?: string } }>(packages)
    .filter(([, { engines: own }]) => own?.node !== undefined && !takes(own.node))
    .map(([name, { engines: own }]) => `${name} ${own?.node}`);
  assert.deepEqual(late, []);
});

test('the image has every file that the program reads', async () => {
  const [dockerfile, ignored] = [await read('Dockerfile'), await read('.dockerignore')];
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = '']) =>
    files.split(' '),
  );
  const needed = new Set<string>();
  for (const file of await readdir(join(root, 'src'), { recursive: true })) {
    // These write what is committed, for those who develop.
    const writes = ['openapi.ts', 'docs.ts'].some((name) => file === join('commands', name));
    if (!file.endsWith('.ts') || writes) continue;
    const depth = file.split(/[\\/]/).length + 1;
    for (const [, up = '', name = ''] of (await read(join('src', file))).matchAll(
      /new URL\('((?:\.\.\/)+)([\w.-]+)/g,
    )) {
      if (up.length / 3 === depth) needed.add(name);
    }
  }
  assert.ok(needed.has('migrations') && needed.has('package.json'), [...needed].join());
  for (const name of needed) assert.ok(copied.includes(name), `${name} is not copied`);
  const allowed = ignored.split('\n').filter((line) => line.startsWith('!'));
  assert.deepEqual(allowed.sort(), [...new Set(copied)].map((name) => `!${name}`).sort());
});

test('the image is labelled with the version of the package', async () => {
  const { version } = JSON.parse(await read('package.json'));
  assert.match(await read('Dockerfile'), new RegExp(`^ARG VERSION=${version.replaceAll('.', '\\.')}$`, 'm'));
});

test('the stop periods are long enough to answer all requests', async () => {
  const [alone, replicas, proxy] = [
    await read('compose.yaml'),
    await read('compose.replicas.yaml'),
    await read('ops/haproxy.cfg'),
  ];
  const longest = Math.max(
    LONGEST_POLL_SECONDS,
    secondsOf(replicas, 'SHUTDOWN_DELAY_SECONDS') + readConfig({}).SHUTDOWN_TIMEOUT_SECONDS,
  );
  for (const file of [alone, replicas]) assert.ok(secondsOf(file, 'stop_grace_period') > longest);
  for (const name of ['hard-stop-after', 'timeout server', 'timeout client']) {
    assert.ok(secondsOf(proxy, name) > LONGEST_POLL_SECONDS, name);
  }
  assert.ok(secondsOf(replicas, 'stop_grace_period') > secondsOf(proxy, 'hard-stop-after'));
});
