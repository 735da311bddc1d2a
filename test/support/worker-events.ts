import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

/** A handler's work that takes until its signal is aborted; resolves to the reason. */
export async function untilAborted(signal: AbortSignal): Promise<unknown> {
  if (!signal.aborted) await once(signal, 'abort');
  return signal.reason;
}

/** Something that happens once, waited for with a limit. */
export class Event<T = void> {
  happen: (value: T) => void = () => {};
  readonly #happened = new Promise<T>((resolve) => {
    this.happen = resolve;
  });

  async wait(): Promise<T> {
    const late = sleep(20_000, undefined, { ref: false }).then(() => {
      throw new Error('it did not happen within 20 s');
    });
    return await Promise.race([this.#happened, late]);
  }
}
