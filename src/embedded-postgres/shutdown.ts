import { setTimeout as sleep } from 'node:timers/promises';

/** Signals to send one after the other, each with the time to wait for its effect. */
export type Steps = readonly (readonly [signal: NodeJS.Signals, waitMs: number])[];

/** For a postmaster: a fast shutdown, which ends with a checkpoint, then an immediate one, then SIGKILL. */
export const POSTMASTER: Steps = [
  ['SIGINT', 10_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
];

/** For backends whose postmaster is dead. Their shared memory is lost, so there is nothing to wait for. */
export const ORPHANS: Steps = [
  ['SIGQUIT', 1_000],
  ['SIGKILL', 5_000],
];

/** Sends one signal after the other until `ended` returns true, and gives up after the last one. */
export async function shutdown(
  steps: Steps,
  send: (signal: NodeJS.Signals) => void,
  ended: () => boolean,
): Promise<void> {
  for (const [signal, waitMs] of steps) {
    if (ended()) return;
    send(signal);
    const deadline = performance.now() + waitMs;
    while (!ended() && performance.now() < deadline) await sleep(10);
  }
}
