import { Socket } from 'node:net';
import { mock } from 'node:test';

/** What the files of a process share, and each must leave as it was. */
export type Ground = Map<string, unknown>;

const EVENTS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException', 'unhandledRejection', 'message'];

/** For itself, when it is loaded. */
const SET_BY_SHARP = 'VIPSHOME';

export function groundNow(): Ground {
  const dispatcher = Reflect.get(globalThis, Symbol.for('undici.globalDispatcher.1'));
  return new Map<string, unknown>([
    ...Object.entries(process.env)
      .filter(([name]) => name !== SET_BY_SHARP)
      .map(([name, value]) => [`process.env.${name}`, value] as const),
    ...EVENTS.map((name) => [`the listeners of process for ${name}`, process.listenerCount(name)] as const),
    ['the current folder', process.cwd()],
    ['fetch', fetch],
    ['Date', Date],
    ['setTimeout', setTimeout],
    ['setInterval', setInterval],
    ['performance.now', performance.now],
    ['Socket.prototype.connect', Socket.prototype.connect],
    ['Socket.prototype.write', Socket.prototype.write],
    // The first fetch of the process sets it.
    ...(dispatcher ? [['the dispatcher of fetch', dispatcher] as const] : []),
  ]);
}

/** Servers and child processes that are open, each by its kind. */
export function openNow(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((kind) => kind === 'TCPServerWrap' || kind === 'ProcessWrap');
}

/** Takes back what a file has mocked for all of its tests, and names what else it has changed. */
export function leftOn(before: Ground): string[] {
  mock.reset();
  const after = groundNow();
  const names = new Set([...before.keys(), ...after.keys()]);
  if (!before.has('the dispatcher of fetch')) names.delete('the dispatcher of fetch');
  return [...names].filter((name) => before.get(name) !== after.get(name)).map((name) => `${name} changed`);
}
