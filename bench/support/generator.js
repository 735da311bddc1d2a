import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SCRIPT = join(import.meta.dirname, 'wrk.lua');
const run = promisify(execFile);

/**
 * @typedef {{ method: string, path: string, body?: string }} Request the body is JSON in one line
 * @typedef {object} Load
 * @property {number} port
 * @property {Request[]} requests
 * @property {number} connections
 * @property {number} seconds
 * @property {number} [after] makes each request different: `{number}` in its path and body is then the next number after
 *   this one, and `{parent}` one of the first 10,000, both scattered
 * @typedef {{ answers: number, microseconds: number, refused: number, failed: number }} Loaded
 */

/**
 * One generator for all contenders: wrk where it is on the PATH, else autocannon, which takes several times its
 * processor time. Each connection sends one request at a time.
 *
 * @param {{ processes: import('./processes.js').Processes, keep: (stop: () => Promise<void>) => void }} context
 * @returns {Promise<{ name: string, rate: (load: Load) => Promise<number> }>} rate: answers per second
 */
export async function openGenerator({ processes, keep }) {
  const isWrk = spawnSync('wrk', ['-v']).error === undefined;
  const load = isWrk ? await wrk(keep) : autocannon(processes);
  return {
    name: isWrk ? 'wrk' : 'autocannon',
    async rate(options) {
      const { answers, microseconds, refused, failed } = await load(options);
      if (refused + failed > 0 || answers === 0)
        throw new Error(`of ${answers} answers ${refused} were refusals; ${failed} requests failed`);
      return answers / (microseconds / 1e6);
    },
  };
}

/** @param {(stop: () => Promise<void>) => void} keep @returns {Promise<(load: Load) => Promise<Loaded>>} */
async function wrk(keep) {
  const folder = await mkdtemp(join(tmpdir(), 'pict-repo-bench-requests-'));
  keep(() => rm(folder, { recursive: true }));
  /** @type {Map<Request[], string>} */
  const files = new Map();
  /** @param {Request[]} requests */
  async function fileOf(requests) {
    const known = files.get(requests);
    if (known) return known;
    const file = join(folder, String(files.size));
    const lines = requests.map(({ method, path, body = '' }) => `${method} ${path} ${body}\n`);
    await writeFile(file, lines.join(''));
    files.set(requests, file);
    return file;
  }
  return async ({ port, requests, connections, seconds, after = 0 }) => {
    const options = ['-t1', `-c${connections}`, `-d${seconds}s`, `-s${SCRIPT}`, `http://127.0.0.1:${port}`];
    const { stdout } = await run('wrk', [...options, '--', await fileOf(requests), String(after)]);
    const [, result = ''] = /^(\{.*\})$/m.exec(stdout) ?? [];
    return JSON.parse(result);
  };
}

/** Eight digits for a number below 2³², so that neighbours lie far from each other. @param {number} n */
export const scattered = (n) => ((n * 2654435761) % 2 ** 32).toString(16).padStart(8, '0');

/** The same in SQL. */
export const SCATTERED = `lpad(to_hex(n * 2654435761 % 4294967296), 8, '0')`;

/** @param {import('./processes.js').Processes} processes @returns {(load: Load) => Promise<Loaded>} */
function autocannon(processes) {
  const call = processes.contender('contenders/autocannon.js', {});
  return (load) => call('load', load);
}
