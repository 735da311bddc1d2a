import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from './cleanup.js';
import { until } from './until.js';

const PROGRAM = process.env['PGBOUNCER'] ?? 'pgbouncer';
/** As root it does not run. */
const NOBODY = 65_534;
const PORT = 6432;

/** Major and minor version, as 1.18; undefined where it is not at hand. Debian has it in /usr/sbin. */
export function pgbouncerVersion(): number | undefined {
  const { stdout } = spawnSync(PROGRAM, ['--version'], { env: environment(), encoding: 'utf8' });
  const [, minor] = /PgBouncer 1\.(\d+)/.exec(stdout ?? '') ?? [];
  return minor === undefined ? undefined : Number(minor);
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` };
}

const docs = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');

/** The configuration that docs/operations.md shows. */
export const RECIPE = /```ini\n(\[databases\][^`]*)```/.exec(docs)?.[1] ?? '';
/** What it says to set for the role. */
export const ROLE_SETTINGS = [...docs.matchAll(/alter role images in database images (set [^;]*);/g)].map(
  ([, set]) => set ?? '',
);

/** A PgBouncer by the recipe, at a socket in a folder of its own; `change` may edit the configuration. */
export async function startPgbouncer(database: string, change = (recipe: string): string => recipe) {
  const target = new URL(database);
  const folder = await mkdtemp(join(tmpdir(), 'pict-repo-pgbouncer-'));
  const name = target.pathname.slice(1);
  const settings = change(RECIPE)
    .replace(
      /^images = .* dbname=images/m,
      `${name} = host=${target.hostname} port=${target.port} dbname=${name}`,
    )
    .replace(/^listen_addr = .*$/m, `unix_socket_dir = ${folder}`)
    .replace(/^listen_port = .*$/m, `listen_port = ${PORT}`)
    .replace(/^auth_file = .*$/m, `auth_file = ${join(folder, 'userlist.txt')}`);
  const user = decodeURIComponent(target.username);
  await writeFile(join(folder, 'userlist.txt'), `"${user}" "${decodeURIComponent(target.password)}"\n`);
  await writeFile(join(folder, 'pgbouncer.ini'), settings);
  await chmod(folder, 0o755);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await chown(folder, NOBODY, NOBODY);
  const child = spawn(PROGRAM, [join(folder, 'pgbouncer.ini')], {
    env: environment(),
    stdio: 'ignore',
    ...(isRoot && { uid: NOBODY, gid: NOBODY }),
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  atEnd(async () => {
    child.kill('SIGKILL');
    await ended;
    await rm(folder, { recursive: true });
  });
  await until(() => accepts(join(folder, `.s.PGSQL.${PORT}`)));
  const url = new URL(database);
  url.searchParams.set('host', folder);
  url.searchParams.set('port', String(PORT));
  return url.href;
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
